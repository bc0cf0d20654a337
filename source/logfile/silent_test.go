package logfile_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/logfile"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// A log in which nothing is ever written holds windows back no longer than Idle says.
func TestSilentLog(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "silent.log"), nil, 0o644))
	w := filepath.Join(dir, "busy.log")
	var b strings.Builder
	for second := range 100 {
		fmt.Fprintln(&b, second)
	}
	require.NoError(t, os.WriteFile(w, []byte(b.String()), 0o644))
	var panes atomic.Int64
	p := stream.New("counts")
	p.From(logfile.Follow(filepath.Join(dir, "*.log"), codec.Lines(), quick()...)).
		EventTime(func(line string) time.Time {
			n, _ := strconv.Atoi(line)
			return time.Unix(int64(n), 0)
		}, stream.Idle(100*time.Millisecond)).
		Window(window.Tumbling(10 * time.Second)).Count().
		To(sink.Func(func(context.Context, stream.Event[stream.Pane[stream.NoKey, int64]]) error {
			panes.Add(1)
			return nil
		}))
	started(t, p)
	until(t, "the windows have closed that the busy log has passed", func() bool { return panes.Load() >= 9 })
}
