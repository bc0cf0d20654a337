// Package numbers writes numbers and names as charts and reports show them.
package numbers

import (
	"math"
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// A Format writes numbers in a language.
type Format struct{ printer *message.Printer }

// New returns the format of a language, English if tag is not set.
func New(tag language.Tag) Format {
	if tag == (language.Tag{}) {
		tag = language.English
	}
	return Format{message.NewPrinter(tag)}
}

// Fixed writes v with as many digits as tell it from v + step.
func (f Format) Fixed(v, step float64) string {
	step = math.Abs(step)
	if math.Abs(v) < step/1e6 {
		v = 0 // -0, or what adding up steps has left
	}
	if a := math.Abs(v); a >= 1e15 || step < 1e-6 {
		digits := 2
		if a > 0 && step > 0 {
			digits = min(max(int(math.Floor(math.Log10(a))-math.Floor(math.Log10(step))), 0), 15)
		}
		return f.power(v, digits)
	}
	digits := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	return f.decimal(v, digits)
}

// Short writes v with about four digits that count.
func (f Format) Short(v float64) string {
	switch a := math.Abs(v); {
	case v != v:
		return "–"
	case math.IsInf(v, 0):
		return strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), "Inf", "∞", 1)
	case v == 0:
		return f.decimal(0, 0)
	case a >= 1e12 || a < 1e-4:
		return f.power(v, 3)
	default:
		digits := min(max(0, 3-int(math.Floor(math.Log10(a)))), 6)
		return f.printer.Sprint(number.Decimal(v, number.MaxFractionDigits(digits)))
	}
}

func (f Format) decimal(v float64, digits int) string {
	return f.printer.Sprint(number.Decimal(v, number.MinFractionDigits(digits), number.MaxFractionDigits(digits)))
}

// Share writes a share of one as per cent.
func (f Format) Share(v float64) string {
	digits := 0
	switch a := math.Abs(v); {
	case v != v:
		return "–"
	case math.IsInf(v, 0):
		return f.Short(v) + "%"
	case a >= 1e6:
		return f.power(100*v, 3) + "%"
	case a > 0 && a < 0.1:
		digits = 1
	}
	return f.printer.Sprint(number.Percent(v, number.MinFractionDigits(digits), number.MaxFractionDigits(digits)))
}

// Integer writes all digits of n.
func (f Format) Integer(n int64) string { return f.printer.Sprint(number.Decimal(n)) }

// power writes v as 1.5·10¹⁸.
func (f Format) power(v float64, digits int) string {
	if v == 0 {
		return f.decimal(0, 0)
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', digits, 64), "e")
	m, _ := strconv.ParseFloat(mantissa, 64)
	e, _ := strconv.Atoi(exponent)
	raised := strings.NewReplacer("-", "⁻", "0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")
	return f.printer.Sprint(number.Decimal(m, number.MaxFractionDigits(digits))) + "·10" + raised.Replace(strconv.Itoa(e))
}
