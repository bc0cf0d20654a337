package source_test

import (
	"bytes"
	"context"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A big file has as many parts for each shard, of one size, as far as they are not too small; and its lines come once.
func TestFilesPartsForShards(t *testing.T) {
	line := append(bytes.Repeat([]byte("x"), 1023), '\n')
	data := bytes.Repeat(line, 6<<10) // 6 MiB
	for _, test := range []struct {
		shards int
		split  int64
		parts  int
	}{
		{0, 2 << 20, 3}, {1, 4 << 20, 2}, {1, 5<<20 + 1, 2}, {2, 2 << 20, 4}, {2, 4 << 20, 2}, {3, 4 << 20, 3}, {4, 5 << 20, 4}, {64, 4 << 20, 6},
		{4, 1 << 19, 12}, {4, 6 << 20, 1}, {4, 6<<20 - 1, 4},
	} {
		readers, err := source.Files(fstest.MapFS{"f": {Data: data}}, "f", codec.Lines(), source.SplitSize(test.split)).
			Open(&stream.SourceContext{Shards: test.shards})
		require.NoError(t, err)
		require.Len(t, readers, test.parts, "%+v", test)
		total, least, most := 0, len(data), 0
		for _, r := range readers {
			lines, _ := readSome(r, len(data))
			total, least, most = total+len(lines), min(least, len(lines)), max(most, len(lines))
			require.NoError(t, r.Close())
		}
		require.Equal(t, 6<<10, total, "%+v", test)
		require.LessOrEqual(t, most-least, 2+len(readers), "%+v", test)
	}
}

// readSome reads until an error, or until n lines have come.
func readSome(r stream.Reader[string], n int) (lines []string, err error) {
	for err == nil && len(lines) < n {
		in := stream.NewIntake[string](512)
		err = r.Read(context.Background(), in)
		for _, line := range in.Batch().All() {
			lines = append(lines, line)
		}
	}
	return lines, err
}
