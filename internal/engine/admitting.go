package engine

import "slices"

// What a task does about partitions that come and go.

// admit begins to read a partition.
func (l *reading) admit(p *Partition) error {
	p.Local = len(l.task.parts)
	l.task.parts = append(l.task.parts, p)
	for _, w := range l.task.watchers {
		w.PartitionAdded(p)
	}
	l.queue.put(p)
	if err := l.changed(); err != nil {
		return err
	}
	return l.task.quiet()
}

// dismiss reads a partition no more. One whose reader is to be told stays, to be in what is gathered next.
func (l *reading) dismiss(p *Partition) error {
	parts := l.task.parts
	last := len(parts) - 1
	parts[p.Local] = parts[last]
	parts[p.Local].Local = p.Local
	l.queue.moved(parts[p.Local])
	l.queue.take(p)
	parts[last], l.task.parts = nil, parts[:last]
	for _, w := range l.task.watchers {
		w.PartitionRemoved(p)
	}
	p.leaving = true
	l.drained = slices.DeleteFunc(l.drained, func(d *Partition) bool { return d == p })
	if l.task.rt.lets(p) {
		l.leaving = append(l.stillLeaving(), p)
	}
	return l.changed()
}

// stillLeaving returns those that have left and whose readers are open.
func (l *reading) stillLeaving() []*Partition {
	l.leaving = slices.DeleteFunc(l.leaving, func(p *Partition) bool { return p.released.Load() })
	return l.leaving
}

// stir has partitions asked again that had nothing, as the source says.
func (l *reading) stir() error {
	for _, p := range l.stirred.take() {
		if p.silent && p.ready.Load() && !p.leaving {
			p.silent = false
			l.queue.put(p)
		}
	}
	if !l.begun { // downstream does not wait for a task that has no partition yet
		l.begun = true
		return l.changed()
	}
	return nil
}

// listened counts for how long partitions have had nothing, and has the task come
// as far as the others have.
func (l *reading) listened() error {
	if l.moves == nil {
		return nil
	}
	now := l.task.rt.Now()
	for _, p := range l.task.parts {
		if l.task.heeds && p.silent && !p.Done {
			p.Asked += max(0, now.Sub(p.nothing))
			p.nothing = now
			l.heard(p, false)
		}
	}
	if err := l.changed(); err != nil {
		return err
	}
	for _, p := range l.task.parts {
		if l.task.heeds {
			if err := p.show(l.task.rt.elapsed(), true); err != nil {
				return err
			}
		}
	}
	return nil
}
