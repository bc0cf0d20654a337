package redissource_test

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/source/redissource"
	"github.com/freshet-go/freshet/stream"
)

// What a group has lost is told once, and again only where that run has taken no checkpoint; what is lost later is told, too.
func TestGroupLossOnce(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	all := orders(60)
	fill(t, c, "orders", all[:20])
	run := func(offset string, opts ...redissource.Option) (read int, s redissource.Stats, after string, err error) {
		t.Helper()
		var offsets map[string]string
		if offset != "" {
			offsets = map[string]string{"orders": offset}
		}
		src := group(c, "one", append(opts, redissource.Bounded(), redissource.Count(5))...)
		r := opened(t, src, offsets)
		for err == nil {
			in := stream.NewIntake[order](512)
			err = r.Read(t.Context(), in)
			read += in.Len()
		}
		return read, src.Stats(), r.Offset(), err
	}
	if n, s, _, _ := run(""); n != 20 || s.Lost != 0 {
		t.Fatalf("%d orders, %+v", n, s)
	}
	c.XAck(t.Context(), "orders", "books", ids(all[:20])...)
	fill(t, c, "orders", all[20:40])
	trim := func() {
		if err := c.XTrimMaxLen(t.Context(), "orders", 4).Err(); err != nil {
			t.Fatal(err)
		}
	}
	trim()
	_, _, strict, err := run("", redissource.FailOnLoss())
	if !errors.Is(err, redissource.ErrLost) {
		t.Fatalf("%v, want ErrLost", err)
	}
	if _, _, _, err := run(strict, redissource.FailOnLoss()); !errors.Is(err, redissource.ErrLost) {
		t.Fatalf("after a run that has failed: %v, want ErrLost", err)
	}
	n, s, offset, _ := run("")
	if n != 4 || s.Lost != 16 {
		t.Errorf("%d orders, %+v", n, s)
	}
	for range 2 {
		if n, s, offset, err = run(offset, redissource.FailOnLoss()); n != 0 || s.Lost != 0 || errors.Is(err, redissource.ErrLost) {
			t.Errorf("a run that goes on: %d orders, %+v: %v", n, s, err)
		}
	}
	fill(t, c, "orders", all[40:])
	trim()
	if n, s, offset, _ = run(offset); n != 4 || s.Lost != 16 {
		t.Errorf("of the second loss: %d orders, %+v", n, s)
	}
	// A stream that is deleted takes the loss with it.
	c.Del(t.Context(), "orders")
	for i := range 20 {
		c.XAdd(t.Context(), &redis.XAddArgs{Stream: "orders", ID: fmt.Sprint(5000+i, "-0"), Values: []any{"number", i}})
	}
	if n, s, _, _ = run(offset); n != 20 || s.Lost != 0 {
		t.Errorf("of the stream that was made anew: %d orders, %+v", n, s)
	}
}

func ids(all []order) (ids []string) {
	for _, o := range all {
		ids = append(ids, o.ID)
	}
	return ids
}

// The streams of one group are acknowledged each for itself, and go on each for itself.
func TestGroupOfStreams(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	keys := []string{"a", "b", "c"}
	for _, key := range keys {
		fill(t, c, key, orders(10)) // the same ids in each
	}
	open := func(offsets map[string]string) []stream.Reader[order] {
		t.Helper()
		src := redissource.Group(c, "books", "one", keys, redissource.Tags[order](), redissource.Bounded(), redissource.Count(4))
		readers, err := src.Open(&stream.SourceContext{
			Context: t.Context(), Name: "test", Shards: 2, BatchSize: 512, Logger: slog.New(slog.DiscardHandler), Now: time.Now, Offsets: offsets, Checkpointed: true,
		})
		if err != nil || len(readers) != len(keys) {
			t.Fatal(len(readers), err)
		}
		return readers
	}
	first := open(nil)
	offsets := map[string]string{}
	for i, r := range first {
		if all, err := read(t, r, 4*(i+1)-i); err != nil || r.Partition() != keys[i] {
			t.Fatal(len(all), err)
		}
		offsets[keys[i]] = r.Offset()
	}
	commit(t, first[1])
	for _, r := range first {
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for i, key := range keys {
		pending := c.XPending(t.Context(), key, "books").Val().Count
		if (i != 1) != (pending >= 4) && pending != 0 {
			t.Errorf("of stream %s %d are pending", key, pending)
		}
	}
	delete(offsets, "c") // as one of a run that did not read it
	counts := map[string]int{}
	second := open(offsets)
	for _, r := range second {
		for {
			in := stream.NewIntake[order](512)
			err := r.Read(t.Context(), in)
			counts[r.Partition()] += in.Len()
			if err != nil {
				break
			}
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if counts["a"] != 6 || counts["b"] != 2 || counts["c"] != 10 {
		t.Errorf("the second run reads %v, want 6 of a, 2 of b and all of c", counts)
	}
}
