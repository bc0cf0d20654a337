package logfile_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/logfile"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// Files that hold the same to the byte, one after the other, are files all the same: a
// program may write one line again and again.
func TestGenerationsAlike(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "app.log")
	const files, lines = 12, 100
	text := bytes.Repeat([]byte("all is well\n"), lines)
	require.NoError(t, os.WriteFile(log, text, 0o644))
	got := sink.Collect[string]()
	p := stream.New("alike")
	p.From(logfile.Follow(log, codec.Lines(), logfile.Poll(20*time.Millisecond))).To(got)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	for i := 1; i < files; i++ {
		if i%3 == 0 {
			time.Sleep(30 * time.Millisecond) // else several rotations fall between two looks
		}
		for k := i; k > 0; k-- {
			older := fmt.Sprintf("%s.%d", log, k-1)
			if k == 1 {
				older = log
			}
			require.NoError(t, os.Rename(older, fmt.Sprintf("%s.%d", log, k)))
		}
		require.NoError(t, os.WriteFile(log, text, 0o644))
	}
	require.Eventually(t, func() bool { return len(got.Values()) >= files*lines }, 20*time.Second, 20*time.Millisecond,
		"%d of %d lines", len(got.Values()), files*lines)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	require.Len(t, got.Values(), files*lines)
}
