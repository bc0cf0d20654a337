package source_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A log that is cut to nothing while it is read, and has grown again.
func TestFilesTruncatedWhileRead(t *testing.T) {
	for _, length := range []int{10, 30000} {
		dir := t.TempDir()
		name := filepath.Join(dir, "app.log")
		require.NoError(t, os.WriteFile(name, []byte(strings.Repeat("old line of the log\n", 20000)), 0o666))
		n := 0
		p := stream.New("p")
		p.From(source.Files(os.DirFS(dir), "*.log", codec.Lines())).Tap(func(string) {
			if n++; n == 8000 {
				os.WriteFile(name, []byte(strings.Repeat("new line of the log here\n", length)), 0o666)
			}
		}).To(sink.Discard[string]())
		require.ErrorIs(t, p.Run(t.Context(), stream.Shards(1)), source.ErrReplaced)
	}
}
