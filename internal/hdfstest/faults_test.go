package hdfstest_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/colinmarc/hdfs/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hdfstest"
	"github.com/freshet-go/freshet/internal/minihdfs"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/webhdfsfs"
)

// A pipeline reads and writes while safe mode comes and goes, the DataNode goes away and comes back, and the NameNode hands over to the one
// that stands by and back. Each line arrives once.
//
//	go test ./internal/hdfstest -run Disturbed -long
func TestDisturbed(t *testing.T) {
	mainWay(t, "native", func(t *testing.T, w way) {
		c, in, out := hdfstest.Shared(t), fresh(), fresh()
		text, want := lines(0, 60_000)
		write(t, w.dir(t, c, in), "a.log", text)
		var calm atomic.Bool
		var seen atomic.Int64
		p := copying(w.dir(t, c, in), w.dir(t, c, out), func() {
			seen.Add(100)
			if !calm.Load() {
				time.Sleep(50 * time.Millisecond)
			}
		}, sink.RollRows(10_000))
		var wg sync.WaitGroup
		wg.Go(func() {
			defer calm.Store(true)
			for _, commands := range [][]string{{"safemode enter", "safemode leave"}, {"stop-datanode", "start-datanode"}, {"active 1", "active 0"}} {
				for _, command := range commands {
					before := seen.Load()
					if err := c.Do(command); err != nil {
						t.Error(err)
						return
					}
					time.Sleep(150 * time.Millisecond) // for the fault to be met
					if commands[len(commands)-1] != command {
						continue
					}
					for deadline := time.Now().Add(30 * time.Second); seen.Load() == before && time.Now().Before(deadline); {
						time.Sleep(10 * time.Millisecond) // until it goes on
					}
				}
			}
		})
		err := p.Run(t.Context(), stream.Shards(2), stream.Checkpoints(checkpoint.Memory(), 50*time.Millisecond), stream.Restarts(20, 100*time.Millisecond),
			stream.Logger(slog.New(slog.DiscardHandler)))
		wg.Wait()
		require.NoError(t, err)
		got := shown(t, w.dir(t, c, out))
		require.Len(t, got, len(want))
		require.Equal(t, want, got)
	})
}

// A NameNode that restarts is waited for, and a call that is asked for meanwhile happens once. The one that stands by takes over, though
// its address is not the first.
func TestNameNodeAway(t *testing.T) {
	mainWay(t, "native", func(t *testing.T, w way) {
		c, at := hdfstest.Shared(t), fresh()
		write(t, w.dir(t, c, at), "a", "data")
		old := w.dir(t, c, at)
		if w.name == "native" {
			old = pooled(t, c, at)
			_, err := old.Stat(t.Context(), "a") // so that it has a connection, which will be dead
			require.NoError(t, err)
		}
		x := begin(t, c)

		hdfstest.Do(t, c, "stop-namenode 0")
		require.Error(t, w.as(t, c, at, "", 0).Rename(t.Context(), "a", "b"))
		done := make(chan error, 1)
		go func() { done <- old.Rename(t.Context(), "a", "b") }()
		x.goOn(t.Context())
		hdfstest.Do(t, c, "active 1")
		require.NoError(t, <-done)
		x.check(t)
		require.Equal(t, "data", read(t, w.dir(t, c, at), "b", 0))

		if !*long { // to what it was, for other tests
			hdfstest.Do(t, c, "start-namenode 0")
			hdfstest.Do(t, c, "active 0")
			return
		}
		hdfstest.Do(t, c, "stop-namenode 1")
		go func() { done <- old.Rename(t.Context(), "b", "c") }()
		hdfstest.Do(t, c, "start-namenode 0")
		hdfstest.Do(t, c, "start-namenode 1")
		hdfstest.Do(t, c, "active 0")
		require.NoError(t, <-done)
		require.Equal(t, "data", read(t, w.dir(t, c, at), "c", 0))
	})
}

// What does not pass says why, and the way out; what passes is waited for.
func TestSafeMode(t *testing.T) {
	mainWay(t, "native", func(t *testing.T, w way) {
		c, at := hdfstest.Shared(t), fresh()
		write(t, w.dir(t, c, at), "a", "data")
		x := begin(t, c)
		hdfstest.Do(t, c, "safemode enter")
		left := false
		leave := func() {
			if !left {
				left = true
				hdfstest.Do(t, c, "safemode leave")
			}
		}
		defer leave()
		hasty := w.as(t, c, at, "", 0)
		assert.Equal(t, "data", read(t, hasty, "a", 0))
		_, err := hasty.Create(t.Context(), "b")
		require.ErrorContains(t, err, "/b: ")
		require.ErrorContains(t, err, "safe mode")
		require.Error(t, hasty.Remove(t.Context(), "a"))

		done := make(chan error, 1)
		go func() { done <- w.dir(t, c, at).Remove(t.Context(), "a") }()
		x.goOn(t.Context())
		select {
		case err := <-done:
			t.Errorf("it does not wait: %v", err)
		case err := <-x.done:
			t.Errorf("it does not wait to write: %v", err)
			x.done <- err
		case <-time.After(200 * time.Millisecond):
		}
		leave()
		require.NoError(t, <-done)
		x.check(t)
	})
}

// A reader goes on where it was when the DataNode comes back, and so does a writer.
//
//	go test ./internal/hdfstest -run DataNodeAway -long
func TestDataNodeAway(t *testing.T) {
	mainWay(t, "web", func(t *testing.T, w way) {
		c, at := hdfstest.Shared(t), fresh()
		text, _ := lines(0, 100_000)
		text = strings.Repeat(text, 1+12<<20/len(text)) // several blocks, and more than connections hold
		write(t, w.dir(t, c, at), "a.log", text)
		r, _, err := w.dir(t, c, at).Open(t.Context(), "a.log", 0)
		require.NoError(t, err)
		head := make([]byte, 1000)
		_, err = io.ReadFull(r, head)
		require.NoError(t, err)
		var x *writing
		if *long { // where HDFS has asked a DataNode in vain to end a block, it asks again after 30 heartbeats
			x = begin(t, c)
		}
		hdfstest.Do(t, c, "stop-datanode")
		var started atomic.Bool
		back := sync.OnceFunc(func() {
			started.Store(true)
			hdfstest.Do(t, c, "start-datanode")
		})
		defer back()
		_, err = readAll(w.as(t, c, at, "", 0).Open(t.Context(), "a.log", 0))
		require.Error(t, err)
		time.AfterFunc(300*time.Millisecond, back)
		rest, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		require.True(t, started.Load(), "all that was left had been sent before the DataNode went")
		back()
		require.True(t, text == string(head)+string(rest))
		if *long {
			x.goOn(t.Context())
			x.check(t)
		}
	})
}

func readAll[I any](r io.ReadCloser, _ I, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(r)
	return data, errors.Join(err, r.Close())
}

// A file that another program is still writing is followed over HTTP, run by run, as far as its writer has flushed. The native protocol
// shows it when it is closed.
func TestStillWritten(t *testing.T) {
	c, at := hdfstest.Shared(t), fresh()
	client, err := hdfs.New(c.RPC[0])
	require.NoError(t, err)
	defer client.Close()
	require.NoError(t, client.MkdirAll(at, 0o755))
	w, err := client.Create(at + "/a.log")
	require.NoError(t, err)
	stores := map[string]checkpoint.Store{}
	got := map[string][]string{}
	follow := func(way way) {
		if stores[way.name] == nil {
			stores[way.name] = checkpoint.Memory()
		}
		var mu sync.Mutex
		p := stream.New("follow")
		p.From(source.FilesIn(way.dir(t, c, at), "*.log", codec.Lines(), source.Growing())).To(sink.Func(func(_ context.Context, e stream.Event[string]) error {
			mu.Lock()
			defer mu.Unlock()
			got[way.name] = append(got[way.name], e.Value)
			return nil
		}))
		require.NoError(t, p.Run(t.Context(), stream.Checkpoints(stores[way.name], time.Second), stream.Logger(slog.New(slog.DiscardHandler))))
	}
	native, overHTTP := ways[0], ways[1]
	overHTTP.as = func(_ testing.TB, c *minihdfs.Cluster, at, _ string, patience time.Duration) filesystem.Truncater {
		return webhdfsfs.New(web(c), webhdfsfs.Unclosed(), webhdfsfs.Patience(patience)).Dir(at)
	}
	var want []string
	for i := range 4 {
		text, all := lines(i*100, 100)
		_, err := io.WriteString(w, text+"half")
		require.NoError(t, err)
		require.NoError(t, w.Flush())
		require.Error(t, overHTTP.as(t, c, at, "", 0).Rename(t.Context(), "a.log", "b.log"), "it is still being written")
		want = append(want, all...)
		soon(t, "be seen", func() bool {
			follow(overHTTP)
			return len(got["web"]) >= len(want)
		})
		require.Equal(t, want, got["web"])
		_, err = io.WriteString(w, " a line\n")
		require.NoError(t, err)
		want = append(want, "half a line")
	}
	follow(native)
	require.Empty(t, got["native"])
	soon(t, "close", func() bool { return w.Close() == nil })
	for _, way := range []way{native, overHTTP} {
		follow(way)
		require.Equal(t, want, got[way.name])
	}
}

// What a user may not do is refused, at once.
func TestPermissions(t *testing.T) {
	c := hdfstest.Shared(t)
	hdfstest.Do(t, c, "owner ann /home/ann")
	eachWay(t, func(t *testing.T, w way) {
		ann, bob := w.as(t, c, "/home/ann/"+w.name, "ann", time.Minute), w.as(t, c, "/home/ann/"+w.name, "bob", time.Minute)
		write(t, ann, "a", "hers")
		assert.Equal(t, "hers", read(t, ann, "a", 0))
		_, err := bob.Stat(t.Context(), "a")
		for what, err := range map[string]error{"stat": err, "mkdir": bob.Mkdir(t.Context(), "sub"), "put": bob.Put(t.Context(), "b", nil), "remove": bob.Remove(t.Context(), "a")} {
			assert.ErrorIs(t, err, fs.ErrPermission, what)
			assert.ErrorContains(t, err, "/home/ann", what)
			assert.False(t, strings.Contains(err.Error(), "\n"), "%v has lines", err)
		}
		// In a directory that is open to all, too.
		at := "/open/" + w.name
		hdfstest.Do(t, c, "owner ann "+at+" 755")
		ann, bob = w.as(t, c, at, "ann", time.Minute), w.as(t, c, at, "bob", time.Minute)
		write(t, ann, "a", "hers")
		_, _, err = bob.Open(t.Context(), "a", 0)
		require.ErrorIs(t, err, fs.ErrPermission, "what is made is for its owner")
		require.NoError(t, ann.Mkdir(t.Context(), "sub"))
		require.NoError(t, ann.Put(t.Context(), "sub/b", []byte("hers")))
		_, err = bob.Stat(t.Context(), "sub/b")
		require.ErrorIs(t, err, fs.ErrPermission)
	})
}
