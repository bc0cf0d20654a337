package logfile_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/logfile"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

var (
	kills = flag.Int("kills", 15, "how often the process is killed that follows logs")
	seed  = flag.Uint64("seed", 1, "of when the process is killed")
)

func init() {
	if dir := os.Getenv("LOGFILE_CHILD"); dir != "" {
		child(dir)
		os.Exit(0)
	}
}

// child copies logs into files until it is told to stop, or killed.
func child(dir string) {
	ctx, cancel := context.WithCancel(context.Background())
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	fmt.Println("ready")
	go func() { <-stop; cancel() }()
	p := stream.New("copy")
	p.From(logfile.Follow(filepath.Join(dir, "logs", "**", "*.log"), codec.Lines(), quick()...)).
		To(sink.Files(filepath.Join(dir, "out"), "lines-*.txt", codec.Lines(), sink.RollSize(200_000)))
	err := p.Run(ctx, stream.Shards(2), stream.Logger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))),
		stream.Checkpoints(checkpoint.Dir(filepath.Join(dir, "checkpoints")), 5*time.Millisecond))
	if err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A process that is killed any number of times while the log is written and rotated in all ways
// brings each line exactly once.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	logs := filepath.Join(dir, "logs", "host")
	require.NoError(t, os.MkdirAll(logs, 0o755))
	start := func() (cmd *exec.Cmd, ready io.Reader) {
		cmd = exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "LOGFILE_CHILD="+dir)
		cmd.Stderr = os.Stderr
		ready, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		return cmd, ready
	}
	ways := []string{"create", "copytruncate", "compress"}
	writers := map[string]*writer{}
	for _, way := range ways {
		writers[way] = newWriter(t, filepath.Join(logs, way+".log"))
	}
	rng := rand.New(rand.NewPCG(*seed, 2))
	for life := range *kills {
		cmd, _ := start()
		for range 1 + rng.IntN(4) {
			for _, way := range ways {
				writers[way].write(rng.IntN(400))
				if rng.IntN(3) == 0 {
					rotations[way](writers[way], life)
				}
			}
			time.Sleep(time.Duration(rng.IntN(40)) * time.Millisecond) // it is to be killed anywhere
		}
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait() // it was killed
	}
	want := 0
	for _, w := range writers {
		want += w.n
	}
	var got []string
	for deadline := time.Now().Add(60 * time.Second); len(got) < want && time.Now().Before(deadline); {
		cmd, ready := start()
		_, err := bufio.NewReader(ready).ReadString('\n')
		require.NoError(t, err)
		time.Sleep(500 * time.Millisecond) // for so long it reads undisturbed
		require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
		require.NoError(t, cmd.Wait())
		got = linesIn(t, filepath.Join(dir, "out", "lines-*.txt"))
	}
	t.Logf("%d lives, %d lines written, %d rows", *kills+1, want, len(got))
	count := map[string]int{}
	for _, line := range got {
		count[line]++
	}
	for _, w := range writers {
		bad, first := 0, 0
		for n := range w.n {
			line := fmt.Sprintf("%07d a line of %s, which is rotated while it is read", n, filepath.Base(w.path))
			if count[line] != 1 {
				if bad++; bad == 1 {
					first = n
				}
			}
		}
		if bad > 0 {
			t.Errorf("%s: %d of %d lines do not come once, from line %d on", filepath.Base(w.path), bad, w.n, first)
		}
	}
	require.Len(t, got, want)
}
