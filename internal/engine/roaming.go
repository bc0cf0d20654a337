package engine

import (
	"sync/atomic"

	"github.com/freshet-go/freshet/internal/keeper"
)

// What is asked of partitions that come and go.

// roaming is what is kept for a partition that comes and goes.
type roaming struct {
	ready   atomic.Bool // the source says that there may be something to read
	silent  bool        // Read has said ErrNothing, and is not asked before it is ready
	leaving bool        // nothing more is read of it

	at       int           // which task reads it
	released atomic.Bool   // its reader is closed
	gone     chan struct{} // closed then
}

// assignmentOf returns that of a source, or nil where partitions neither come
// nor go.
func (r *Run) assignmentOf(n *Node) *Assignment {
	for _, a := range r.assigned {
		if a.node == n {
			return a
		}
	}
	return nil
}

// missing are those of the checkpoint that have not come in this run, and that
// the source has not removed.
func (a *Assignment) missing() []keeper.Source {
	a.mu.Lock()
	defer a.mu.Unlock()
	return inOrder(a.absent)
}

// Reads reports whether the instance is in a task that reads a source.
func (i *Instance) Reads() bool { return i.Place.task.stage.Source != nil }

// Grows reports whether its task may be given more partitions.
func (i *Instance) Grows() bool {
	a := i.Place.run.assignmentOf(i.Place.task.stage)
	return a != nil && !a.final.Load() && !a.run.Fixed()
}

// Roams reports whether partitions come and go in its task.
func (i *Instance) Roams() bool { return i.Place.run.assignmentOf(i.Place.task.stage) != nil }

// Released reports whether a partition that has left is in no checkpoint any more that is gathered from now on: one that has all of it is
// durable. That changes between checkpoints only.
func (p *Partition) Released() bool { return p.released.Load() }

// Absent reports whether the checkpoint knows a partition of a source that has not
// come in this run.
func (i *Instance) Absent(source, name string) bool {
	for _, a := range i.Place.run.assigned {
		if a.node.Name == source {
			a.mu.Lock()
			defer a.mu.Unlock()
			_, ok := a.absent[name]
			return ok
		}
	}
	return false
}
