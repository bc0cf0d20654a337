package codec

import (
	"fmt"
	"strings"
)

// layoutOf returns the layout of time.Parse that a format of strftime means.
func layoutOf(format string) (string, error) {
	var layout strings.Builder
	for i := 0; i < len(format); i++ {
		c := format[i]
		switch {
		case c == '%' && i+1 < len(format):
			i++
			part, ok := strftimeLayouts[format[i]]
			if !ok {
				return "", fmt.Errorf("%%%c has no equal in a layout of time.Parse", format[i])
			}
			layout.WriteString(part)
		case c == '%', '0' <= c && c <= '9', c == '\n':
			return "", fmt.Errorf("%q cannot stand in a format of a time", c)
		default:
			layout.WriteByte(c)
		}
	}
	return layout.String(), nil
}

var strftimeLayouts = map[byte]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'h': "Jan", 'B': "January", 'd': "02", 'e': "_2", 'j': "002", 'm': "01",
	'y': "06", 'Y': "2006", 'H': "15", 'I': "03", 'p': "PM", 'M': "04", 'S': "05", 'z': "-0700", 'Z': "MST",
	'D': "01/02/06", 'F': "2006-01-02", 'R': "15:04", 'T': "15:04:05", 'c': "Mon Jan _2 15:04:05 2006", 't': "\t", '%': "%",
}
