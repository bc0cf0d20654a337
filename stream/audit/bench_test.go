package audit

import (
	"crypto/ed25519"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkNote makes an entry: signed, in memory, and synced in a file.
func BenchmarkNote(b *testing.B) {
	for name, storage := range map[string]Storage{"memory": &notebook{}, "file": File(filepath.Join(b.TempDir(), "log"))} {
		b.Run(name, func(b *testing.B) {
			l, err := Open(b.Context(), storage, private(1))
			require.NoError(b, err)
			for b.Loop() {
				require.NoError(b, l.Note(b.Context(), "savepoint removed", "checkpoint", "17"))
			}
			require.NoError(b, l.Close())
		})
	}
}

// BenchmarkVerify reports how long an entry takes.
func BenchmarkVerify(b *testing.B) {
	const entries = 1000
	n, head := noted(b, 1, entries)
	for b.Loop() {
		_, err := Verify(b.Context(), n, []ed25519.PublicKey{public(1)}, Against(head))
		require.NoError(b, err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*entries), "ns/entry")
}
