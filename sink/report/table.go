package report

import (
	"fmt"
	"html/template"
	"math/big"
	"reflect"
	"time"

	"github.com/freshet-go/freshet/sink/internal/numbers"
)

// A Table has rows of cells. Numbers stand to the right, in the report's language:
// floats with about four digits that count, integers whole. Times are written in
// their own zone; anything else is what fmt.Sprint makes of it.
type Table struct {
	Caption string
	Columns []string
	Rows    [][]any

	// Most is how many rows are shown. The default is 1,000. How many more there are is
	// said below.
	Most int
}

// html writes the table. It can be scrolled by itself, with the keyboard too, where it is wider than the page.
func (t Table) html(p page) (template.HTML, error) {
	type cell struct {
		Text        string
		Right, Time bool
	}
	most := t.Most
	if most <= 0 {
		most = 1000
	}
	var rows [][]cell
	for _, r := range t.Rows[:min(most, len(t.Rows))] {
		var row []cell
		for i := range t.Columns {
			var c cell
			if i < len(r) {
				c.Text, c.Right = p.cell(r[i])
				_, c.Time = r[i].(time.Time)
			}
			row = append(row, c)
		}
		rows = append(rows, row)
	}
	var head []cell
	for i, name := range t.Columns {
		head = append(head, cell{Text: numbers.Clean(name), Right: len(rows) > 0 && rows[0][i].Right})
	}
	return fill("table", map[string]any{"Caption": numbers.Clean(t.Caption), "Head": head, "Rows": rows, "Width": len(t.Columns), "More": p.Integer(int64(max(0, len(t.Rows)-most)))})
}

// cell writes a value, and reports whether it is a number.
func (p page) cell(value any) (text string, right bool) {
	switch x := value.(type) {
	case nil:
		return "", false
	case time.Time:
		return x.Format("2006-01-02 15:04:05"), false
	case *big.Int:
		return x.String(), true
	case fmt.Stringer, error:
		return numbers.Clean(fmt.Sprint(x)), isNumber(value)
	}
	switch v := reflect.ValueOf(value); {
	case v.CanInt():
		return p.Integer(v.Int()), true
	case v.CanUint() && v.Uint() < 1<<63:
		return p.Integer(int64(v.Uint())), true
	case v.CanFloat():
		return p.Short(v.Float()), true
	}
	return numbers.Clean(fmt.Sprint(value)), isNumber(value)
}

// isNumber reports whether a type is one of numbers, such as money that writes itself.
func isNumber(value any) bool {
	v := reflect.ValueOf(value)
	return v.CanInt() || v.CanUint() || v.CanFloat()
}
