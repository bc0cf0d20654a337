package sink_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream/codec"
)

// A file that was in progress is completed from wherever its completion came to, and whatever else there is of it.
func TestFilesCompletedAgain(t *testing.T) {
	const rows = "event 0\nevent 1\nevent 2\n"
	for name, left := range map[string]struct{ tmp, whole string }{
		"untouched":        {rows + "more\n", ""},
		"not cut yet":      {"", rows + "more\n"},
		"cut":              {"", rows},
		"under both names": {rows + "more\n", rows + "more\n"},
		"copied":           {rows + "more\n", rows},
		"put back":         {rows + "more\n", "event 0\n"},
		"put back, cut":    {rows, "event 0\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := sink.Files(dir, "x-*.log", codec.Lines())
			_, w := begin(t, s)
			put(t, w, events(3)...)
			prepared := prepare(t, w)
			require.NoError(t, w.Close())
			staged, err := filepath.Glob(filepath.Join(dir, ".*.tmp"))
			require.NoError(t, err)
			require.Len(t, staged, 1)
			text, err := os.ReadFile(staged[0])
			require.NoError(t, err)
			require.Equal(t, rows, string(text))
			for at, text := range map[string]string{staged[0]: left.tmp, strings.TrimSuffix(staged[0], ".tmp") + ".whole": left.whole} {
				if text == "" {
					require.NoError(t, os.RemoveAll(at))
				} else {
					require.NoError(t, os.WriteFile(at, []byte(text), 0o600))
				}
			}
			marker := filepath.Join(dir, ".x-%2A.log.checkpoint")
			if left.tmp == "" { // who came so far had found the file
				require.NoError(t, os.WriteFile(marker, []byte("1\n"), 0o600))
			}
			require.NoError(t, recovery(t, s, 1, prepared))
			require.NoError(t, os.Remove(marker))
			names, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Len(t, names, 1)
			text, err = os.ReadFile(filepath.Join(dir, names[0].Name()))
			require.NoError(t, err)
			require.Equal(t, rows, string(text))
		})
	}
}
