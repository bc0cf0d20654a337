package service

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Figures are all results as texts, in sets by key: those that were found, or those of the books.
type Figures map[string]map[string]string

const (
	conversions = "conversion by hour"
	revenues    = "revenue by minute"
	boards      = "top products by category and hour"
	carts       = "abandoned carts"
	alerts      = "stock alerts"
	counters    = "counters"
)

// sets are those of every shop.
var sets = []string{conversions, revenues, boards, carts, alerts, counters}

// names are those of all sets, in the order in which they are shown.
func (f Figures) names() []string {
	more := slices.DeleteFunc(slices.Sorted(maps.Keys(f)), func(set string) bool { return slices.Contains(sets, set) })
	return append(slices.Clone(sets), more...)
}

// Add adds a figure to a set.
func (f Figures) Add(set, key, text string) {
	if f[set] == nil {
		f[set] = map[string]string{}
	}
	f[set][key] = text
}

// Count adds a counter.
func (f Figures) Count(name, n string) { f.Add(counters, name, n) }

func newFigures() Figures {
	f := Figures{}
	for _, set := range sets {
		f[set] = map[string]string{}
	}
	return f
}

func (f Figures) conversion(h Hour) {
	f[conversions][minuteText(h.Start)] = fmt.Sprintf("%d of %d visits bought", h.Bought, h.Visits)
}

func (f Figures) revenue(m Minute) {
	f[revenues][minuteText(m.Start)] = fmt.Sprintf("%d orders, %s", m.Orders, Money(m.Cents))
}

// board shows the five products with most units, of equals the one whose name comes first.
func (f Figures) board(key string, units map[string]int64) {
	best := slices.SortedFunc(maps.Keys(units), func(a, b string) int {
		return cmp.Or(cmp.Compare(units[b], units[a]), cmp.Compare(a, b))
	})
	var all []string
	for _, sku := range best[:min(5, len(best))] {
		all = append(all, fmt.Sprint(sku, " ", units[sku]))
	}
	f[boards][key] = strings.Join(all, ", ")
}

func (f Figures) abandoned(c Cart) {
	f[carts][c.Visitor] = fmt.Sprintf("%d items, %s, left at %s", c.Items, Money(c.Cents), c.At.Format("15:04:05.000"))
}

func (f Figures) alert(s Stock) { f[alerts][s.SKU] = fmt.Sprintf("%d left", s.Units) }

func minuteText(t time.Time) string { return t.Format("2006-01-02 15:04") }

// Money writes an amount of cents: "1,234.56".
func Money(cents int64) string { return fmt.Sprintf("%s.%02d", thousands(cents/100), cents%100) }

// thousands writes a number that is not negative with commas: "541,909".
func thousands(n int64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// Equal reports whether two have the same figures.
func (f Figures) Equal(g Figures) bool { return maps.EqualFunc(f, g, maps.Equal[map[string]string]) }

const shown = 3 // figures of a set

// print shows some of each set, from the middle of the day.
func (f Figures) print(w io.Writer) {
	for _, set := range f.names() {
		keys := slices.Sorted(maps.Keys(f[set]))
		fmt.Fprintf(w, "\n%s: %s\n", set, thousands(int64(len(keys))))
		from := max(0, len(keys)-shown) / 2
		for _, key := range keys[from:min(from+shown, len(keys))] {
			fmt.Fprintf(w, "  %-24s  %s\n", key, f[set][key])
		}
	}
}

// ErrBooks is the error of results that are not those of the books.
var ErrBooks = errors.New("the results differ from the books")

// Check says in which sets what was found is what the books have.
func (f Figures) Check(w io.Writer, books Figures) (err error) {
	fmt.Fprintf(w, "\nchecked against the books of the traffic\n\n")
	for _, set := range books.names() {
		if maps.Equal(f[set], books[set]) {
			fmt.Fprintf(w, "  ok      %s\n", set)
			continue
		}
		err = ErrBooks
		fmt.Fprintf(w, "  DIFFER  %s\n", set)
		all := maps.Clone(books[set])
		maps.Copy(all, f[set])
		wrong := slices.DeleteFunc(slices.Sorted(maps.Keys(all)), func(key string) bool { return f[set][key] == books[set][key] })
		for _, key := range wrong[:min(shown, len(wrong))] {
			fmt.Fprintf(w, "            %s: found %q, books %q\n", key, f[set][key], books[set][key])
		}
	}
	return err
}
