package engine

import "time"

// An owing has the partitions of a task show the offsets that they owe: what was read too soon after a long offset was shown shows none. Where nothing more
// comes, the one that is shown would stay that of an event before the last.
type owing struct {
	task *task
	at   time.Time // when the first of them is to be shown, by the run's clock; zero if none is
}

// note is called when a partition has been read.
func (o *owing) note(p *Partition) {
	if p.seen.owes && o.at.IsZero() {
		o.at = o.task.rt.Now().Add(max(time.Millisecond, p.seen.next-o.task.rt.elapsed()))
	}
}

// Due makes the owing a waker of its task: it ends a Read that waits.
func (o *owing) Due() (time.Time, bool) { return o.at, !o.at.IsZero() }

// Tick has the offsets be shown that are a second late.
func (o *owing) Tick(time.Time) error {
	o.at = time.Time{}
	for _, p := range o.task.parts {
		if p.seen.owes && o.task.rt.elapsed() >= p.seen.next {
			if err := p.showOffset(o.task.rt.elapsed()); err != nil {
				return err
			}
		}
		o.note(p)
	}
	return nil
}
