package engine

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/freshet-go/freshet/internal/door"
)

// A guest is one instance of a stage that another engine drives: a task, fed and asked by
// its caller. See door.Instance.
type guest struct {
	r        *Run
	t        *task
	err      error     // why it is good for nothing any more
	over     bool      // its ends have been sent
	at       int64     // the checkpoint whose barrier it has seen last
	commits  []*commit // edges to committers of sinks of the stage
	unsaid   []unsaid  // that Complete has not been called for
	restored int64     // the checkpoint that it went on from
	watching sync.WaitGroup
}

// A commit is an edge from the stage to the committer of one of its sinks.
type commit struct {
	id   int // of the edge
	sink *Node
}

// An unsaid is how far partitions had been read at a checkpoint that may not be durable yet.
type unsaid struct {
	id int64
	at []savedSource
}

// mostUnsaid bounds the checkpoints that are kept to be acknowledged. What a later one says covers those before it.
const mostUnsaid = 16

// call calls f, which may call functions of the user's. Should one of them end the goroutine,
// the run fails all the same.
func (d *guest) call(f func() error) (err error) {
	if d.err != nil {
		return d.err
	}
	if d.r.halt.Load() {
		return ErrStopped
	}
	defer func() {
		if err != nil && d.err == nil {
			d.err = err
			d.r.cancel(err)
		}
	}()
	d.t.watched(&err, f)
	return err
}

func (d *guest) Err() error { return d.err }

func (d *guest) Step() (done bool, err error) {
	if d.t.source == nil {
		return false, fmt.Errorf("stream: %s reads no source", d.t.stage.Name)
	}
	err = d.call(func() error {
		if d.over {
			done = true
			return nil
		}
		var err error
		if done, err = d.t.step(true); done && err == nil {
			return d.sendEnds()
		}
		if err != nil {
			return err
		}
		return d.wanted()
	})
	return done && err == nil, err
}

func (d *guest) Take(frame []byte) error {
	return d.call(func() error {
		if err := d.r.foreign.deliver(frame); err != nil {
			return err
		}
		if len(d.t.tickers) > 0 {
			if err := d.t.tick(); err != nil {
				return err
			}
		}
		if err := d.wanted(); err != nil {
			return err
		}
		return d.end()
	})
}

// wanted has the writers of a bounded job prepare what they have, where one of them has asked for a checkpoint as it
// has much: all of it is committed together.
func (d *guest) wanted() error {
	if !d.r.Bounded() {
		return nil
	}
	select {
	case <-d.r.gathers.soon:
		d.at++
		return d.flush(d.at)
	default:
		return nil
	}
}

// end sends the ends of an instance that nothing feeds any more.
func (d *guest) end() error {
	if d.over || d.t.source != nil || d.t.ports > 0 {
		return nil
	}
	if err := d.t.quiet(); err != nil {
		return err
	}
	return d.sendEnds()
}

// sendEnds tells the committers that nothing follows: what the writers have prepared by now is
// all. The operators have told those behind them.
func (d *guest) sendEnds() error {
	d.over = true
	if err := d.prepare(); err != nil {
		return err
	}
	for _, c := range d.commits {
		b := append(appendFrame(nil, c.id, d.t.index), frameEnd)
		if err := d.r.foreign.out.Send(c.id, 0, b); err != nil {
			return err
		}
	}
	return nil
}

// prepare has the writers prepare, and sends what they have to the committers.
func (d *guest) prepare() error {
	parts, err := d.t.prepare()
	if err != nil {
		return err
	}
	for _, p := range parts {
		i := slices.IndexFunc(d.commits, func(c *commit) bool { return c.sink == p.n })
		if i < 0 {
			return &OperatorError{Operator: p.n.Name, Err: errors.New("it has prepared something, and the plan has no stage that commits it")}
		}
		b := append(append(appendFrame(nil, d.commits[i].id, d.t.index), framePrepared), p.data...)
		if err := d.r.foreign.out.Send(d.commits[i].id, 0, b); err != nil {
			return err
		}
	}
	return nil
}

func (d *guest) Ended() bool { return d.over }

func (d *guest) Quiet() error { return d.call(d.t.quiet) }

func (d *guest) Due() (time.Time, bool) { return d.t.nextDue() }

func (d *guest) Tick() error {
	return d.call(func() error {
		if err := d.t.tick(); err != nil {
			return err
		}
		return d.t.quiet()
	})
}

func (d *guest) Post(f func() error) { d.t.post(f) }

func (d *guest) Rest() error {
	return d.call(func() error {
		if !d.t.mail.some.Load() {
			select {
			case <-d.t.roused:
			case <-d.r.Ctx.Done():
				return ErrStopped
			}
		}
		return d.t.serve()
	})
}

func (d *guest) Halt() { d.r.cancel(ErrStopped) }

func (d *guest) Barrier(id int64) error {
	id += d.r.foreign.base
	return d.call(func() error {
		if id <= d.at || id <= d.restored {
			return fmt.Errorf("stream: the barrier of checkpoint %d has come to %s behind that of %d", id, d.t.stage.Name, max(d.at, d.restored))
		}
		if !d.r.foreign.saves { // operators of the caller's own were not told to keep their state
			return fmt.Errorf("stream: %s is asked for a checkpoint, and the job was described without: give flink.Run the option Checkpoints or StopWithSavepoint", d.t.stage.Name)
		}
		d.at = id
		if d.over { // it has flushed all, and sent it
			return nil
		}
		return d.flush(id)
	})
}

// flush has all that is in the stage go to where it is kept, and the writers prepare it.
func (d *guest) flush(id int64) error {
	c := Control{Kind: Barrier, id: id}
	if d.t.source != nil {
		if err := d.t.source.control(c); err != nil {
			return err
		}
		return d.prepare()
	}
	for _, p := range d.t.entries {
		if p.ended() {
			continue
		}
		if err := p.next(c); err != nil {
			return err
		}
	}
	return d.prepare()
}

func (d *guest) Counts() (all []door.Count) {
	d.r.statsMu.Lock()
	defer d.r.statsMu.Unlock()
	for _, n := range d.r.Plan.Nodes {
		for _, c := range d.r.stats[n] {
			if c.task != d.t {
				continue
			}
			x := c.read()
			all = append(all, door.Count{
				Operator: n.Name, In: x.In, Out: x.Out, Failed: x.Failed, Late: x.Late,
				TooLate: x.TooLate, Unmatched: x.Unmatched, Duplicates: x.Duplicates, Keys: x.Keys, Watermark: int64(x.Watermark),
			})
		}
	}
	return all
}

// Complete tells readers that what they have given is safe.
func (d *guest) Complete(id int64) error {
	id += d.r.foreign.base
	return d.call(func() error {
		var said *unsaid
		for len(d.unsaid) > 0 && d.unsaid[0].id <= id {
			said, d.unsaid = &d.unsaid[0], d.unsaid[1:]
		}
		if said == nil {
			return nil
		}
		ctx, done := d.r.acknowledging()
		defer done()
		return d.t.source.acknowledge(ctx, said.at)
	})
}

func (d *guest) Close() error {
	d.r.cancel(ErrStopped)
	if d.t == nil {
		return nil
	}
	d.t.mail.close()
	d.watching.Wait()
	return d.t.close()
}
