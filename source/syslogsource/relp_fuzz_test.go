package syslogsource

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// parseRELP agrees with the grammar, wherever data ends.
func FuzzCommands(f *testing.F) {
	for _, in := range []string{
		"", "1", "1 ", "1 open 0\n", "1 open 0 \n", "1 open 5 hello\n", "17 syslog 999999999 x", "1 open 1\n", "0 serverclose 0\n", "1234567890 open 0\n",
		"1  0\n", "1 open  \n", "1 op1n 0\n", "-1 open 0\n", "1 " + strings.Repeat("a", 32) + " 0\n", "1 " + strings.Repeat("a", 33) + " 0\n", "1 open 1234567890 ", "01 open 00 x",
	} {
		f.Add([]byte(in))
	}
	header := regexp.MustCompile(`^([0-9]{1,9}) ([A-Za-z]{1,32}) ([0-9]{1,9}) `)
	short := regexp.MustCompile("^([0-9]{1,9}) ([A-Za-z]{1,32}) (0{1,9})\n")
	begun := regexp.MustCompile(`^[0-9]{0,9}$|^[0-9]{1,9} [A-Za-z]{0,32}$|^[0-9]{1,9} [A-Za-z]{1,32} [0-9]{0,9}$`)
	f.Fuzz(func(t *testing.T, in []byte) {
		h, err := parseRELP(in)
		fields := header.FindSubmatch(in)
		if fields == nil {
			fields = short.FindSubmatch(in)
		}
		switch {
		case fields != nil:
			require.NoError(t, err, "%q", in)
			size := len(fields[0])
			if in[size-1] == '\n' {
				size--
			}
			number, _ := strconv.Atoi(string(fields[1]))
			length, _ := strconv.Atoi(string(fields[3]))
			require.Equal(t, relpHeader{number, fields[2], length, size}, h, "%q", in)
			again, err := parseRELP(fmt.Appendf(nil, "%d %s %d ", h.number, h.command, h.length))
			require.NoError(t, err)
			again.size = h.size
			require.Equal(t, h, again, "%q", in)
		case begun.Match(in):
			require.NoError(t, err, "%q", in)
			require.Zero(t, h.size, "%q", in)
		default:
			require.Error(t, err, "%q", in)
		}
	})
}
