package source_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	_ "github.com/freshet-go/freshet/stream/filesystem/zstdfiles"
)

// BenchmarkFilesCompressed sums a field of JSON lines in one compressed file, on one shard. The plain file beside it is the floor.
func BenchmarkFilesCompressed(b *testing.B) {
	n := 200_000
	if testing.Short() { // a smoke run
		n /= 100
	}
	dir := b.TempDir()
	var text []byte
	for i := range n {
		text = fmt.Appendf(text, `{"id":%d,"shop":"shop-%d","amount":%d.25,"paid":%v}`+"\n", i*7919%n, i*i%1009, i*31%1000, i%3 > 0)
	}
	var gz, zst bytes.Buffer
	z := gzip.NewWriter(&gz)
	_, _ = z.Write(text)
	require.NoError(b, z.Close())
	w, err := zstd.NewWriter(&zst)
	require.NoError(b, err)
	_, _ = w.Write(text)
	require.NoError(b, w.Close())
	for ext, content := range map[string][]byte{"": text, ".gz": gz.Bytes(), ".zst": zst.Bytes()} {
		require.NoError(b, os.WriteFile(filepath.Join(dir, "sales.jsonl"+ext), content, 0o600))
	}
	for _, name := range []string{"sales.jsonl", "sales.jsonl.gz", "sales.jsonl.zst"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				sums := &summing{of: func(s sale) float64 { return s.Amount }}
				p := stream.New("sum")
				p.From(source.Files(os.DirFS(dir), name, codec.JSON[sale]())).To(sums)
				require.NoError(b, p.Run(context.Background(), stream.Shards(1)))
				require.Positive(b, sums.total)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/event")
			b.ReportAllocs()
		})
	}
}
