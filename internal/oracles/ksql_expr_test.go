package oracles_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A ksqlScope is the two sides of a join, left and right.
type ksqlScope [2]ksqlSide

type ksqlSide struct {
	ksqlSource
	alias string
}

// has reports whether a side has a column. Each has ROWTIME, but not among those
// that a star stands for.
func (s ksqlSide) has(column string) bool {
	return slices.ContainsFunc(s.columns, func(c ksqlColumn) bool { return c.name == column })
}

// A ksqlExpr is an expression on the row of one side.
type ksqlExpr struct {
	of     func(ksqlRow) any
	side   int
	column string // "ALIAS.NAME" where the expression is nothing but a column
}

// column finds what a reference means: "ALIAS.NAME" or, where only one side
// has it, "NAME".
func (s ksqlScope) column(ref string) (name string, side int, err error) {
	alias, column, qualified := strings.Cut(strings.ToUpper(ref), ".")
	if !qualified {
		column = alias
	}
	side = -1
	for i := range s {
		if (s[i].has(column) || column == "ROWTIME") && (!qualified || s[i].alias == alias) {
			if side >= 0 {
				return "", 0, fmt.Errorf("%s is in both sides", ref)
			}
			side = i
		}
	}
	if side < 0 {
		return "", 0, fmt.Errorf("no column %s", ref)
	}
	return s[side].alias + "." + column, side, nil
}

// What is computed of one column: the column is the first group.
var ksqlFunctions = []struct {
	form *regexp.Regexp
	of   func(v any, args []string) any
}{
	{ksqlForm(`ABS\((.+)\)`), func(v any, _ []string) any { return math.Abs(v.(float64)) }},
	{ksqlForm(`CAST\((.+) AS (?:INT|BIGINT)\)`), func(v any, _ []string) any { return math.Trunc(v.(float64)) }},
	{ksqlForm(`SUBSTRING\((.+), (\d+)\)`), func(v any, args []string) any { return v.(string)[ksqlInt(args[0])-1:] }},
	{ksqlForm(`(.+)\[(\d+)\]`), func(v any, args []string) any { return v.([]any)[ksqlInt(args[0])-1] }},
	{ksqlForm(`(.+) \+ (\d+)`), func(v any, args []string) any { return v.(float64) + float64(ksqlInt(args[0])) }},
	{ksqlForm(`-(.+)`), func(v any, _ []string) any { return -v.(float64) }},
	{ksqlForm(`\(CASE WHEN (.+) = (\d+) THEN (\d+) ELSE (\d+) END\)`), func(v any, args []string) any {
		if v == float64(ksqlInt(args[0])) {
			return float64(ksqlInt(args[1]))
		}
		return float64(ksqlInt(args[2]))
	}},
}

func ksqlInt(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return n
}

// expr reads an expression of one column.
func (s ksqlScope) expr(text string) (ksqlExpr, error) {
	if strings.Contains(text, "->") {
		return ksqlExpr{}, ksqlStructs
	}
	for _, f := range ksqlFunctions {
		if m := f.form.FindStringSubmatch(text); m != nil {
			arg, err := s.expr(m[1])
			if err != nil {
				return ksqlExpr{}, err
			}
			return ksqlExpr{of: func(r ksqlRow) any { return f.of(arg.of(r), m[2:]) }, side: arg.side}, nil
		}
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return ksqlExpr{of: func(ksqlRow) any { return n }}, nil
	}
	name, side, err := s.column(text)
	return ksqlExpr{func(r ksqlRow) any { return r.columns[name] }, side, name}, err
}

// kind returns the type of a column.
func (s ksqlScope) kind(name string) ksqlColumn {
	for _, side := range s {
		for _, c := range side.columns {
			if side.alias+"."+c.name == name {
				return c
			}
		}
	}
	return ksqlColumn{kind: "STRING"}
}

var ksqlCondition = ksqlForm(`(.+) (<|=) (.+)`)

// read reads what a join selects, the two sides of its ON, and its WHERE.
func (q *ksqlJoin) read(selects, left, right, where string) error {
	for i, text := range []string{left, right} {
		e, err := q.scope.expr(text)
		if err != nil {
			return err
		}
		if kind := q.scope.kind(e.column).kind; strings.HasPrefix(kind, "ARRAY<") || strings.HasPrefix(kind, "STRUCT<") {
			return ksqlStructs
		}
		q.on[i] = e
	}
	if q.on[0].side > q.on[1].side {
		q.on[0], q.on[1] = q.on[1], q.on[0]
	}
	if q.on[0].side == q.on[1].side {
		return fmt.Errorf("%s and %s are of one side", left, right)
	}
	q.where = func(ksqlRow) bool { return true }
	if m := ksqlCondition.FindStringSubmatch(where); m != nil {
		a, errA := q.scope.expr(m[1])
		b, errB := q.scope.expr(m[3])
		if errA != nil || errB != nil {
			return fmt.Errorf("cannot read WHERE %s", where)
		}
		q.where = func(r ksqlRow) bool {
			if m[2] == "=" {
				return a.of(r) == b.of(r)
			}
			return a.of(r).(float64) < b.of(r).(float64)
		}
	} else if where != "" {
		return fmt.Errorf("cannot read WHERE %s", where)
	}
	return q.project(selects)
}

var ksqlItem = ksqlForm(`([\w.]+)(?: (?:AS )?(\w+))?`)

// project reads what a join selects. Columns of a star have their side's alias
// before them, and so has a column without a name of its own that both sides
// have. The column of ON that is selected, the left one if both are, becomes
// the key and leaves the value.
func (q *ksqlJoin) project(selects string) error {
	for _, item := range ksqlSplit(selects) {
		if strings.HasSuffix(item, "*") {
			for _, s := range q.scope {
				if item != "*" && !strings.EqualFold(item, s.alias+".*") {
					continue
				}
				for _, c := range s.columns {
					q.outputs = append(q.outputs, ksqlOutput{s.alias + "_" + c.name, s.alias + "." + c.name})
				}
			}
			continue
		}
		m := ksqlItem.FindStringSubmatch(item)
		if m == nil {
			return fmt.Errorf("cannot read %s", item)
		}
		if m[1] == "ROWKEY" && q.on[0].column == "" && q.on[1].column == "" {
			continue // what ON computes: the key
		}
		column, _, err := q.scope.column(m[1])
		if err != nil {
			return err
		}
		alias, name, _ := strings.Cut(column, ".")
		switch {
		case m[2] != "":
			name = strings.ToUpper(m[2])
		case q.scope[0].has(name) && q.scope[1].has(name), name == "ROWTIME":
			name = alias + "_" + name
		}
		q.outputs = append(q.outputs, ksqlOutput{name, column})
	}
	for _, e := range q.on {
		at := slices.IndexFunc(q.outputs, func(o ksqlOutput) bool { return o.column == e.column })
		if at >= 0 {
			q.key, q.outputs = e.column, slices.Delete(q.outputs, at, at+1)
			break
		}
	}
	return nil
}
