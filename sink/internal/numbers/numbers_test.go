package numbers

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/text/language"
)

// Numbers have the digits, signs and separators of their language.
func TestByLanguage(t *testing.T) {
	for _, c := range []struct {
		tag                          language.Tag
		integer, short, share, fixed string
	}{
		{language.Tag{}, "-1,234,567", "1,234", "12%", "-0.50"},
		{language.German, "-1.234.567", "1.234", "12\u00a0%", "-0,50"},
		{language.French, "-1\u00a0234\u00a0567", "1\u00a0234", "12\u00a0%", "-0,50"},
		{language.Hindi, "-12,34,567", "1,234", "12%", "-0.50"},
		{language.Swedish, "−1\u00a0234\u00a0567", "1\u00a0234", "12\u00a0%", "−0,50"},
		{language.Persian, "\u200e−۱٬۲۳۴٬۵۶۷", "۱٬۲۳۴", "۱۲٪", "\u200e−۰٫۵۰"},
	} {
		f := New(c.tag)
		assert.Equal(t, []string{c.integer, c.short, c.share, c.fixed}, []string{f.Integer(-1_234_567), f.Short(1234.4), f.Share(0.123), f.Fixed(-0.5, 0.01)}, c.tag)
	}
}

func TestExtremes(t *testing.T) {
	f := New(language.English)
	for v, want := range map[float64]string{
		0: "0", math.Copysign(0, -1): "0", 0.00012345: "0.000123", 1e-9: "1·10⁻⁹", 999_999_999_999: "999,999,999,999", 1e12: "1·10¹²", -1.5e300: "-1.5·10³⁰⁰",
		math.Inf(1): "+∞", math.Inf(-1): "-∞", math.MaxFloat64: "1.798·10³⁰⁸", math.SmallestNonzeroFloat64: "4.941·10⁻³²⁴",
	} {
		assert.Equal(t, want, f.Short(v), "%g", v)
	}
	assert.Equal(t, "–", f.Short(math.NaN()))
	for v, want := range map[float64]string{0: "0%", 0.0004: "0.0%", 0.087: "8.7%", 1: "100%", 2e6: "2·10⁸%", -0.5: "-50%", math.Inf(1): "+∞%"} {
		assert.Equal(t, want, f.Share(v), "%g", v)
	}
	assert.Equal(t, "–", f.Share(math.NaN()))
	assert.Equal(t, "9,223,372,036,854,775,807", f.Integer(math.MaxInt64))
}

// What is no text, or turns the text around it, is replaced; what is text stays.
func TestClean(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "a\tb\r\nc": "a b  c", "\x00\x1b[31m": "\ufffd\ufffd[31m", "\xff": "\ufffd", "a\u202eb\u2066c\u200f": "a\ufffdb\ufffdc\ufffd",
		"日本語 😀 שלום é": "日本語 😀 שלום é", "12\u00a0%\u202f€": "12\u00a0%\u202f€", "👩\u200d👩": "👩\u200d👩",
	} {
		assert.Equal(t, want, Clean(s), "%q", s)
	}
}
