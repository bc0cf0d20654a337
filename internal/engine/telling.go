package engine

// What a task that reads a source tells its stage.

// promise passes on the watermark that the readers know of, or that none of
// them is waited for.
func (l *reading) promise() error {
	reach := Reach{}
	low, awake := Least(len(l.task.parts), func(i int) (Time, bool) {
		p := l.task.parts[i]
		reach.Idle = reach.Idle || p.Idle && !p.Done
		if p.Promised < MaxTime {
			l.furthest = max(l.furthest, p.Promised)
		}
		return p.Promised, !p.Done && !p.Resting && !p.Idle
	})
	reach.Low, reach.High = low, l.furthest
	rests := reach.Idle
	if l.member != nil {
		l.member.Set(reach)
		if l.op.Grows() { // none goes further than all: the next partition may be given to any
			reach, rests = l.member.All(), true
			low, awake = reach.Low, reach.Low < MaxTime
		}
	}
	switch {
	case !awake:
		if high := reach.Silent(); high > l.last {
			if err := l.reaches(high); err != nil {
				return err
			}
		}
		if !rests || l.quiet {
			return nil
		}
		l.quiet = true
		return l.control(Control{Kind: Idle})
	case low == MaxTime:
	case low > l.last || l.quiet:
		return l.reaches(max(low, l.last))
	}
	return nil
}

// reaches passes on a watermark.
func (l *reading) reaches(watermark Time) error {
	l.quiet, l.last = false, watermark
	if l.horizon.Passed(l.op, l.last) {
		l.op.WarnAhead("", l.last)
	}
	return l.control(Control{Kind: Watermark, Watermark: l.last})
}

// changed tells the stage that something has become of a partition.
func (l *reading) changed() error {
	for _, w := range l.task.watchers {
		if err := w.PartitionChanged(); err != nil {
			return err
		}
	}
	return l.promise()
}

func (l *reading) control(c Control) error {
	if c.Kind == Watermark {
		l.op.Advance(c.Watermark)
	}
	if c.Kind == Watermark || c.Kind == Idle || c.Kind == End {
		c.Born = l.op.Nanos()
	}
	return l.entry.Control(c)
}

// finish ends the stream; whole says that the source was read to its end. Then the watermark is that of the partition
// which had come furthest, before it is the last of all: the same in whichever order they have ended.
func (l *reading) finish(whole bool) error {
	if l.cancel != nil {
		l.cancel()
	}
	if whole {
		if l.furthest > l.last {
			if err := l.reaches(l.furthest); err != nil {
				return err
			}
		}
		if err := l.control(Control{Kind: Watermark, Watermark: MaxTime}); err != nil {
			return err
		}
	}
	if err := l.control(Control{Kind: End}); err != nil {
		return err
	}
	return l.task.quiet()
}
