package engine

// A Port is where the controls of one stream enter a stage from others: it merges
// its lanes' watermarks and tells the operator behind. Batches do not pass it: an envelope knows whom it is for.
type Port struct {
	inputKey
	task     *task
	frontier *Frontier
	next     func(Control) error
	lanes    []*lane // for statistics
}

// lane opens a lane into the port for one more sender; from is nil for one in another process.
func (p *Port) lane(from *task) *lane {
	if from != nil {
		p.task.feeds = append(p.task.feeds, from)
	}
	input := p.frontier.grow()
	l := p.task.inbox.lane(func(c Control) error {
		if c.Kind == Told {
			return p.next(c)
		}
		return p.frontier.Take(input, c, p.pass)
	}, p.task.rt.sync)
	p.task.rt.addLane(p, l)
	return l
}

// pass tells the operator behind what the lanes mean together.
func (p *Port) pass(c Control) error {
	if c.Kind == End {
		p.task.ports--
	}
	return p.next(c)
}

// Port opens a port of the place's task for an input of n, with next behind it.
func (pl *Place) Port(n *Node, input int, next func(Control) error) *Port {
	t := pl.task
	t.ports++
	p := &Port{inputKey: inputKey{n, input}, task: t, frontier: NewFrontier(0), next: next}
	t.entries = append(t.entries, p)
	t.rt.addPort(p)
	return p
}

// HollowPort is a port of a hollow place: what lanes lead to that leave the process.
func (pl *Place) HollowPort(n *Node, input int) *Port {
	return &Port{inputKey: inputKey{n, input}, task: pl.task}
}

// open is called when all lanes are there. A port that nobody sends to, as
// there are more shards than senders, has seen its end.
func (p *Port) open() error {
	if len(p.frontier.Inputs) > 0 {
		return nil
	}
	p.task.ports--
	if err := p.next(Control{Kind: Watermark, Watermark: MaxTime}); err != nil {
		return err
	}
	return p.next(Control{Kind: End})
}

// ended reports whether nothing follows.
func (p *Port) ended() bool { return p.frontier.live == 0 }
