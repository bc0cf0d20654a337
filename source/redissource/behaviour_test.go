package redissource_test

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
	"github.com/freshet-go/freshet/source/redissource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// opened opens a source of one reader, which is closed with the test.
func opened[T any](t *testing.T, src stream.Source[T], offsets map[string]string) stream.Reader[T] {
	t.Helper()
	readers, err := src.Open(&stream.SourceContext{
		Context: t.Context(), Name: "test", Shards: 1, BatchSize: 512, Logger: slog.New(slog.DiscardHandler), Now: time.Now, Offsets: offsets, Checkpointed: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := readers[0].Close(); err != nil {
			t.Error(err)
		}
	})
	return readers[0]
}

// read reads until there are n values, or nothing has come for a while.
func read[T any](t *testing.T, r stream.Reader[T], n int) (all []T, err error) {
	t.Helper()
	for len(all) < n {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		in := stream.NewIntake[T](512)
		err = r.Read(ctx, in)
		cancel()
		for _, v := range in.Batch().All() {
			all = append(all, v)
		}
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

func commit[T any](t *testing.T, r stream.Reader[T]) {
	t.Helper()
	if err := r.(stream.Acknowledger).Commit(t.Context(), r.Offset()); err != nil {
		t.Error(err)
	}
}

func group(c redis.UniversalClient, consumer string, opts ...redissource.Option) *redissource.Source[order] {
	return redissource.Group(c, "books", consumer, []string{"orders"}, redissource.Tags[order](), append(opts, redissource.Block(10*time.Millisecond))...)
}

// What a dead consumer has not acknowledged is taken over, and counted.
func TestClaim(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	fill(t, c, "orders", orders(20))
	dead := opened(t, group(c, "dead", redissource.Count(5)), nil)
	if _, err := read(t, dead, 5); err != nil {
		t.Fatal(err)
	}
	src := group(c, "alive", redissource.ClaimAfter(100*time.Millisecond))
	alive := opened(t, src, nil)
	all, err := read(t, alive, 20)
	if err != nil || len(all) != 20 {
		t.Fatalf("%d orders: %v", len(all), err)
	}
	offset := alive.Offset()
	if !strings.Contains(offset, ";") {
		t.Errorf("the offset %q knows nothing of what was taken over", offset)
	}
	if s := src.Stats(); s.Claimed == 0 || s.Repeated != s.Claimed || s.Read != 20 {
		t.Errorf("%+v", s)
	}
	// Who begins with this offset is given nothing again, though nothing was acknowledged.
	again := opened(t, group(c, "alive", redissource.Bounded(), redissource.ClaimAfter(0)), map[string]string{"orders": offset})
	if all, err := read(t, again, 1); len(all) > 0 {
		t.Errorf("%v again: %v", all, err)
	}
	if n := c.XPending(t.Context(), "orders", "books").Val().Count; n != 0 {
		t.Errorf("%d are pending", n)
	}
}

// A consumer without a checkpoint gets again what it has not acknowledged, and only that.
func TestPendingAgain(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	fill(t, c, "orders", orders(20))
	first := opened(t, group(c, "one", redissource.Count(5)), nil)
	if _, err := read(t, first, 5); err != nil {
		t.Fatal(err)
	}
	commit(t, first)
	if _, err := read(t, first, 5); err != nil {
		t.Fatal(err)
	}
	src := group(c, "one", redissource.Bounded())
	all, _ := read(t, opened(t, src, nil), 100)
	if len(all) != 15 || all[0].Number != 5 {
		t.Errorf("%d orders from %+v on", len(all), all[:min(1, len(all))])
	}
	if s := src.Stats(); s.Repeated < 5 {
		t.Errorf("%+v", s)
	}
}

// Entries that are trimmed unread are counted, of a stream and of a group, or end the run.
func TestTrimmed(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	fill(t, c, "orders", orders(20))
	r := opened(t, redissource.Streams(c, []string{"orders"}, redissource.Tags[order](), redissource.Count(5)), nil)
	if _, err := read(t, r, 5); err != nil {
		t.Fatal(err)
	}
	offset := map[string]string{"orders": r.Offset()}
	g := opened(t, group(c, "one", redissource.Count(5), redissource.Bounded()), nil)
	if _, err := read(t, g, 5); err != nil {
		t.Fatal(err)
	}
	in := stream.NewIntake[order](1)
	if err := errors.Join(g.Read(t.Context(), in), g.Close()); err != nil { // and no more is fetched
		t.Fatal(err)
	}
	if err := c.XTrimMaxLen(t.Context(), "orders", 4).Err(); err != nil {
		t.Fatal(err)
	}
	src := redissource.Streams(c, []string{"orders"}, redissource.Tags[order](), redissource.Bounded())
	all, _ := read(t, opened(t, src, offset), 100)
	if s := src.Stats(); s.Lost != 11 || len(all) != 4 {
		t.Errorf("%d orders, %+v", len(all), s)
	}
	strict := redissource.Streams(c, []string{"orders"}, redissource.Tags[order](), redissource.FailOnLoss())
	if _, err := read(t, opened(t, strict, offset), 100); !errors.Is(err, redissource.ErrLost) {
		t.Errorf("%v, want ErrLost", err)
	}
	gsrc := group(c, "two", redissource.Bounded(), redissource.ClaimAfter(0))
	all, err := read(t, opened(t, gsrc, nil), 100)
	if s := gsrc.Stats(); s.Lost != 1 && s.Lost != 6 || len(all) != 4 {
		t.Errorf("the group has read %d orders, %+v: %v", len(all), s, err)
	}
	// What was pending when it was trimmed is lost, too.
	gsrc = group(c, "one", redissource.Bounded())
	_, _ = read(t, opened(t, gsrc, nil), 100)
	if s := gsrc.Stats(); s.Lost < 5 {
		t.Errorf("%+v", s)
	}
	c.Del(t.Context(), "orders")
	fill(t, c, "orders", orders(1)) // a smaller id than what was read
	if _, err := read(t, opened(t, src, offset), 1); !errors.Is(err, redissource.ErrReplaced) {
		t.Errorf("%v, want ErrReplaced", err)
	}
}

// What the queue has no room for is dropped and counted; patterns tell their channels.
func TestDropped(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	src := redissource.Patterns(c, []string{"price:*"}, codec.JSON[int](), redissource.Queue(10))
	r := opened(t, src, nil)
	go func() {
		for c.Publish(t.Context(), "price:0", 0).Val() == 0 {
			time.Sleep(time.Millisecond) // until somebody listens
		}
	}()
	if all, err := read(t, r, 1); err != nil || all[0].Channel != "price:0" || all[0].Pattern != "price:*" {
		t.Fatal(all, err)
	}
	for i := range 100 {
		c.Publish(t.Context(), fmt.Sprint("price:", i), i)
	}
	for deadline := time.Now().Add(5 * time.Second); src.Stats().Dropped < 90; time.Sleep(time.Millisecond) { // nobody reads
		if time.Now().After(deadline) {
			t.Fatalf("%+v", src.Stats())
		}
	}
	all, _ := read(t, r, 10)
	if s := src.Stats(); int64(len(all))+s.Dropped != 100 {
		t.Errorf("%d messages, %+v", len(all), s)
	}
}

// A Read that waits ends with its context, and the server is not told; so does Close, of a server that
// does not answer.
func TestCancelled(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	proxy := redistest.StartProxy(t, server.Addr)
	c := server.Client(func(o *redis.Options) { o.Addr, o.ReadTimeout = proxy.Addr, time.Minute })
	for name, src := range map[string]stream.Source[order]{
		"streams": redissource.Streams(c, []string{"orders"}, redissource.Tags[order](), redissource.Block(200*time.Millisecond)),
		"group":   redissource.Group(c, "g", "one", []string{"orders"}, redissource.Tags[order](), redissource.Block(200*time.Millisecond)),
		"lists":   redissource.Lists(c, "one", []string{"jobs"}, codec.JSON[order](), redissource.Block(200*time.Millisecond)),
	} {
		for _, stalled := range []bool{false, true} {
			r := opened(t, src, nil)
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			start := time.Now()
			if stalled {
				proxy.Stall()
			}
			if err := r.Read(ctx, stream.NewIntake[order](1)); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", name, err)
			}
			cancel()
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("%s: Read took %v", name, d)
			}
			if err := r.Close(); err != nil || time.Since(start) > 10*time.Second {
				t.Errorf("%s: Close took %v: %v", name, time.Since(start), err)
			}
			proxy.Resume()
		}
	}
}

// Errors that do not pass name the place and the way out.
func TestRefused(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	c.Set(t.Context(), "orders", "a string", 0)
	for _, src := range []stream.Source[order]{
		redissource.Streams(c, []string{"orders"}, redissource.Tags[order]()),
		group(c, "one"),
		redissource.Lists(c, "one", []string{"orders"}, codec.JSON[order]()),
	} {
		_, err := read(t, opened(t, src, nil), 1)
		if err == nil || !strings.Contains(err.Error(), "orders: WRONGTYPE") || !strings.Contains(err.Error(), "of another type: delete it") {
			t.Errorf("%v", err)
		}
	}
}
