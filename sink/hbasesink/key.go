package hbasesink

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"time"
)

// Salted puts a byte in front of a key that spreads keys over n ranges of a table, which should be split at the bytes 1 to n-1: keys
// that ascend, such as times, would go to one region otherwise. The byte is the FNV-1a hash of the key in 32 bits, modulo n. Who looks for a key salts it as well;
// hbasesource.Salted reads such a table. It panics if n is not between 1 and 256.
func Salted(key string, n int) string {
	if n < 1 || n > 256 {
		panic(fmt.Sprintf("hbasesink: Salted: %d salts: want 1 to 256", n))
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(key)) // a hash takes all
	return string([]byte{byte(h.Sum32() % uint32(n))}) + key
}

// Reversed returns a key with its bytes from the last to the first, which spreads numbers that are counted up. The key is what Reversed makes
// of the result.
func Reversed(key string) string {
	b := []byte(key)
	slices.Reverse(b)
	return string(b)
}

// NewestFirst returns eight bytes for a key by which later times come first. Milliseconds count. It is for times from 1970 on.
func NewestFirst(t time.Time) string {
	return string(binary.BigEndian.AppendUint64(nil, uint64(math.MaxInt64-t.UnixMilli())))
}
