package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// A Suite is what the tests have to know about a source.
type Suite[T any] struct {
	// Source returns a source that has not been opened. Each call must give
	// the same events in the same partitions.
	Source func(t testing.TB) stream.Source[T]

	// Want are the events of all partitions, those of one in their order.
	// They are compared as fmt prints them with %+v.
	Want []T

	// Endless says that the source waits for more behind the last event, and
	// does not end by itself.
	Endless bool

	// Forgets says that the source cannot go on from an offset.
	Forgets bool

	// Faulty, if set, returns a source with records that cannot be decoded.
	// It must end. FaultyWant are the events it gives nevertheless, and Faults
	// the places of the others, as its readers locate them, in any order.
	Faulty     func(t testing.TB) stream.Source[T]
	FaultyWant []T
	Faults     []string

	// Named, if set, returns a source of as many places as there are names (files,
	// tables, topics), each called by one and holding the events of Want. Names
	// are UTF-8 and hold whatever else one may think of.
	Named func(t testing.TB, names []string) stream.Source[T]

	// Changed, if set, returns a source whose partitions are called like those
	// of Source and hold other events, as a file that was replaced does. To go on
	// in it at an offset of Source's has to be an error, of Open or of the first
	// Read that gives anything.
	Changed func(t testing.TB) stream.Source[T]

	// InUse, if set, returns how many connections or files are open. It has
	// to be 0 again after each test.
	InUse func() int

	// RealTime says that the source talks to the outside world, over a socket
	// say, which the virtual time of testing/synctest knows nothing about. Its
	// tests count the goroutines of the process: none may run beside them.
	RealTime bool
}

// Run runs the tests, each as a subtest of t.
func (s Suite[T]) Run(t *testing.T) {
	if s.Source == nil {
		t.Fatal("sourcetest: Suite.Source is nil")
	}
	s.test(t, "partitions", s.partitions)
	for _, room := range []int{1, 3, 512} {
		s.test(t, fmt.Sprintf("room=%d", room), func(t *testing.T) { s.whole(t, room) })
	}
	s.test(t, "cancel", s.cancel)
	s.test(t, "unread", s.unread)
	s.test(t, "acknowledge", s.acknowledge)
	if s.Endless {
		s.test(t, "waiting", s.waiting)
	}
	if !s.Forgets {
		s.test(t, "resume", func(t *testing.T) { s.resume(t, mostCuts) })
	}
	if s.Faulty != nil {
		s.test(t, "faults", s.faults)
	}
	if s.Named != nil {
		s.test(t, "names", s.names)
	}
	if s.Changed != nil {
		s.test(t, "changed", s.changed)
	}
	s.test(t, "pipeline", s.pipeline)
}

// test runs f in a bubble, which fails if a goroutine is left in it.
func (s Suite[T]) test(t *testing.T, name string, f func(*testing.T)) {
	t.Run(name, func(t *testing.T) {
		if s.RealTime {
			before := runtime.NumGoroutine()
			f(t)
			settled(t, before)
		} else {
			synctest.Test(t, f)
		}
		if s.InUse != nil {
			if n := s.InUse(); n != 0 {
				t.Errorf("%d left open", n)
			}
		}
	})
}

// settled waits until no more goroutines are left than there were.
func settled(t *testing.T, before int) {
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before the test:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(time.Millisecond) // of polling: a goroutine tells nobody of its end
	}
}

func sourceContext(t *testing.T, offsets map[string]string) *stream.SourceContext {
	return &stream.SourceContext{
		Context: t.Context(), Name: "suite", Shards: 2, BatchSize: 512,
		Logger: slog.New(slog.DiscardHandler), Now: time.Now, Offsets: offsets, Checkpointed: true,
	}
}

// reading says how read reads.
type reading struct {
	room  int
	until int  // how many events of all readers are enough; -1 for all
	nudge bool // call every other Read with a context that has ended
}

// A result is what the partitions gave.
type result[T any] struct {
	values map[string][]T
	count  int
	faults []string
}

func (r *result[T]) all() []T {
	var all []T
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range r.values {
			if !yield(name) {
				return
			}
		}
	}) {
		all = append(all, r.values[name]...)
	}
	return all
}

// read reads all partitions at once.
func (o *opened[T]) read(how reading) *result[T] {
	o.t.Helper()
	ctx, cancel := context.WithCancel(o.t.Context())
	defer cancel()
	res := &result[T]{values: make(map[string][]T)}
	var mu sync.Mutex
	enough := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return how.until >= 0 && res.count >= how.until
	}
	var wg sync.WaitGroup
	readAll := func(r stream.Reader[T]) {
		wg.Go(func() {
			for call := 0; !enough(); call++ {
				b := stream.NewIntake[T](how.room)
				callCtx := ctx
				if how.nudge && call%2 == 0 {
					callCtx = ended()
				}
				err := r.Read(callCtx, b)
				if b.Len() > how.room {
					o.t.Errorf("%s: Read gave %d events for %d", r.Partition(), b.Len(), how.room)
				}
				mu.Lock()
				for _, v := range b.Batch().All() {
					res.values[r.Partition()] = append(res.values[r.Partition()], v)
				}
				res.count += b.Len()
				for _, bad := range b.Rejected() {
					res.faults = append(res.faults, locate(r, bad.Position))
				}
				mu.Unlock()
				switch {
				case errors.Is(err, io.EOF):
					return
				case errors.Is(err, stream.ErrNothing):
					if !enough() && !o.nothing(ctx, r.Partition()) {
						return
					}
				case err != nil && callCtx.Err() == nil:
					o.t.Errorf("%s: Read: %v", r.Partition(), err)
					return
				case err != nil && !errors.Is(err, callCtx.Err()):
					o.t.Errorf("%s: Read with an ended context: %v", r.Partition(), err)
					return
				case ctx.Err() != nil:
					return
				case err == nil && b.Len() == 0 && len(b.Rejected()) == 0 && call > 1<<20:
					o.t.Errorf("%s: Read returns without an event and without an error, again and again", r.Partition())
					return
				}
			}
			cancel() // the others may be waiting for what does not come
		})
	}
	wg.Go(func() { // more may come to be read
		for _, r := range o.all(readAll) {
			readAll(r)
		}
		select {
		case <-o.watched:
		case <-ctx.Done():
		}
		o.all(nil)
	})
	wg.Wait()
	return res
}

func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func locate[T any](r stream.Reader[T], position int64) string {
	if l, ok := r.(stream.Locator); ok {
		return l.Locate(position)
	}
	return fmt.Sprintf("%s event %d", r.Partition(), position)
}

// all is the until of a read of everything.
func (s Suite[T]) all() int {
	if s.Endless {
		return len(s.Want)
	}
	return -1
}

// sameBag reports an error where got does not hold the events of want, in
// whatever order.
func sameBag[T any](t *testing.T, what string, got, want []T) {
	t.Helper()
	count := make(map[string]int)
	for _, v := range want {
		count[fmt.Sprintf("%+v", v)]++
	}
	for _, v := range got {
		count[fmt.Sprintf("%+v", v)]--
	}
	shown := 0
	for v, n := range count {
		if n != 0 && shown < 10 {
			shown++
			t.Errorf("%s: %d times too few (too many if negative): %s", what, n, v)
		}
	}
}

func sameOrder[T any](t *testing.T, what string, got, want []T) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || fmt.Sprintf("%+v", got[i]) != fmt.Sprintf("%+v", want[i]) {
			t.Errorf("%s: %d events, not %d, and event %d differs", what, len(got), len(want), i)
			return
		}
	}
}
