package engine

import "errors"

// prepare makes all that the run consists of, and commits what an earlier run
// has prepared.
func (r *Run) prepare() error {
	if err := r.build(); err != nil || r.cut == nil {
		return err
	}
	if r.from != nil {
		if err := r.fits(); err != nil {
			return err
		}
		r.nameless()
	}
	return r.cut.openTransactions()
}

// build opens the sources and makes every instance of every operator.
func (r *Run) build() error {
	for _, n := range r.Plan.Nodes {
		if n.Source == nil {
			continue
		}
		if err := r.openSource(n); err != nil {
			return err
		}
	}
	placed := place(r.Plan.Nodes, r.Shards, func(n *Node) int { return len(r.stages[n]) })
	r.homes = placed.home
	for _, n := range r.Plan.Nodes {
		if r.homes[n] == n && n.Source == nil {
			r.addStage(n, placed.count[n])
		}
	}
	for _, n := range r.Plan.Nodes {
		if n.Build != nil {
			n.Build(r)
		}
	}
	if r.cut != nil {
		return errors.Join(r.unsaved...)
	}
	return nil
}

// openSource opens the source n and makes the tasks that read it.
func (r *Run) openSource(n *Node) error {
	all, err := n.Source(r)
	if err != nil {
		return err
	}
	waits := make([]bool, len(all))
	for i, o := range all {
		waits[i] = o.Waits
	}
	of, count := readers(waits, r.Shards)
	tasks := r.addStage(n, count)
	for i, o := range all {
		r.number(o.Part)
		r.readers[o.Part] = o
		t := tasks[of[i]]
		o.Part.Local = len(t.parts)
		t.parts = append(t.parts, o.Part)
	}
	return nil
}

// number gives a partition its place in the order of partitions: the one that
// it had in the run that the checkpoint is of, if it was there.
func (r *Run) number(p *Partition) {
	if r.from != nil {
		if s, ok := r.from.sources[p.Source][p.Name]; ok {
			p.index, p.Count = s.Index, s.Count
			p.Promised = Time(s.Watermark)
			p.Front = p.Promised
			p.Resting = s.Done
			if grow := p.index + 1 - len(r.partitions); grow > 0 {
				r.partitions = append(r.partitions, make([]*Partition, grow)...)
			}
			r.partitions[p.index] = p
			return
		}
		if grow := r.from.indices - len(r.partitions); grow > 0 {
			r.partitions = append(r.partitions, make([]*Partition, grow)...)
		}
	}
	p.index = len(r.partitions)
	r.partitions = append(r.partitions, p)
}

func (r *Run) closeReaders() {
	for _, o := range r.readers {
		_ = Apart(o.Reader.Close) // the error of Open matters more
	}
}

// addStage makes the tasks of the stage that n begins.
func (r *Run) addStage(n *Node, count int) []*task {
	var tasks []*task
	for i := range count {
		t := &task{rt: r, stage: n, index: i, roused: make(chan struct{}, 1)}
		if n.Source == nil {
			t.inbox = newInbox()
		}
		tasks = append(tasks, t)
		r.stages[n] = append(r.stages[n], &Place{Run: r, task: t, Index: i, count: count})
	}
	r.tasks = append(r.tasks, tasks...)
	return tasks
}

// Stage returns the places of the stage that n begins.
func (r *Run) Stage(n *Node) []*Place { return r.stages[n] }
