package sqldb

import "unicode/utf8"

// Shorten returns s, or its beginning with "…" behind it where it has more runes than most.
func Shorten(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}
