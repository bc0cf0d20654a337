package sink_test

import (
	"path/filepath"
	"testing"

	"github.com/freshet-go/freshet/internal/runtest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream/codec"
)

// Runs that fail and begin again from their checkpoints, with other numbers of
// shards, show each event once.
func TestRunsExactlyOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	runtest.ExactlyOnce(t, sink.Files(dir, "*.log.gz", codec.Lines(), sink.RollSize(1000)), func() []string { return lines(t, dir) })
}
