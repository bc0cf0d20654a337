package source

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A fileOffset is how far a part of a file has been read, and all that a later
// run needs to know of it: nothing is read out of names.
type fileOffset struct {
	name    string // of the file
	begin   int64  // where the part begins
	at      int64  // where to go on
	base    int64  // bytes of the files before, where files share a partition
	print   string // the fingerprint of what stands before at, if known
	unended int64  // so many bytes before at are a record that only the end of the file ended
	cut     bool   // at stands in a record that has been dealt with: rejected as too long, or read with the part before
}

// String returns "at=120 begin=64 print=9f86d081884c7d65 file="orders.jsonl"".
// What is zero is left out, but for at.
func (o fileOffset) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "at=%d", o.at)
	for _, n := range []struct {
		key   string
		value int64
	}{{"begin", o.begin}, {"base", o.base}, {"unended", o.unended}} {
		if n.value != 0 {
			fmt.Fprintf(&b, " %s=%d", n.key, n.value)
		}
	}
	if o.cut {
		b.WriteString(" cut=1")
	}
	if o.print != "" {
		b.WriteString(" print=" + o.print)
	}
	b.WriteString(" file=" + strconv.Quote(o.name))
	return b.String()
}

var errOffset = errors.New("no offset of a file")

// parseOffset reads what String returns. It reports false for an offset as
// version 0.1.0 wrote it, which begins with a digit.
func parseOffset(s string) (o fileOffset, ok bool, err error) {
	if !strings.HasPrefix(s, "at=") {
		return o, false, nil
	}
	for rest := s; ; {
		key, value, found := strings.Cut(rest, "=")
		if !found {
			return o, true, errOffset
		}
		if key == "file" {
			if o.name, err = strconv.Unquote(value); err != nil || o.name == "" {
				return o, true, errOffset
			}
			break
		}
		value, rest, _ = strings.Cut(value, " ")
		if key == "print" {
			o.print = value
			continue
		}
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 0 {
			return o, true, errOffset
		}
		switch key {
		case "at":
			o.at = n
		case "begin":
			o.begin = n
		case "base":
			o.base = n
		case "unended":
			o.unended = n
		case "cut":
			o.cut = n != 0
		default: // of a later version
			return o, true, errOffset
		}
	}
	if o.at < o.begin || o.unended > o.at-o.begin {
		return o, true, errOffset
	}
	return o, true, nil
}

const fromByte = " from byte "

// label returns a file's name as it is shown, and as its partition is called:
// the name itself, or, where that would not be text on one line or could be
// taken for another label, in quotes.
func label(name string) string {
	_, _, part := oldPartition(name)
	if part || strings.HasPrefix(name, `"`) || !utf8.ValidString(name) || strings.ContainsFunc(name, notPrinted) {
		return strconv.Quote(name)
	}
	return name
}

func notPrinted(r rune) bool { return !unicode.IsPrint(r) }

// partLabel returns how the part of a file that begins at a byte is called.
func partLabel(name string, begin int64) string {
	return label(name) + fromByte + strconv.FormatInt(begin, 10)
}

// oldPartition takes the name of a partition apart, as version 0.1.0 wrote that
// of a part. It reports false if it does not look like one.
func oldPartition(partition string) (name string, begin int64, ok bool) {
	i := strings.LastIndex(partition, fromByte)
	if i < 0 {
		return "", 0, false
	}
	n, err := strconv.ParseInt(partition[i+len(fromByte):], 10, 64)
	return partition[:i], n, err == nil && n >= 0
}
