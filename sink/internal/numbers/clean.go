package numbers

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean returns s as it may be shown: without what is no text, or would turn the
// direction of the text around it. Line breaks are spaces.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r != utf8.RuneError && (unicode.IsPrint(r) || r == '\u200d' || unicode.IsSpace(r) && r > 0x85):
			return r
		}
		return utf8.RuneError
	}, s)
}
