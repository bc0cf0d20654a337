package binlogsource

import (
	"bytes"
	"cmp"
	"fmt"
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

// sqlOf writes a part as the server reads it.
func (k keyPart) sqlOf(c *column) string {
	switch c.kind {
	case ofInt:
		return strconv.FormatInt(k.I, 10)
	case ofUint:
		return strconv.FormatUint(k.U, 10)
	case ofText:
		return fmt.Sprintf("(CONVERT(x'%x' USING utf8mb4) COLLATE %s)", k.B, c.collation)
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
