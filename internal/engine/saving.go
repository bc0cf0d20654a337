package engine

import "fmt"

// save hands in what the task has for a checkpoint, or for a round.
func (t *task) save(id int64) error {
	if t.rt.halt.Load() {
		return ErrStopped
	}
	t.saved = id
	var s taskState
	if t.rt.Checkpointed() {
		if err := t.gather(&s); err != nil {
			return err
		}
	}
	if t.source != nil {
		var err error
		if s.sources, err = t.source.offsets(); err != nil {
			return err
		}
	}
	t.rt.gathers.saved(t, id, s)
	return nil
}

// gather copies the state of the task's operators, and has its writers prepare.
func (t *task) gather(s *taskState) (err error) {
	for _, op := range t.holding {
		op.Enter()
		encode, err := op.save()
		if err != nil {
			return op.Failure(fmt.Errorf("save the state: %w", err))
		}
		s.operators = append(s.operators, operatorState{op, encode, Time(op.stats.watermark.Load())})
	}
	s.prepared, err = t.prepare()
	return err
}

// park keeps a task that has come to its end until all has been
// gathered for the last time.
func (t *task) park() error {
	if !t.rt.barriers {
		return nil
	}
	c := t.rt.gathers
	c.parks()
	t.idle.begin(t.rt)
	defer t.idle.end(t.rt)
	for {
		if err := t.serve(); err != nil {
			return err
		}
		if id := c.epoch.Load().id; id > t.saved {
			if err := t.save(id); err != nil {
				return err
			}
		}
		select {
		case <-t.roused:
		case <-c.over:
			return nil
		case <-t.rt.Ctx.Done():
			return ErrStopped
		}
	}
}

// rouse has the task look whether there is something to do, if it has parked.
func (t *task) rouse() { signal(t.roused) }
