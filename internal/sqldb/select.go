package sqldb

import (
	"fmt"
	"strings"
)

// A Select reads a part of a table in the order of its keys.
type Select struct {
	Dialect Dialect
	Table   string
	Columns []string
	Keys    []string
	Where   string // of the caller, whose parameters come first
	Given   int    // how many of them there are

	After, Upto bool // only rows behind some keys, and only up to some
	Down        bool
	Offset      int64
}

// Statement returns the statement, and for each of its parameters behind the caller's which key it is: of
// those that rows are behind, and with len(Keys) added of those that they go up to. The number behind all these is
// the limit: so there is always a parameter, and MySQL answers each page in the same way.
func (s Select) Statement() (text string, parameters []int) {
	var b strings.Builder
	fmt.Fprintf(&b, "SELECT %s FROM %s", s.Dialect.List(s.Columns), s.Dialect.Table(s.Table))
	word := " WHERE "
	if s.Where != "" {
		fmt.Fprintf(&b, "%s(%s)", word, s.Where)
		word = " AND "
	}
	parameter := func(key int) string {
		parameters = append(parameters, key)
		return string(s.Dialect.AppendParameter(nil, s.Given+len(parameters)))
	}
	if s.After {
		b.WriteString(word)
		s.bound(&b, ">", ">", 0, parameter)
		word = " AND "
	}
	if s.Upto {
		b.WriteString(word)
		s.bound(&b, "<", "<=", len(s.Keys), parameter)
	}
	b.WriteString(" ORDER BY ")
	for i, key := range s.Keys {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s.Dialect.Quote(key))
		if s.Down {
			b.WriteString(" DESC")
		}
	}
	fmt.Fprintf(&b, " LIMIT %s", parameter(2*len(s.Keys)))
	if s.Offset > 0 {
		fmt.Fprintf(&b, " OFFSET %d", s.Offset)
	}
	return b.String(), parameters
}

// bound compares tuples of keys. Some databases do not use an index for (a, b) > (?, ?), so it is
// spelled out, with what the first key alone has to be in front.
func (s Select) bound(b *strings.Builder, strict, last string, from int, parameter func(int) string) {
	n := len(s.Keys)
	if n > 1 {
		fmt.Fprintf(b, "%s %s= %s AND ", s.Dialect.Quote(s.Keys[0]), strict, parameter(from))
	}
	for i, key := range s.Keys {
		name := s.Dialect.Quote(key)
		if i == n-1 {
			fmt.Fprintf(b, "%s %s %s", name, last, parameter(from+i))
			break
		}
		fmt.Fprintf(b, "(%s %s %s OR (%s = %s AND ", name, strict, parameter(from+i), name, parameter(from+i))
	}
	b.WriteString(strings.Repeat("))", n-1))
}
