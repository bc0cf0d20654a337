package redisio

import (
	"bytes"
	"cmp"
	"fmt"
	"strconv"
	"time"
)

// An ID is the id of an entry of a stream: milliseconds, and a number that tells
// those of one millisecond apart. The zero ID is before all entries.
type ID struct{ Millis, Seq uint64 }

// ParseID parses "1692632086370-0", and "1692632086370" as Redis does.
func ParseID[S ~string | ~[]byte](s S) (id ID, err error) {
	millis, seq, two := bytes.Cut([]byte(s), []byte{'-'})
	id.Millis, err = strconv.ParseUint(string(millis), 10, 64)
	if err == nil && two {
		id.Seq, err = strconv.ParseUint(string(seq), 10, 64)
	}
	if err != nil {
		return ID{}, fmt.Errorf("redisio: %q is no id of a stream entry", s)
	}
	return id, nil
}

// Append appends the id as Redis writes it.
func (id ID) Append(dst []byte) []byte {
	dst = append(strconv.AppendUint(dst, id.Millis, 10), '-')
	return strconv.AppendUint(dst, id.Seq, 10)
}

func (id ID) String() string { return string(id.Append(nil)) }

// Compare orders ids as the stream does.
func (id ID) Compare(other ID) int {
	return cmp.Or(cmp.Compare(id.Millis, other.Millis), cmp.Compare(id.Seq, other.Seq))
}

// After reports whether id is behind other.
func (id ID) After(other ID) bool { return id.Compare(other) > 0 }

// Time is when the entry was made, if the server gave it its id.
func (id ID) Time() time.Time { return time.UnixMilli(int64(id.Millis)).UTC() }
