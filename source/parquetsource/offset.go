package parquetsource

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An offset is how far a part of a file has been read, and all that a later run needs to know of it: nothing is read
// out of names.
type offset struct {
	name  string // of the file
	begin int    // the row group that the part begins with
	group int    // where to go on
	row   int64  // in group
	base  int64  // rows of the files before, where files share a partition
	print string // the fingerprint of the file
}

// String returns "group=3 row=1200 begin=2 print=1f8a-9f86d081884c7d65 file="orders.parquet"". Begin and base are left out
// if they are zero.
func (o offset) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "group=%d row=%d", o.group, o.row)
	if o.begin != 0 {
		fmt.Fprintf(&b, " begin=%d", o.begin)
	}
	if o.base != 0 {
		fmt.Fprintf(&b, " base=%d", o.base)
	}
	if o.print != "" {
		b.WriteString(" print=" + o.print)
	}
	b.WriteString(" file=" + strconv.Quote(o.name))
	return b.String()
}

var errOffset = errors.New("no offset of a Parquet file")

// parseOffset reads what String returns.
func parseOffset(s string) (o offset, err error) {
	for {
		key, value, found := strings.Cut(s, "=")
		if !found {
			return o, errOffset
		}
		if key == "file" {
			if o.name, err = strconv.Unquote(value); err != nil || o.name == "" || o.group < o.begin {
				return o, errOffset
			}
			return o, nil
		}
		value, s, _ = strings.Cut(value, " ")
		if key == "print" {
			o.print = value
			continue
		}
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 {
			return o, errOffset
		}
		switch key {
		case "group":
			o.group = int(n)
		case "row":
			o.row = n
		case "begin":
			o.begin = int(n)
		case "base":
			o.base = n
		default: // of a later version
			return o, errOffset
		}
	}
}

const fromGroup = " from row group "

// label returns a file's name as it is shown, and as its partition is called: the name itself, or, where that
// would not be text on one line or could be taken for another label, in quotes.
func label(name string) string {
	if strings.Contains(name, fromGroup) || strings.HasPrefix(name, `"`) || !utf8.ValidString(name) ||
		strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(name)
	}
	return name
}

// partLabel returns how the part of a file that begins with a row group is called.
func partLabel(name string, group int) string {
	if group == 0 {
		return label(name)
	}
	return label(name) + fromGroup + strconv.Itoa(group)
}
