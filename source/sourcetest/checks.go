package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/freshet-go/freshet/stream"
)

// partitions: names are unique, and the same in every run.
func (s Suite[T]) partitions(t *testing.T) {
	names := func() []string {
		o := open(t, s.Source(t), nil)
		defer o.close()
		if o.ready != nil { // they come while it is read
			o.read(reading{room: 512, until: s.all()})
		}
		o.written()
		var names []string
		for _, r := range o.all(nil) {
			names = append(names, r.Partition())
		}
		slices.Sort(names)
		return names
	}
	first, second := names(), names()
	if !slices.Equal(first, second) {
		t.Errorf("partitions %q, and %q when opened again", first, second)
	}
	if unique := slices.Compact(slices.Clone(first)); len(unique) != len(first) {
		t.Errorf("partitions are not unique: %q", first)
	}
	if slices.Contains(first, "") {
		t.Errorf("a partition has no name: %q", first)
	}
}

// whole: every event once.
func (s Suite[T]) whole(t *testing.T, room int) {
	o := open(t, s.Source(t), nil)
	defer o.close()
	sameBag(t, "read", o.read(reading{room: room, until: s.all()}).all(), s.Want)
}

// cancel: a context that has ended ends Read, and loses nothing.
func (s Suite[T]) cancel(t *testing.T) {
	o := open(t, s.Source(t), nil)
	defer o.close()
	sameBag(t, "read with pauses", o.read(reading{room: 3, until: s.all(), nudge: true}).all(), s.Want)
}

// unread: readers that nobody reads are closed all the same.
func (s Suite[T]) unread(t *testing.T) {
	open(t, s.Source(t), nil).close()
	o := open(t, s.Source(t), nil)
	defer o.close()
	o.read(reading{room: 1, until: 1})
}

// mostCuts bounds the work of resume, which is quadratic.
const mostCuts = 256

// resume: what a run gave up to an offset, and what the next gives from there
// on, is everything, once, and each partition in its order.
func (s Suite[T]) resume(t *testing.T, cuts int) {
	o := open(t, s.Source(t), nil)
	whole := o.read(reading{room: 512, until: s.all()})
	o.close()
	step := max(1, (len(s.Want)+cuts-1)/cuts)
	for cut := 0; cut <= len(s.Want); cut += step {
		src := s.Source(t)
		o := open(t, src, nil)
		before := o.read(reading{room: 1, until: cut})
		offsets := o.offsets()
		if cut%2 == 1 { // a source must not rely on being told
			o.commit(offsets)
		}
		o.close()

		o = open(t, src, offsets)
		again := o.offsets()
		if o.ready == nil && len(again) != len(offsets) {
			t.Errorf("offsets are %q, and %q when opened again there", offsets, again)
		}
		for name, is := range again {
			if was, ok := offsets[name]; was != is && (ok || o.ready == nil) {
				t.Errorf("%s: the offset is %q, and %q when opened again there", name, was, is)
			}
		}
		until := -1
		if s.Endless {
			until = len(s.Want) - before.count
		}
		after := o.read(reading{room: 512, until: until})
		o.close()
		for partition, want := range whole.values {
			got := append(before.values[partition], after.values[partition]...)
			sameOrder(t, fmt.Sprintf("%s, resumed at %q after %d events", partition, offsets[partition], len(before.values[partition])), got, want)
		}
		if t.Failed() {
			return
		}
	}
}

func (o *opened[T]) commit(offsets map[string]string) {
	for _, r := range o.all(nil) {
		switch c := r.(type) {
		case stream.Acknowledger:
			if err := c.Commit(o.t.Context(), offsets[r.Partition()]); err != nil {
				o.t.Errorf("%s: Commit(%q): %v", r.Partition(), offsets[r.Partition()], err)
			}
		case interface{ Commit(string) error }:
			o.t.Errorf("%s: %T has a Commit without a context, which Run refuses", r.Partition(), r)
		}
	}
}

// acknowledge: a Commit whose context has ended returns, whether or not it
// could commit, and what was read is not lost by it.
func (s Suite[T]) acknowledge(t *testing.T) {
	o := open(t, s.Source(t), nil)
	defer o.close()
	before := o.read(reading{room: 1, until: len(s.Want) / 2})
	for _, r := range o.all(nil) {
		if c, ok := r.(stream.Acknowledger); ok {
			_ = c.Commit(ended(), r.Offset())
		}
	}
	until := -1
	if s.Endless {
		until = len(s.Want) - before.count
	}
	after := o.read(reading{room: 512, until: until})
	sameBag(t, "read before and after a Commit that was cut off", append(before.all(), after.all()...), s.Want)
}

// waiting: a reader that has nothing waits for ctx, and says that it Waits. That of a
// source that says when there is more does neither.
func (s Suite[T]) waiting(t *testing.T) {
	o := open(t, s.Source(t), nil)
	defer o.close()
	for _, r := range o.all(nil) {
		if o.ready != nil {
			if w, ok := r.(stream.Waiter); ok && w.Waits() {
				t.Errorf("%s: %T Waits, and its source has called Discover", r.Partition(), r)
			}
			continue
		}
		if w, ok := r.(stream.Waiter); !ok || !w.Waits() {
			t.Errorf("%s: %T reads a source that is endless, and does not say that it Waits: it would hold up the partitions that it shares a goroutine with", r.Partition(), r)
		}
	}
}

// faults: records that cannot be decoded are handed in with their places, and
// cost no other record.
func (s Suite[T]) faults(t *testing.T) {
	for _, room := range []int{1, 512} {
		o := open(t, s.Faulty(t), nil)
		got := o.read(reading{room: room, until: -1})
		o.close()
		sameBag(t, "events among faults", got.all(), s.FaultyWant)
		sameBag(t, "faults", got.faults, s.Faults)
	}
}

// pipeline: the same, where Run does it.
func (s Suite[T]) pipeline(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	got := &gathered[T]{}
	if s.Endless {
		got.want, got.enough = len(s.Want), cancel
		if len(s.Want) == 0 {
			cancel()
		}
	}
	p := stream.New("suite")
	p.From(s.Source(t)).To(got)
	if err := p.Run(ctx, stream.Shards(2)); err != nil && !(s.Endless && errors.Is(err, context.Canceled)) {
		t.Errorf("Run: %v", err)
	}
	sameBag(t, "pipeline", got.values, s.Want)
}

// gathered is a sink. It is our own: sources do not know package sink.
type gathered[T any] struct {
	mu     sync.Mutex
	values []T
	want   int
	enough func()
}

func (g *gathered[T]) Open(*stream.SinkContext) (stream.Writer[T], error) { return g, nil }

func (g *gathered[T]) Write(_ context.Context, b *stream.Batch[T]) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, v := range b.All() {
		g.values = append(g.values, v)
	}
	if g.enough != nil && len(g.values) >= g.want {
		g.enough()
	}
	return nil
}

func (g *gathered[T]) Flush(context.Context) error { return nil }
func (g *gathered[T]) Close() error                { return nil }
