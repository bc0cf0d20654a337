package engine

import (
	"errors"
	"time"
)

// rounds are what a run without checkpoints has in their place, where a source
// acknowledges: barriers go from the sources to the sinks, which flush what has come
// before them, and then the sources are told. Nothing is saved. It has one goroutine.
type rounds struct{ *gathering }

// roundsEvery is how long there is from one round to the next where nobody asks.
const roundsEvery = time.Second

// acknowledges reports whether readers may be told what the sinks have.
func (r *Run) acknowledges() bool {
	if len(r.assigned) > 0 { // whose readers may come later
		return true
	}
	for _, p := range r.opened {
		if _, ok := p.Reader.(acknowledger); ok {
			return true
		}
	}
	return false
}

// lets reports whether a partition that is read no more is let go only when what
// was read of it is safe: a checkpoint has its offset, or its reader is told.
func (r *Run) lets(p *Partition) bool {
	_, told := p.Reader.(acknowledger)
	return r.Checkpointed() || told && r.barriers
}

// run makes rounds until all tasks have parked or have to stop, and a last one
// then.
func (c *rounds) run() error {
	defer c.end()
	ticker := time.NewTicker(roundsEvery)
	defer ticker.Stop()
	for id := int64(1); ; {
		due := true
		if !c.allParked() {
			select {
			case <-c.r.Ctx.Done():
				return nil
			case <-c.r.Stopping.Done():
			case <-c.changed:
				due = false
			case <-c.soon:
			case <-ticker.C:
			}
		}
		last := c.r.Stopping.Err() != nil || c.allParked()
		if !due && !last {
			continue
		}
		err := c.round(id, last)
		switch {
		case c.r.Ctx.Err() != nil:
			return nil
		case errors.Is(err, ErrGivenUp):
			c.r.Logger.Warn("the sinks have not flushed in time, and nothing is acknowledged", "pipeline", c.r.Plan.Name, "cause", err)
		case err != nil:
			return err
		}
		if last {
			return nil
		}
		id++
	}
}

// round makes one round.
func (c *rounds) round(id int64, last bool) error {
	if err := c.all(id, last); err != nil {
		return err
	}
	return c.acknowledge()
}
