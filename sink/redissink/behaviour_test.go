package redissink_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

func sinkContext(t *testing.T, transactional bool) *stream.SinkContext {
	return &stream.SinkContext{
		Context: t.Context(), Pipeline: "shop", Name: "to redis", Count: 1, Logger: slog.New(slog.DiscardHandler),
		Transactional: transactional, Checkpoint: func() {},
	}
}

func batch[T any](vs ...T) *stream.Batch[T] {
	in := stream.NewIntake[T](len(vs))
	in.Append(vs...)
	return in.Batch()
}

// put writes and flushes.
func put[T any](t *testing.T, s stream.Sink[T], vs ...T) error {
	t.Helper()
	w, err := s.Open(sinkContext(t, false))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return errors.Join(w.Write(t.Context(), batch(vs...)), w.Flush(t.Context()))
}

// Errors that do not pass name the operator, the key, the cause and the way out.
func TestRefused(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	c := server.Client()
	c.Set(t.Context(), "orders", "a string", 0)
	c.Set(t.Context(), "order:1", "a string", 0)
	names := func(err error, what ...string) {
		t.Helper()
		if err == nil {
			t.Error("no error")
			return
		}
		for _, s := range append(what, "redissink: to redis: ") {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%v does not say %q", err, s)
			}
		}
	}
	one := order{Number: 1, Shop: "north"}
	names(put(t, kinds["streams"].sink(c), one), "XADD orders: WRONGTYPE", "delete it (DEL)")
	names(put(t, kinds["hashes"].sink(c), one), "HSET order:1: WRONGTYPE", "delete it (DEL)")
}

// Out of memory, no right, and no password are not tried again.
func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	c.ConfigSet(t.Context(), "maxmemory", "1")
	start := time.Now()
	err := put(t, kinds["streams"].sink(c), order{Number: 1})
	if err == nil || !strings.Contains(err.Error(), "OOM") || !strings.Contains(err.Error(), "raise it") {
		t.Errorf("%v", err)
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("it took %v", d)
	}
	secret := redistest.Start(t, "--requirepass", "secret").Client()
	if err := put(t, kinds["streams"].sink(secret), order{Number: 1}); err == nil || !strings.Contains(err.Error(), "set Username and Password") {
		t.Errorf("%v", err)
	}
}

// A command that is refused in the midst of a commit: what came before is not done again.
func TestRefusedCommit(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	c.Set(t.Context(), "sum:3", "a string", 0)
	sum := redissink.ExactlyOnce(redissink.Commands(c, func(n int, do func(name, key string, args ...any)) {
		do("HINCRBY", fmt.Sprint("sum:", n), "n", 1)
	}))
	w, err := sum.Open(sinkContext(t, true))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(t.Context(), batch(1, 2, 3, 4)); err != nil {
		t.Fatal(err)
	}
	prepared, err := w.(stream.Preparer).Prepare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		m, err := sum.OpenCommitter(sinkContext(t, true))
		if err != nil {
			t.Fatal(err)
		}
		err = m.Commit(t.Context(), 1, [][]byte{prepared})
		if err == nil || !strings.Contains(err.Error(), "HINCRBY sum:3: WRONGTYPE") {
			t.Fatalf("%v", err)
		}
	}
	c.Del(t.Context(), "sum:3")
	m, err := sum.OpenCommitter(sinkContext(t, true))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := m.Commit(t.Context(), 1, [][]byte{prepared}); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 5 {
		want := "1"
		if n == 0 {
			want = ""
		}
		if got := c.HGet(t.Context(), fmt.Sprint("sum:", n), "n").Val(); got != want {
			t.Errorf("sum %d is %q, want %q", n, got, want)
		}
	}
}

// A run that another one has taken over from begins no commit, nor does one whose notes are gone.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	sink := redissink.ExactlyOnce(kinds["streams"].sink(c))
	open := func() stream.Committer {
		m, err := sink.OpenCommitter(sinkContext(t, true))
		if err == nil {
			err = m.Abort(t.Context(), 0)
		}
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	w, _ := sink.Open(sinkContext(t, true))
	if err := w.Write(t.Context(), batch(order{Number: 1})); err != nil {
		t.Fatal(err)
	}
	prepared, _ := w.(stream.Preparer).Prepare(t.Context())
	old, now := open(), open()
	if err := old.Commit(t.Context(), 1, [][]byte{prepared}); !errors.Is(err, redissink.ErrTakenOver) {
		t.Errorf("%v", err)
	}
	if err := now.Commit(t.Context(), 1, [][]byte{prepared}); err != nil {
		t.Error(err)
	}
	if n := c.XLen(t.Context(), "orders").Val(); n != 1 {
		t.Errorf("%d orders", n)
	}
	c.FlushDB(t.Context())
	if err := now.Commit(t.Context(), 2, [][]byte{prepared}); !errors.Is(err, redissink.ErrMarkerGone) {
		t.Errorf("%v", err)
	}
}

// Changes delete keys, also that which a row had before, and fields that are nil.
func TestChanges(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	s := redissink.Changes(redissink.Hashes(c, order.key, redissink.Tags[order]()))
	note := 7
	type change = stream.Change[order]
	a, b := order{Number: 1, Shop: "a", Note: &note}, order{Number: 2, Shop: "b"}
	moved := order{Number: 3, Shop: "a"}
	if err := put(t, s, change{Kind: stream.Read, After: a}, change{Kind: stream.Insert, After: b}); err != nil {
		t.Fatal(err)
	}
	if got := c.HGet(t.Context(), "order:1", "note").Val(); got != "7" {
		t.Errorf("the note is %q", got)
	}
	a2 := a
	a2.Note = nil
	if err := put(t, s, change{Kind: stream.Update, After: a2, Before: a, HasBefore: true}, change{Kind: stream.Delete, Before: b, HasBefore: true}); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(c.Keys(t.Context(), "*").Val(), c.HGetAll(t.Context(), "order:1").Val()); got != "[order:1] map[number:1 shop:a]" {
		t.Error(got)
	}
	if err := put(t, s, change{Kind: stream.Update, After: moved, Before: a2, HasBefore: true}); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(c.Keys(t.Context(), "*").Val()); got != "[order:3]" {
		t.Error(got)
	}
	var row *stream.RowError
	if err := put(t, s, change{Kind: stream.Update, After: a}, change{Kind: stream.Delete}); !errors.As(err, &row) || row.Row != 1 {
		t.Errorf("%v", err)
	}
}

// Streams and lists are bounded; what is published is heard.
func TestBounds(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	var many []order
	for i := range 1000 {
		many = append(many, order{Number: i})
	}
	if err := put(t, kinds["lists"].sink(c, redissink.MaxLen(10)), many...); err != nil {
		t.Fatal(err)
	}
	if all := kinds["lists"].read(t, c); len(all) != 10 || all[9].Number != 999 {
		t.Errorf("%v", all)
	}
	c.FlushDB(t.Context())
	if err := put(t, kinds["streams"].sink(c, redissink.MaxLen(100)), many...); err != nil {
		t.Fatal(err)
	}
	if n := c.XLen(t.Context(), "orders").Val(); n < 100 || n > 300 {
		t.Errorf("%d entries", n)
	}
	sub := c.Subscribe(t.Context(), "all")
	defer sub.Close()
	if _, err := sub.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := put(t, redissink.Channels(c, func(order) string { return "all" }, codec.JSON[order]()), many[7]); err != nil {
		t.Fatal(err)
	}
	if m, err := sub.ReceiveMessage(t.Context()); err != nil || !strings.Contains(m.Payload, `"Number":7`) {
		t.Errorf("%v: %v", m, err)
	}
}

// A write to a server that does not answer ends with its context; one that is cut off or restarts is written to in the end.
func TestOutage(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	proxy := redistest.StartProxy(t, server.Addr)
	c := server.Client(func(o *redis.Options) { o.Addr, o.MaxRetries = proxy.Addr, -1 })
	s := kinds["hashes"].sink(c, redissink.Batch(10))
	proxy.Stall()
	w, _ := s.Open(sinkContext(t, false))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	if err := errors.Join(w.Write(ctx, batch(order{Number: 1})), w.Flush(ctx)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if d := time.Since(start); d > time.Second {
		t.Errorf("it took %v", d)
	}
	proxy.Resume()
	done := make(chan error, 1)
	go func() {
		w, _ := s.Open(sinkContext(t, false))
		var err error
		for i := 0; i < 300 && err == nil; i++ {
			err = errors.Join(w.Write(t.Context(), batch(order{Number: i}, order{Number: i + 1})), w.Flush(t.Context()))
			time.Sleep(time.Millisecond) // for the faults to come in the midst of it
		}
		done <- err
	}()
	for i := range 3 {
		time.Sleep(50 * time.Millisecond) // some work
		if i == 1 {
			server.Kill()
			server.Again()
		}
		proxy.Cut()
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := len(kinds["hashes"].read(t, c)); n != 301 {
		t.Errorf("%d hashes", n)
	}
}
