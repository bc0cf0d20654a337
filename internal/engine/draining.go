package engine

// drain reads what readers have taken from senders that will not give it again, before the last
// barrier of a run that is told to stop. It reads one batch a step, and reports whether there may be more.
func (l *reading) drain() (more bool, err error) {
	if !l.drains {
		l.drains = true
		if err := l.beginDrain(); err != nil {
			return false, err
		}
	}
	if len(l.drained) == 0 {
		return false, nil
	}
	return true, l.read(l.drained[0])
}

func (l *reading) beginDrain() error {
	if l.cancel != nil {
		l.cancel()
	}
	l.ctx, l.cancel = l.task.rt.Ctx, nil // what a stop ends is over
	for _, p := range l.task.parts {
		d, ok := p.Reader.(drainer)
		if !ok || p.Done {
			continue
		}
		l.op.Enter()
		if err := Apart(func() error { d.Drain(); return nil }); err != nil {
			return &OperatorError{Operator: l.op.Node.Name, Position: p.Name, Err: err}
		}
		l.drained = append(l.drained, p)
	}
	return nil
}
