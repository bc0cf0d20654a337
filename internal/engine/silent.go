package engine

import "time"

// Where readers promise watermarks, a partition that gives nothing for a while may
// be left out of what its task promises, as EventTime does it for those that it
// makes. What counts is for how long its Read was waited for in vain.

// heard notes that a partition has given something, or that it has not.
func (l *reading) heard(p *Partition, gave bool) {
	after := l.op.Node.IdleAfter
	if gave {
		p.heard = p.Asked
	} else if after > 0 && p.Asked-p.heard >= after {
		if !p.Idle && p.Count > 0 && p.Promised == MinTime && !p.SaysIdle {
			l.op.warnIdle(p.Name)
		}
		p.Idle = true
	}
}

// Due is when the Read under way, or the silence of a partition that cannot be
// asked, has lasted long enough.
func (l *reading) Due() (at time.Time, ok bool) {
	t := l.task
	if t.reads != nil {
		return l.due(t.reads, t.readAt)
	}
	for _, p := range t.parts {
		if since, silent := p.Silent(); silent {
			if a, has := l.due(p, since); has && (!ok || a.Before(at)) {
				at, ok = a, true
			}
		}
	}
	return at, ok
}

func (l *reading) due(p *Partition, since time.Time) (at time.Time, ok bool) {
	wait := l.op.Node.IdleAfter - (p.Asked - p.heard)
	return since.Add(max(wait, time.Millisecond)), !p.Done && !p.Idle
}

// Tick does nothing: what a Read has come back with says what has become of its
// partition.
func (l *reading) Tick(time.Time) error { return nil }
