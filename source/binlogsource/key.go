package binlogsource

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A keyPart is the value of one column of a primary key, such that comparing parts is what
// the server's order does.
type keyPart struct {
	I int64  `json:"i,omitzero"`
	U uint64 `json:"u,omitzero"`
	B []byte `json:"b,omitzero"` // base64 in JSON
}

func keyPartOf(v *value) keyPart {
	switch v.kind {
	case isInt:
		return keyPart{I: v.i}
	case isUint:
		return keyPart{U: v.u}
	}
	return keyPart{B: append([]byte{}, v.text(nil)...)}
}

// compareKeys orders keys as the server does. Columns are those of the key.
func compareKeys(columns []*column, a, b []keyPart) int {
	for i, c := range columns {
		if o := cmp.Or(cmp.Compare(a[i].I, b[i].I), cmp.Compare(a[i].U, b[i].U), c.compare(a[i].B, b[i].B)); o != 0 {
			return o
		}
	}
	return 0
}

// compare orders bytes, or text in a binary collation. Most of those take a text for as long as the
// other, with spaces at its end.
func (c *column) compare(a, b []byte) int {
	n := min(len(a), len(b))
	if o := bytes.Compare(a[:n], b[:n]); o != 0 || c.kind != ofText || noPad(c.collation) {
		return cmp.Or(o, cmp.Compare(len(a), len(b)))
	}
	for _, x := range a[n:] {
		if x != ' ' {
			return cmp.Compare(x, ' ')
		}
	}
	for _, x := range b[n:] {
		if x != ' ' {
			return cmp.Compare(' ', x)
		}
	}
	return 0
}

func noPad(collation string) bool {
	return strings.HasSuffix(collation, "_nopad_bin") || collation == "utf8mb4_0900_bin"
}

// ordered reports whether compare does what the server does.
func (c *column) ordered() bool {
	switch c.kind {
	case ofInt, ofUint, ofBytes, ofDate:
		return true
	case ofText:
		return c.charset == utf8 && strings.HasSuffix(c.collation, "_bin")
	}
	return false
}

// keyOf says what the columns of a key are: After, of the one, says nothing where they are others.
func keyOf(columns []*column) (all []string) {
	for _, c := range columns {
		all = append(all, c.identity)
	}
	return all
}

// goesBy reports whether After is a key of these columns, as far as is known.
func (p *progress) goesBy(columns []*column) bool {
	if len(p.After) == 0 {
		return true
	}
	if len(p.After) != len(columns) || p.Key != nil && !slices.Equal(p.Key, keyOf(columns)) {
		return false
	}
	for i, c := range columns {
		k := p.After[i]
		switch c.kind {
		case ofInt:
			k.I = 0
		case ofUint:
			k.U = 0
		default:
			k.B = nil
		}
		if k.I != 0 || k.U != 0 || k.B != nil {
			return false // it was a key of another kind
		}
	}
	return true
}

// sqlOf writes a part as the server reads it.
func (k keyPart) sqlOf(c *column) string {
	switch c.kind {
	case ofInt:
		return strconv.FormatInt(k.I, 10)
	case ofUint:
		return strconv.FormatUint(k.U, 10)
	case ofText:
		return fmt.Sprintf("(CONVERT(x'%x' USING %s) COLLATE %s)", k.B, c.charsetName, c.collation) // UTF-8 is what all that are ordered have
	case ofDate:
		return "'" + string(k.B) + "'"
	}
	return fmt.Sprintf("x'%x'", k.B)
}

// behind returns the condition that a row stands behind key.
func behind(columns []*column, key []keyPart) string {
	var either []string
	for i := range columns {
		var all []string
		for j := range i {
			all = append(all, quoted(columns[j].name)+" = "+key[j].sqlOf(columns[j]))
		}
		all = append(all, quoted(columns[i].name)+" > "+key[i].sqlOf(columns[i]))
		either = append(either, "("+strings.Join(all, " AND ")+")")
	}
	first := quoted(columns[0].name) + " >= " + key[0].sqlOf(columns[0]) // for optimizers that make no range of an OR
	return first + " AND (" + strings.Join(either, " OR ") + ")"
}
