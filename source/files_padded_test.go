package source_test

import (
	"bytes"
	"compress/gzip"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream/codec"
)

// Zeros behind a gzip file are padding.
func TestFilesPaddedGzip(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte("a\nb\n"))
	require.NoError(t, z.Close())
	b.Write(make([]byte, 100000))
	got, _, _, _, err := visit(t, source.Files(fstest.MapFS{"f.gz": {Data: b.Bytes()}}, "f.gz", codec.Lines()), nil, 100)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, got)
}
