package compression_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/compression"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A program that wants zstd and does not import it is told what to import.
func TestNoZstd(t *testing.T) {
	_, err := compression.Zstd()
	require.Equal(t, compression.ErrNoZstd, err)

	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.zst"), []byte("\x28\xb5\x2f\xfd\x04\x00\x09\x00\x00a\n"), 0o666))
	p := stream.New("zst")
	p.From(source.Files(os.DirFS(dir), "*.zst", codec.Lines())).To(sink.Discard[string]())
	err = p.Run(t.Context())
	require.ErrorIs(t, err, compression.ErrNoZstd)
	require.ErrorContains(t, err, "a.zst")
	require.ErrorContains(t, err, `import _ "github.com/freshet-go/freshet/stream/filesystem/zstdfiles"`)

	require.PanicsWithValue(t, `sink: Files: name "*.zst": `+compression.ErrNoZstd.Error(), func() {
		sink.Files(dir, "*.zst", codec.Lines())
	})
}
