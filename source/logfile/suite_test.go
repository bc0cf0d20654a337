package logfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/logfile"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

func TestSuite(t *testing.T) {
	dir := t.TempDir()
	var want []string
	for log := range 3 {
		path := filepath.Join(dir, fmt.Sprint("host", log), "app.log")
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		for i, file := range []string{path + ".2", path + ".1", path} {
			text := ""
			for n := range 5 {
				line := fmt.Sprintf("log %d file %d line %d", log, i, n)
				want = append(want, line)
				text += line + "\n"
			}
			require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		}
	}
	sourcetest.Suite[string]{
		Source: func(testing.TB) stream.Source[string] {
			return logfile.Follow(filepath.Join(dir, "**", "*.log"), codec.Lines(), quick()...)
		},
		Want:     want,
		Endless:  true,
		RealTime: true,
	}.Run(t)
}
