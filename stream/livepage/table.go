package livepage

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// A Table has rows of cells. Numbers stand to the right: integers whole, floats with about four digits
// that count. Times are written in their own zone, and of anything else what fmt.Sprint makes
// of it, at most 500 bytes.
type Table struct {
	Columns []string
	Rows    [][]any

	// Most is how many rows are shown. The default is 100. How many more there are is
	// said below.
	Most int
}

// Table returns a sink that shows the last values of a stream as a table with a name. Its parameters, and when
// make is called, are those of [Page.Show].
func (p *Page) Table[T any](name string, keep int, make func(values []T) Table) stream.Sink[T] {
	return p.show("table", name, keep, func(values []T) (content, error) { return make(values).content() })
}

// A cell is a text that stands to the left or to the right.
type cell struct {
	Text  string
	Right bool
}

func (t Table) content() (content, error) {
	if t.Most <= 0 {
		t.Most = 100
	}
	shown := struct {
		Columns []string
		Rows    [][]cell
		More    int
	}{t.Columns, [][]cell{}, max(0, len(t.Rows)-t.Most)}
	for _, r := range t.Rows[:min(t.Most, len(t.Rows))] {
		row := make([]cell, len(t.Columns)) // what a short row lacks is empty, and what it has beyond is left out
		for i := range row {
			if i < len(r) {
				row[i] = cellOf(r[i])
			}
		}
		shown.Rows = append(shown.Rows, row)
	}
	body, err := json.Marshal(shown, jsontext.AllowInvalidUTF8(true))
	return content{kind: "application/json", body: body}, err
}

func cellOf(value any) cell {
	v := reflect.ValueOf(value)
	number := v.CanInt() || v.CanUint() || v.CanFloat()
	switch x := value.(type) {
	case nil:
		return cell{}
	case time.Time:
		return cell{Text: x.Format("2006-01-02 15:04:05")}
	case fmt.Stringer, error: // money that writes itself, say
		return cell{short(fmt.Sprint(x)), number}
	}
	switch {
	case v.CanInt():
		return cell{grouped(strconv.FormatInt(v.Int(), 10)), true}
	case v.CanUint():
		return cell{grouped(strconv.FormatUint(v.Uint(), 10)), true}
	case v.CanFloat():
		return cell{float(v.Float()), true}
	}
	return cell{short(fmt.Sprint(value)), false}
}

// float writes about four digits that count.
func float(v float64) string {
	switch a := math.Abs(v); {
	case v != v:
		return "–"
	case a != 0 && (a < 1e-4 || a >= 1e15):
		return strconv.FormatFloat(v, 'g', 4, 64)
	case a >= 1000:
		return grouped(strconv.FormatFloat(v, 'f', 0, 64))
	}
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// grouped puts commas between thousands.
func grouped(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// short bounds what a value may write of itself.
func short(s string) string {
	if len(s) <= 500 {
		return s
	}
	return strings.ToValidUTF8(s[:500], "") + "…"
}
