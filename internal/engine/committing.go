package engine

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/freshet-go/freshet/internal/door"
)

// A committing has appear what the writers of a transactional sink have prepared, in a job of another
// engine. There is one for each such sink, behind its writers.
//
// In a run of our own a checkpoint is committed before the next one begins. Another engine may begin the next
// one before it says that the last is durable, and may forget to say so. So what is prepared for each
// checkpoint is kept apart, with its number: all of it is committed in order, each part by the number that it
// was prepared for, once any checkpoint that holds it is durable. A part that was committed and is still in the
// state is committed again after a restart by the same number, which changes nothing.
type committing struct {
	c       *coordination
	x       *transaction
	edge    int
	senders []bool // which have ended
	live    int

	at       int64    // the checkpoint whose barrier was seen last
	restored int64    // the checkpoint that it went on from
	before   int64    // of a bounded job: what was committed before it, behind which it counts
	current  [][]byte // prepared behind the last barrier
	pending  []pendingPart
	err      error
}

// A pendingPart is what was prepared for one checkpoint.
type pendingPart struct {
	Checkpoint int64    `binary:"1"`
	Prepared   [][]byte `binary:"2"`
}

func (p *Plan) openCommit(cfg Config, o door.Opening) (door.Instance, error) {
	n := p.Nodes[o.Stage-len(p.Nodes)]
	r := newForeign(p, cfg, foreignOf(p, o))
	d := &committing{c: newCoordination(r), x: &transaction{n: n}}
	for id, e := range o.Plan.Edges {
		if e.To == o.Stage {
			d.edge, d.live = id, o.Plan.Stage(e.From).Instances
			d.senders = make([]bool, d.live)
		}
	}
	if err := d.open(&o); err != nil {
		d.err = err
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// open commits what the checkpoint holds that the job goes on from, and aborts the rest, which later
// ones have prepared.
func (d *committing) open(o *door.Opening) error {
	n, r := d.x.n, d.c.r
	if len(o.Rest) > 0 {
		rests, err := unpackRests(o.Rest)
		if err != nil {
			return err
		}
		if rests[0].Stage != n.Name {
			return fmt.Errorf("stream: the state of %s was handed to %s", rests[0].Stage, n.Name)
		}
		d.restored, d.x.shown, d.pending = rests[0].Checkpoint, rests[0].Shown, rests[0].Pending
		r.foreign.base = rests[0].Base
	} else if err := d.openOwn(o); err != nil {
		return err
	}
	err := Apart(func() (err error) {
		d.x.committer, err = n.Committer(r)
		return err
	})
	if err != nil {
		return d.c.failure(n, err)
	}
	if r.Bounded() { // it adds to what is there
		err := Apart(func() (err error) {
			d.before, err = d.x.committer.Committed(r.Ctx)
			return err
		})
		if err != nil {
			return d.c.failure(n, err)
		}
		d.restored = d.before
	}
	if err := d.c.ask(d.x, d.restored); err != nil {
		return err
	}
	for len(d.pending) > 0 && d.pending[0].Checkpoint < d.x.shown { // whole, as a later one has begun to appear
		d.pending = d.pending[1:]
	}
	if err := d.commitTo(d.restored); err != nil {
		return err
	}
	if err := Apart(func() error { return d.x.committer.Abort(r.Ctx, d.restored) }); err != nil {
		return d.c.failure(n, fmt.Errorf("abort: %w", err))
	}
	return nil
}

// commitTo commits what was prepared for checkpoints up to id, in their order.
func (d *committing) commitTo(id int64) error {
	for len(d.pending) > 0 && d.pending[0].Checkpoint <= id {
		d.x.prepared = d.pending[0].Prepared
		if err := d.c.commit(d.x, d.pending[0].Checkpoint); err != nil {
			return err
		}
		d.pending = d.pending[1:]
	}
	return nil
}

func (d *committing) call(f func() error) error {
	if d.err == nil && d.c.r.halt.Load() {
		return ErrStopped
	}
	if d.err == nil {
		d.err = f()
	}
	return d.err
}

func (d *committing) Err() error { return d.err }

func (d *committing) Take(b []byte) error {
	return d.call(func() error {
		x, err := readFrame(b, d.edge+1)
		switch {
		case err != nil:
			return err
		case x.edge != d.edge || x.sender >= len(d.senders) || x.kind != framePrepared && x.kind != frameEnd:
			return fmt.Errorf("stream: a frame of edge %d, kind %d, has come to the committer of %s", x.edge, x.kind, d.x.n.Name)
		case d.senders[x.sender]:
			return fmt.Errorf("stream: instance %d of %s has prepared something behind its end", x.sender, d.x.n.Name)
		case x.kind == frameEnd:
			d.senders[x.sender] = true
			d.live--
		default:
			d.current = append(d.current, slices.Clone(x.body))
		}
		return nil
	})
}

func (d *committing) Ended() bool { return d.live == 0 }

func (d *committing) Barrier(id int64) error {
	id += d.before + d.c.r.foreign.base
	return d.call(func() error {
		if id <= d.at || id <= d.restored {
			return fmt.Errorf("stream: the barrier of checkpoint %d has come to the committer of %s behind that of %d", id, d.x.n.Name, max(d.at, d.restored))
		}
		d.at = id
		if len(d.current) > 0 {
			d.pending = append(d.pending, pendingPart{id, d.current})
			d.current = nil
		}
		return nil
	})
}

func (d *committing) Save(id int64) (s *door.State, err error) {
	id += d.before + d.c.r.foreign.base
	err = d.call(func() error {
		if id != d.at {
			return fmt.Errorf("stream: the committer of %s is to be saved for checkpoint %d, and has seen the barrier of %d", d.x.n.Name, id, d.at)
		}
		if err := d.c.ask(d.x, id-1); err != nil {
			return err
		}
		x := rest{Version: foreignVersion, Checkpoint: id, Stage: d.x.n.Name, Count: 1, Shown: d.x.shown, Pending: d.pending, Base: d.c.r.foreign.base}
		s = &door.State{}
		s.Rest, err = pack(&x)
		return err
	})
	return s, err
}

func (d *committing) Complete(id int64) error {
	id += d.before + d.c.r.foreign.base
	return d.call(func() error { return d.commitTo(id) })
}

func (d *committing) Halt() { d.c.r.cancel(ErrStopped) }

func (d *committing) Close() error {
	d.c.r.cancel(ErrStopped)
	if d.x.committer == nil {
		return nil
	}
	if err := Apart(d.x.committer.Close); err != nil {
		return d.c.failure(d.x.n, err)
	}
	return nil
}

// What a committer has nothing to do for.

func (d *committing) Step() (bool, error) {
	return false, fmt.Errorf("stream: the committer of %s reads no source", d.x.n.Name)
}
func (d *committing) Counts() []door.Count   { return nil }
func (d *committing) Post(func() error)      {}
func (d *committing) Rest() error            { return nil }
func (d *committing) Quiet() error           { return nil }
func (d *committing) Due() (time.Time, bool) { return time.Time{}, false }
func (d *committing) Tick() error            { return nil }
