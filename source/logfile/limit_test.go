package logfile_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/source/logfile"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

func init() {
	if dir := os.Getenv("LOGFILE_LIMITED"); dir != "" {
		limited(dir)
		os.Exit(0)
	}
}

// limited reads all logs of a directory, with fewer descriptors than it asks for.
func limited(dir string) {
	most, lines, err := 0, 0, error(nil)
	if _, err = fmt.Sscan(os.Getenv("LOGFILE_MOST"), &most, &lines); err == nil {
		err = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: uint64(most), Max: uint64(most)})
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := stream.New("logs")
	p.From(logfile.Follow(filepath.Join(dir, "**", "*.log"), codec.Lines(), quick()...)).To(&counting[string]{lines, cancel})
	if err := p.Run(ctx, stream.Shards(1), stream.Logger(slog.New(slog.NewTextHandler(os.Stdout, nil)))); err != nil && ctx.Err() == nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// Thousands of logs are read where the system allows 40 open files, which is less than OpenFiles.
func TestFewDescriptors(t *testing.T) {
	const logs = 2000
	dir := t.TempDir()
	for n := range logs {
		path := filepath.Join(dir, strconv.Itoa(n%10), fmt.Sprintf("%d.log", n))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(strings.Repeat("a line\n", 3)), 0o644))
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "LOGFILE_LIMITED="+dir, fmt.Sprintf("LOGFILE_MOST=40 %d", 3*logs))
	servertest.Start(t, cmd).Wait(2 * time.Minute)
}

// A counting sink calls enough when n events have come.
type counting[T any] struct {
	n      int
	enough func()
}

func (c *counting[T]) Open(*stream.SinkContext) (stream.Writer[T], error) { return c, nil }

func (c *counting[T]) Write(_ context.Context, b *stream.Batch[T]) error {
	if c.n -= b.Len(); c.n == 0 {
		c.enough()
	}
	return nil
}

func (c *counting[T]) Flush(context.Context) error { return nil }
func (c *counting[T]) Close() error                { return nil }
