package engine

import "time"

// A teller tells the stream what becomes of the partitions of a task: see News.
type teller struct {
	l     *reading
	heeds []*SilenceOf
	step  time.Duration       // that much more asking is told of; 0 where nobody wants to know
	last  map[*Partition]News // what was told of each
	gone  []*Partition        // that were removed, until that is told
	open  bool                // those have been told of that are there from the beginning
}

// tells has the task tell of its partitions, if somebody wants to know.
func (l *reading) tells(n *Node) {
	r := l.task.rt
	if !r.Tracks(n) {
		return
	}
	l.teller = &teller{l: l, last: map[*Partition]News{}}
	for _, times := range r.tracking.times[n] {
		if times.Heeds != nil {
			t := l.teller
			t.heeds = append(t.heeds, times.Heeds)
			if step := times.Heeds.listens(); t.step == 0 || step < t.step {
				t.step = step
			}
		}
	}
	l.op.Watch(l.teller)
	if len(l.teller.heeds) > 0 {
		l.op.HeedSilence()
		l.op.Wake(l.teller)
	}
}

// begin tells of the partitions that are there when the run begins.
func (t *teller) begin() error {
	if t.open {
		return nil
	}
	t.open = true
	if err := t.PartitionChanged(); err != nil {
		return err
	}
	if err := t.l.control(Control{Kind: AllTold}); err != nil {
		return err
	}
	return t.l.task.quiet()
}

// PartitionChanged tells what has not been told.
func (t *teller) PartitionChanged() error {
	if !t.open { // begin is called next
		return nil
	}
	for len(t.gone) > 0 {
		p := t.gone[0]
		t.gone = t.gone[1:]
		if err := t.tell(p, true); err != nil {
			return err
		}
	}
	for _, p := range t.l.task.parts {
		if err := t.tell(p, false); err != nil {
			return err
		}
	}
	return nil
}

// PartitionAdded has nobody go on without the partition. PartitionChanged, which is called
// next, tells of it.
func (t *teller) PartitionAdded(p *Partition) { t.l.task.rt.tracking.expect(t.l.op.Node, p) }

// PartitionRemoved notes it for PartitionChanged, which may fail.
func (t *teller) PartitionRemoved(p *Partition) { t.gone = append(t.gone, p) }

// tell tells of a partition if there is something new.
func (t *teller) tell(p *Partition, gone bool) error {
	old, known := t.last[p]
	awake := !p.Done && !p.Resting && !gone
	now := News{Of: p, Asked: old.Asked, Timed: p.Timed, Resting: p.Resting, Gone: gone, Beat: MinTime}
	if !p.Timed {
		now.Beat = p.Beat
	}
	was := known && old.Awake > 0
	if awake {
		now.Silent = t.silence(p, old.Silent)
		now.Awake = 1
	}
	if t.step > 0 && (!known || now != old || p.Asked-old.Asked >= t.step) {
		now.Asked = p.Asked
	}
	if known && now == old {
		return nil
	}
	if t.last[p] = now; gone {
		delete(t.last, p)
	}
	switch {
	case awake == was:
		now.Awake = 0
	case was:
		now.Awake = -1
	}
	return t.l.control(Control{Kind: Told, News: &now})
}

// silence returns for how long the reader of a partition has given nothing, or if nobody wants to know
// what was told last.
func (t *teller) silence(p *Partition, told time.Duration) time.Duration {
	d := p.Asked - p.heard
	if d < told {
		return 0 // it has given something
	}
	for _, h := range t.heeds {
		if at, ok := h.next(told); ok && d >= at {
			return d
		}
	}
	return told
}

// Due is when the Read under way, or the silence of a partition that cannot be
// asked, has lasted long enough.
func (t *teller) Due() (at time.Time, ok bool) {
	if p := t.l.task.reads; p != nil {
		return t.due(p, t.l.task.readAt)
	}
	for _, p := range t.l.task.parts {
		if since, silent := p.Silent(); silent {
			if a, has := t.due(p, since); has && (!ok || a.Before(at)) {
				at, ok = a, true
			}
		}
	}
	return at, ok
}

func (t *teller) due(p *Partition, since time.Time) (at time.Time, ok bool) {
	if p.Done {
		return at, false
	}
	silent := p.Asked - p.heard
	for _, h := range t.heeds {
		if d, has := h.next(min(silent, t.last[p].Silent)); has {
			if a := since.Add(max(d-silent, time.Millisecond)); !ok || a.Before(at) {
				at, ok = a, true
			}
		}
	}
	return at, ok
}

// Tick does nothing: what a Read has come back with says what has become of its
// partition.
func (t *teller) Tick(time.Time) error { return nil }
