package sqlsink

import (
	"hash/maphash"
	"testing"

	"github.com/stretchr/testify/require"
)

// A keySet knows what a map knows, also in its second use, with more keys and with fewer.
func FuzzKeySet(f *testing.F) {
	f.Add([]byte{}, byte(0))
	f.Add([]byte("a\x00a\x00\x00b\x00ab\x00ba"), byte(0))
	f.Add([]byte("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), byte(3))
	f.Fuzz(func(t *testing.T, data []byte, size byte) {
		s := keySet{seed: maphash.MakeSeed()}
		for range 2 {
			var keys []string
			for rest := data; len(rest) > 0; { // also empty ones, and those that begin as others do
				n := min(len(rest), int(rest[0])%(int(size)+3))
				keys, rest = append(keys, string(rest[:n])), rest[max(n, 1):]
			}
			s.reset(len(keys))
			seen := map[string]bool{}
			for _, k := range keys {
				require.Equal(t, !seen[k], s.add([]byte(k)), "%q", k)
				seen[k] = true
			}
			data = data[len(data)/2:]
		}
	})
}
