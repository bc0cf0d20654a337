package stream

// A port is where batches of one stream enter a stage from others: it merges
// its lanes' watermarks and tells the operator behind.
type port struct {
	task     *task
	progress *progress
	next     func(control) error
}

// lane opens a lane into the port for one more sender.
func (p *port) lane(from *task) *lane {
	p.task.feeds = append(p.task.feeds, from)
	input := p.progress.grow()
	return p.task.inbox.lane(func(c control) error {
		out, changed := p.progress.take(input, c)
		if !changed {
			return nil
		}
		if out.kind == ctlEnd {
			p.task.ports--
		}
		return p.next(out)
	}, p.task.rt.sync)
}

func newPort(t *task, next func(control) error) *port {
	t.ports++
	p := &port{task: t, progress: newProgress(0), next: next}
	t.entries = append(t.entries, p)
	return p
}

// open is called when all lanes are there. A port that nobody sends to, as
// there are more shards than senders, has seen its end.
func (p *port) open() error {
	if len(p.progress.inputs) > 0 {
		return nil
	}
	p.task.ports--
	if err := p.next(control{kind: ctlWatermark, watermark: maxTime}); err != nil {
		return err
	}
	return p.next(control{kind: ctlEnd})
}

// ended reports whether nothing follows.
func (p *port) ended() bool { return p.progress.live == 0 }
