package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// An Order is one line of an order, or of what was paid back for one. Its
// methods are what the pipeline asks for.
type Order struct {
	ID       string    `json:"id"` // the same for all lines of an order
	Time     time.Time `json:"time"`
	Buyer    string    `json:"customer,omitzero"`
	SKU      string    `json:"product"`
	Range    string    `json:"category"`
	Quantity int64     `json:"quantity"`
	Price    Money     `json:"price"`
	Refund   bool      `json:"refund,omitzero"`
}

func (o Order) PaidAt() time.Time { return o.Time }
func (o Order) Number() string    { return o.ID }
func (o Order) Customer() string  { return o.Buyer }
func (o Order) Product() string   { return o.SKU }
func (o Order) Category() string  { return o.Range }
func (o Order) Units() int64      { return o.Quantity }
func (o Order) Amount() Money     { return Money(o.Quantity) * o.Price }

// HasCustomer reports whether it is known who bought.
func (o Order) HasCustomer() bool { return o.Buyer != "" }

// Refunded reports whether money was paid back.
func (o Order) Refunded() bool { return o.Refund }

// Sold reports whether the line is clean: something was sold for money. Gifts,
// samples and corrections of the stock are not.
func (o Order) Sold() bool { return !o.Refund && o.Quantity > 0 && o.Price > 0 }

// Money is an amount in thousandths of the currency: whole numbers, so that a
// sum is exact in whatever order it is added up.
type Money int64

const whole Money = 1000

// UnmarshalText reads a decimal number with up to three decimals: "2.55".
func (m *Money) UnmarshalText(text []byte) error {
	s := string(text)
	digits, negative := strings.CutPrefix(s, "-")
	units, fraction, _ := strings.Cut(digits, ".")
	if units == "" || len(fraction) > 3 {
		return fmt.Errorf("%q is not an amount with up to three decimals", s)
	}
	n, err := strconv.ParseUint(units+fraction+"000"[len(fraction):], 10, 62)
	if err != nil {
		return fmt.Errorf("%q is not an amount: %w", s, err)
	}
	if *m = Money(n); negative {
		*m = -*m
	}
	return nil
}

// MarshalText writes all three decimals.
func (m Money) MarshalText() ([]byte, error) {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	return fmt.Appendf(nil, "%s%d.%03d", sign, m/whole, m%whole), nil
}

// String writes two decimals, rounded, and commas: "10,666,684.54".
func (m Money) String() string {
	if m < 0 {
		return "-" + (-m).String()
	}
	cents := int64(m+5) / 10
	return fmt.Sprintf("%s.%02d", count(cents/100), cents%100)
}

// count writes a number that is not negative with commas: "541,909".
func count(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return fmt.Sprintf("%s,%03d", count(n/1000), n%1000)
}
