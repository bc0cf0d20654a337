package hdfstest_test

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hdfstest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/filesystem"
)

// A pipeline reads and writes through a gateway that is killed and comes back, so that its files are left open, each line once.
//
//	go test ./internal/hdfstest -run GatewayAway -long
func TestGatewayAway(t *testing.T) {
	if !*long {
		return // it waits for a gateway to start, and for leases
	}
	w := ways[2]
	g, c, in, out := hdfstest.SharedGateway(t), hdfstest.Shared(t), fresh(), fresh()
	hdfstest.Do(t, c, "leases 2000")
	defer hdfstest.Do(t, c, "leases 60000")
	text, want := lines(0, 60_000)
	write(t, w.dir(t, c, in), "a.log", text)
	var calm atomic.Bool
	var seen atomic.Int64
	p := copying(w.dir(t, c, in), w.dir(t, c, out), func() {
		seen.Add(100)
		if !calm.Load() {
			time.Sleep(20 * time.Millisecond)
		}
	}, sink.RollRows(10_000))
	ended := make(chan error, 1)
	go func() {
		ended <- p.Run(t.Context(), stream.Shards(2), stream.Checkpoints(checkpoint.Memory(), 50*time.Millisecond), stream.Restarts(20, 100*time.Millisecond),
			stream.Logger(slog.New(slog.DiscardHandler)))
	}()
	for range 3 {
		for before := seen.Load(); seen.Load() < before+2000 && len(ended) == 0; {
			time.Sleep(10 * time.Millisecond)
		}
		assert.Empty(t, ended, "it ends before the gateway does")
		g.Kill()
		g.Again(t)
	}
	calm.Store(true)
	require.NoError(t, <-ended)
	got := shown(t, w.dir(t, c, out))
	require.Len(t, got, len(want))
	require.Equal(t, want, got)
}

// A file that another program still writes gets no other name over HTTP, through a gateway either, until that closes it.
func TestRenameWritten(t *testing.T) {
	for _, w := range ways[1:] {
		t.Run(w.name, func(t *testing.T) {
			c, at := hdfstest.Shared(t), fresh()
			write(t, w.dir(t, c, at), "other", "") // makes the directory
			f, err := ways[0].dir(t, c, at).Create(t.Context(), "a.log")
			require.NoError(t, err)
			require.NoError(t, f.Write(t.Context(), []byte("a line\n")))
			require.NoError(t, f.(filesystem.Flusher).Flush(t.Context()))
			require.Error(t, w.as(t, c, at, "", 0).Rename(t.Context(), "a.log", "b.log"))
			done := make(chan error, 1)
			go func() { done <- w.dir(t, c, at).Rename(t.Context(), "a.log", "b.log") }()
			require.NoError(t, f.Write(t.Context(), []byte("another\n")))
			require.NoError(t, f.Sync(t.Context()))
			require.NoError(t, f.Close(t.Context()))
			require.NoError(t, <-done)
			require.Equal(t, "a line\nanother\n", read(t, w.dir(t, c, at), "b.log", 0))
		})
	}
}

// NameNodes are stopped and started again while several write, read and list over HTTP. What was acknowledged is there.
//
//	go test ./internal/hdfstest -run Traffic -long
func TestTraffic(t *testing.T) {
	if !*long {
		return // a NameNode starts in seconds, twice for each way
	}
	for _, w := range ways[1:] {
		t.Run(w.name, func(t *testing.T) {
			c, at := hdfstest.Shared(t), fresh()
			d := w.dir(t, c, at)
			text, _ := lines(0, 100_000)
			write(t, d, "big", text)
			var mu sync.Mutex
			acknowledged := []string{}
			var calm atomic.Bool
			var wg sync.WaitGroup
			for i := range 6 {
				wg.Go(func() {
					for n := 0; !calm.Load(); n++ {
						switch i % 3 {
						case 0:
							name := fmt.Sprint(i, "-", n)
							f, err := d.Create(t.Context(), name)
							if err != nil {
								continue // a call that may have happened is not repeated
							}
							if err = f.Write(t.Context(), []byte(name)); err == nil {
								err = f.Sync(t.Context())
							}
							if err == nil {
								mu.Lock()
								acknowledged = append(acknowledged, name)
								mu.Unlock()
							}
							f.Close(t.Context()) // what it has is synced, or nobody's
						case 1:
							if data, err := readAll(d.Open(t.Context(), "big", 0)); err != nil || string(data) != text {
								t.Errorf("%d bytes of %d are read: %v", len(data), len(text), err)
							}
						case 2:
							for _, err := range d.List(t.Context(), ".") {
								if err != nil {
									t.Error(err)
								}
							}
						}
					}
				})
			}
			func() {
				defer wg.Wait()
				defer calm.Store(true)
				for _, command := range []string{"stop-namenode 0", "active 1", "start-namenode 0", "stop-namenode 1", "active 0", "start-namenode 1"} {
					time.Sleep(time.Second) // of traffic
					began := time.Now()
					hdfstest.Do(t, c, command)
					t.Logf("%s takes %v", command, time.Since(began))
				}
			}()
			require.NotEmpty(t, acknowledged)
			for _, name := range acknowledged {
				require.Equal(t, name, read(t, d, name, 0))
			}
			t.Logf("%d files were acknowledged", len(acknowledged))
		})
	}
}
