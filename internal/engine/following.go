package engine

import (
	"context"
	"sync"
)

// A following is of batches of which observers are told, from the source on: a sample.
//
// A batch is known by the time at which it was read, which travels with it in any case: that
// of a batch which is followed is odd, and unlike that of any other. So nothing
// travels in addition, and who meets a batch that is not followed looks at one bit.
type following struct {
	r     *Run
	every int64 // how long a task waits from one to the next, in nanoseconds

	mu    sync.RWMutex
	last  int64
	marks [followed]int64
	ctxs  [followed]context.Context
	next  int
}

// followed is how many batches can be under way that are followed. Older ones are
// followed no more.
const followed = 256

func newFollowing(r *Run) *following {
	if r.observers == nil || !r.Follow {
		return nil
	}
	return &following{r: r, every: int64(r.FollowEvery)}
}

// Follows reports whether there may be batches that are followed.
func (i *Instance) Follows() bool { return i.Place.Follows() }

// Follows is that of the place.
func (pl *Place) Follows() bool { return pl.run.following != nil }

// Due reports whether the next batch that a source's instance gives is to be followed, and returns
// how it is marked if not.
func (i *Instance) Due(born int64) (mark int64, due bool) {
	f, t := i.Place.run.following, i.Place.task
	if t.followed != 0 && born-t.followed < f.every {
		return (born + 1) &^ 1, false // never 0
	}
	t.followed = born
	return born, true
}

// Begin begins to follow a batch, and returns how it is marked.
func (i *Instance) Begin(born int64, a *Activity) (mark int64, end func(error)) {
	f := i.Place.run.following
	a.Operator, a.Shard = i.Node.Name, i.Place.Index
	ctx, end := f.r.observe(f.r.Ctx, a)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last = max(born|1, f.last+2)
	f.marks[f.next], f.ctxs[f.next] = f.last, ctx
	f.next = (f.next + 1) % followed
	return f.last, end
}

// Goes tells of what is done with a batch that was read at born, if that is followed.
func (i *Instance) Goes(born int64, kind ActivityKind, events int) (context.Context, func(error)) {
	return i.Place.goes(i.Node, i.Ctx(), born, kind, events)
}

// Enters tells that a batch is taken into the stage that n begins.
func (pl *Place) Enters(n *Node, born int64, events int) (end func(error)) {
	_, end = pl.goes(n, pl.run.Ctx, born, Staging, events)
	return end
}

func (pl *Place) goes(n *Node, ctx context.Context, born int64, kind ActivityKind, events int) (context.Context, func(error)) {
	f := pl.run.following
	if f == nil || born&1 == 0 {
		return ctx, unobserved
	}
	of := f.find(born)
	if of == nil {
		return ctx, unobserved
	}
	return f.r.observe(of, &Activity{Kind: kind, Operator: n.Name, Shard: pl.Index, Events: events})
}

func (f *following) find(born int64) context.Context {
	f.mu.RLock()
	defer f.mu.RUnlock()
	for i, m := range f.marks {
		if m == born {
			return f.ctxs[i]
		}
	}
	return nil
}
