package engine

import "fmt"

// save saves the state of the task for a checkpoint.
func (t *task) save(id int64) error {
	if t.rt.halt.Load() {
		return ErrStopped
	}
	t.saved = id
	var s taskState
	for _, op := range t.holding {
		op.Enter()
		encode, err := op.save()
		if err != nil {
			return op.Failure(fmt.Errorf("save the state: %w", err))
		}
		s.operators = append(s.operators, operatorState{op, encode, Time(op.stats.watermark.Load())})
	}
	prepared, err := t.prepare()
	if err != nil {
		return err
	}
	s.prepared = prepared
	if t.source != nil {
		s.sources = t.source.offsets()
	}
	t.rt.cut.saved(t, id, s)
	return nil
}

// park keeps a task that has come to its end until the run's last checkpoint
// has been taken.
func (t *task) park() error {
	c := t.rt.cut
	if c == nil {
		return nil
	}
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
