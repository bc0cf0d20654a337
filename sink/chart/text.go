package chart

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/freshet-go/freshet/sink/internal/numbers"
)

// breadth estimates how wide text is, in pixels. Which font there will be is not
// known: it is what common ones need, or a little more.
func breadth(s string, size float64) float64 {
	sum := 0.0
	for _, r := range s {
		switch {
		case strings.ContainsRune("iljtfrI.,:;|!'()[] ·", r):
			sum += 0.34
		case strings.ContainsRune("mwMW@%€—<>=+~#&", r):
			sum += 0.9
		case r >= '0' && r <= '9':
			sum += 0.57
		case unicode.IsUpper(r):
			sum += 0.7
		case r == '\u200d' || unicode.Is(unicode.Mn, r):
		case r >= 0x1100:
			sum += 1.05
		default:
			sum += 0.57
		}
	}
	return sum * size
}

// shorten returns s if it is at most width wide, else its beginning and an ellipsis.
func shorten(s string, size, width float64) string {
	if breadth(s, size) <= width {
		return s
	}
	width -= breadth("m", size)
	for i := range s {
		if breadth(s[:i], size) > width {
			_, n := utf8.DecodeLastRuneInString(s[:i])
			return strings.TrimRight(s[:i-n], " ") + "…"
		}
	}
	return s + "…"
}

// wrap breaks s between words into at most three lines of a width.
func wrap(s string, size, width float64) (lines []string) {
	words := strings.Fields(numbers.Clean(s))
	for len(words) > 0 && len(lines) < 3 {
		n := 1
		for n < len(words) && breadth(strings.Join(words[:n+1], " "), size) <= width {
			n++
		}
		if len(lines) == 2 {
			n = len(words)
		}
		lines = append(lines, shorten(strings.Join(words[:n], " "), size, width))
		words = words[n:]
	}
	return lines
}
