package recovery_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// Nomads are a source whose partitions come when they like, leave in the middle
// and come back, and leave for good when they have ended. Where one goes on is
// in the checkpoint or, if that does not know it, where it was acknowledged. A
// partition without events holds the watermark back until all have come.
type nomads struct {
	parts  [][]tick
	faults *faults

	mu    sync.Mutex
	acked map[string]int
	moved int // how many have left and come back
	lives int // how many runs there were
}

func newNomads(parts [][]tick, f *faults) *nomads {
	return &nomads{parts: parts, faults: f, acked: map[string]int{}}
}

func (n *nomads) Open(c *stream.SourceContext) (readers []stream.Reader[tick], err error) {
	if err := n.faults.in("source open"); err != nil {
		return nil, err
	}
	life := &wandering{nomads: n, hold: &holder{name: n.born()}, here: map[int]*nomad{}}
	readers = append(readers, life.hold)
	for i, events := range n.parts {
		next := n.ackedOf(nomadName(i))
		if at, ok := c.Offsets[nomadName(i)]; ok {
			if next, err = strconv.Atoi(at); err != nil {
				return nil, err
			}
		}
		if acked := n.ackedOf(nomadName(i)); next < acked {
			return nil, fmt.Errorf("%s from %d, of %d: %w", nomadName(i), next, acked, errAcknowledged)
		}
		if next == len(events) && n.faults.even() {
			continue // it has ended, and need not come again
		}
		r := life.nomad(i, next)
		if n.faults.even() {
			life.here[i] = r
			readers = append(readers, r)
		} else {
			life.away = append(life.away, r)
		}
	}
	stream.Discover(c, life.watch)
	return readers, nil
}

func nomadName(i int) string { return "nomad " + strconv.Itoa(i) }

func (n *nomads) ackedOf(name string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.acked[name]
}

func holderName(life int) string { return "holder " + strconv.Itoa(life) }

// born returns the name of the holder in one more run: one that had ended in the
// run before would hold nothing back.
func (n *nomads) born() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lives++
	return holderName(n.lives)
}

// even tosses a coin.
func (f *faults) even() bool { return f.intN(2) == 0 }

func (f *faults) intN(n int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rng.IntN(n)
}

// A wandering is nomads in one run.
type wandering struct {
	nomads *nomads
	hold   *holder
	here   map[int]*nomad
	away   []*nomad
	over   atomic.Bool // all have come for the last time
}

func (w *wandering) nomad(i, next int) *nomad {
	return &nomad{life: w, index: i, name: nomadName(i), events: w.nomads.parts[i], next: next, closed: make(chan struct{})}
}

func (w *wandering) watch(ctx context.Context, parts *stream.Partitions[tick]) error {
	var rousing sync.WaitGroup
	defer rousing.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rousing.Go(func() {
		for ctx.Err() == nil {
			w.nomads.faults.wait(4 * time.Millisecond)
			parts.Ready()
		}
	})
	f := w.nomads.faults
	if err := f.in("watch"); err != nil {
		return err
	}
	for _, i := range f.perm(len(w.away)) {
		f.wait(10 * time.Millisecond)
		r := w.away[i]
		if err := parts.Add(ctx, r); err != nil {
			return err
		}
		w.here[r.index] = r
	}
	for range f.intN(4) {
		if err := w.move(ctx, parts, f.intN(len(w.nomads.parts))); err != nil {
			return err
		}
	}
	w.over.Store(true)
	w.hold.ends.Store(true)
	parts.Ready()
	for _, r := range w.here {
		if r.ended.Load() && f.even() {
			if err := parts.Remove(ctx, r.name); err != nil {
				return err
			}
		}
	}
	for life := range w.nomads.lives {
		if err := parts.Remove(ctx, holderName(life)); err != nil {
			return err
		}
	}
	parts.Ready()
	return nil
}

// move has a partition leave, and come back when it is free.
func (w *wandering) move(ctx context.Context, parts *stream.Partitions[tick], i int) error {
	r := w.here[i]
	if r == nil {
		return nil
	}
	f := w.nomads.faults
	f.wait(10 * time.Millisecond)
	if err := parts.Remove(ctx, r.name); err != nil {
		return err
	}
	delete(w.here, i)
	select {
	case <-r.closed:
	case <-ctx.Done():
		return ctx.Err()
	}
	f.wait(10 * time.Millisecond)
	again := w.nomad(i, w.nomads.ackedOf(r.name))
	if err := parts.Add(ctx, again); err != nil {
		return err
	}
	w.here[i] = again
	w.nomads.mu.Lock()
	defer w.nomads.mu.Unlock()
	w.nomads.moved++
	return nil
}

func (f *faults) perm(n int) []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return rand.New(rand.NewPCG(f.rng.Uint64(), 1)).Perm(n)
}

// A holder has no events, and no time.
type holder struct {
	name string
	ends atomic.Bool
}

func (h *holder) Partition() string { return h.name }
func (h *holder) Offset() string    { return "" }
func (h *holder) Close() error      { return nil }

func (h *holder) Read(context.Context, *stream.Intake[tick]) error {
	if h.ends.Load() {
		return io.EOF
	}
	return stream.ErrNothing
}

type nomad struct {
	life   *wandering
	index  int
	name   string
	events []tick
	next   int
	ended  atomic.Bool
	closed chan struct{}
}

func (r *nomad) Partition() string { return r.name }
func (r *nomad) Offset() string    { return strconv.Itoa(r.next) }

func (r *nomad) Close() error {
	close(r.closed)
	return nil
}

func (r *nomad) Read(_ context.Context, b *stream.Intake[tick]) error {
	f := r.life.nomads.faults
	over := r.life.over.Load()
	if err := f.in("read"); err != nil {
		return err
	}
	f.wait(time.Millisecond)
	if r.next == len(r.events) {
		r.ended.Store(true)
		return io.EOF
	}
	if !over && f.even() {
		return stream.ErrNothing
	}
	n := 1 + f.intN(min(b.Room(), len(r.events)-r.next))
	b.Append(r.events[r.next : r.next+n]...)
	r.next += n
	return nil
}

func (r *nomad) Commit(_ context.Context, offset string) error {
	at, err := strconv.Atoi(offset)
	if err != nil {
		return err
	}
	n := r.life.nomads
	n.faults.wait(2 * time.Millisecond)
	if err := n.faults.in("acknowledge"); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if at < n.acked[r.name] {
		return fmt.Errorf("acknowledged %d behind %d", at, n.acked[r.name])
	}
	n.acked[r.name] = at
	return nil
}
