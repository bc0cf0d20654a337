package eval

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Report is a table of figures for people: a row for each model, the baselines below a line.
type Report struct {
	Title   string
	Columns []string
	Rows    []ReportRow
	Notes   []string // sentences below the table
}

// A ReportRow is a model and its figures, one for each column.
type ReportRow struct {
	Name     string
	Baseline bool
	Values   []float64
}

// settle puts the baselines last, and says of each model whether it is better than the best of them.
func (r *Report) settle(column int, greater bool, figure string) {
	slices.SortStableFunc(r.Rows, func(a, b ReportRow) int {
		switch {
		case a.Baseline == b.Baseline:
			return 0
		case a.Baseline:
			return 1
		}
		return -1
	})
	best := -1
	beats := func(a, b float64) bool { return greater && a > b || !greater && a < b }
	for i, row := range r.Rows {
		if row.Baseline && !math.IsNaN(row.Values[column]) && (best < 0 || beats(row.Values[column], r.Rows[best].Values[column])) {
			best = i
		}
	}
	if best < 0 {
		return
	}
	base := r.Rows[best]
	for _, row := range r.Rows {
		switch v := row.Values[column]; {
		case row.Baseline || math.IsNaN(v):
		case beats(v, base.Values[column]):
			r.Notes = append(r.Notes, fmt.Sprintf("%s is better than the best baseline, %s: %s %s against %s.", row.Name, base.Name, figure, figureOf(v), figureOf(base.Values[column])))
		default:
			r.Notes = append(r.Notes, fmt.Sprintf("%s is not better than the baseline %s: %s %s against %s.", row.Name, base.Name, figure, figureOf(v), figureOf(base.Values[column])))
		}
	}
}

// String returns the table as text with a line end behind each line. A figure that there is none of, NaN, is a dash.
func (r *Report) String() string {
	cells := [][]string{append([]string{""}, r.Columns...)}
	for _, row := range r.Rows {
		line := []string{row.Name}
		for _, v := range row.Values {
			line = append(line, figureOf(v))
		}
		cells = append(cells, line)
	}
	var widths []int
	for _, line := range cells {
		for i, c := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	var b strings.Builder
	if r.Title != "" {
		b.WriteString(r.Title + "\n")
	}
	for n, line := range cells {
		if n > 1 && r.Rows[n-1].Baseline && !r.Rows[n-2].Baseline {
			all := 2 * (len(widths) - 1)
			for _, w := range widths {
				all += w
			}
			b.WriteString(strings.Repeat("-", all) + "\n")
		}
		text := ""
		for i, c := range line {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
			if i == 0 {
				text += c + pad
			} else {
				text += "  " + pad + c
			}
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	for _, note := range r.Notes {
		b.WriteString(note + "\n")
	}
	return b.String()
}

// figureOf prints what people can compare at a glance: whole numbers as they are, others with four digits.
func figureOf(v float64) string {
	switch {
	case math.IsNaN(v):
		return "-"
	case math.IsInf(v, 0):
		return strconv.FormatFloat(v, 'g', -1, 64)
	case v == math.Trunc(v) && math.Abs(v) >= 10 && math.Abs(v) < 1e15:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case math.Abs(v) >= 1e7 || v != 0 && math.Abs(v) < 1e-4:
		return strconv.FormatFloat(v, 'g', 4, 64)
	case math.Abs(v) >= 100:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case math.Abs(v) >= 10:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'f', 4, 64)
}
