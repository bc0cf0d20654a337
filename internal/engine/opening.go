package engine

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/freshet-go/freshet/internal/keeper"
)

// open finds the checkpoint that the run begins with, and makes all that it consists of. What has been opened when
// it fails is closed. Otherwise the readers are the tasks' to close, and closeStore closes the rest.
func (r *Run) open() error {
	if r.cut == nil {
		err := r.prepare()
		if err != nil {
			r.closeReaders()
		}
		return err
	}
	_, restored := r.observe(r.Ctx, &r.restoring)
	if err := Apart(r.cut.open); err != nil {
		restored(err)
		return err
	}
	err := r.prepare()
	restored(err)
	if err != nil {
		r.closeReaders()
		if e := r.closeStore(); e != nil {
			err = errors.Join(err, e)
		}
	}
	return err
}

// closeStore ends what a run with checkpoints has begun with them.
func (r *Run) closeStore() error {
	if r.cut == nil {
		return nil
	}
	return errors.Join(r.cut.closeTransactions(), Apart(r.cut.keeper.Close))
}

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
	if r.from != nil && (r.foreign == nil || r.foreign.plan == nil) { // a plan has the numbers
		r.numbers.reserve(r.from.indices, r.from.numbered())
	}
	for _, n := range r.Plan.Nodes {
		if n.Source == nil {
			continue
		}
		open := r.openSource
		if r.foreign != nil {
			open = r.openForeign
		}
		if err := open(n); err != nil {
			return err
		}
	}
	placed := r.placed()
	r.homes = placed.home
	r.track()
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
	if r.Checkpointed() {
		return errors.Join(r.unsaved...)
	}
	return nil
}

// placed decides which operators share a task. For another engine, what is parted by key begins a
// stage also where there is one shard: there may be more when the job is restored.
func (r *Run) placed() placement {
	reads := func(n *Node) int { return len(r.stages[n]) }
	if r.foreign == nil || r.Shards > 1 {
		return place(r.Plan.Nodes, r.Shards, reads)
	}
	p := place(r.Plan.Nodes, 2, reads)
	for n := range p.count {
		if n.Source == nil {
			p.count[n] = r.Shards
		}
	}
	return p
}

// openSource opens the source n and makes the tasks that read it.
func (r *Run) openSource(n *Node) error {
	opened, err := n.Source(r)
	if err != nil {
		return err
	}
	r.opened = append(r.opened, opened.Partitions...)
	waits := make([]bool, len(opened.Partitions))
	for i, p := range opened.Partitions {
		if waits[i] = p.Waits; p.Waits && opened.Watch != nil {
			return &OperatorError{Operator: n.Name, Position: p.Name, Err: errWaits}
		}
		if err := r.writable("name", p.Name); err != nil {
			return &OperatorError{Operator: n.Name, Position: p.Name, Err: err}
		}
	}
	of, count := readers(waits, r.Shards)
	if opened.Watch != nil {
		count = r.Shards // for those that are still to come
	}
	tasks := r.addStage(n, count)
	for i, p := range opened.Partitions {
		if err := r.number(p); err != nil {
			return &OperatorError{Operator: n.Name, Position: p.Name, Err: err}
		}
		t := tasks[of[i]]
		p.Local = len(t.parts)
		t.parts = append(t.parts, p)
		r.reads(n).add(p)
	}
	if opened.Watch != nil {
		r.assign(n, tasks, opened)
	}
	return nil
}

// writable returns an error for what a reader says of its partition that no checkpoint could
// hold: a manifest is JSON.
func (r *Run) writable(what, text string) error {
	if r.cut == nil || utf8.ValidString(text) {
		return nil
	}
	return fmt.Errorf("the %s of the partition, %q, is not UTF-8, and no checkpoint can hold it", what, text)
}

// number gives a partition its place in the order of partitions: the one that
// it had in the run that the checkpoint is of, if it was there.
func (r *Run) number(p *Partition) error {
	if r.from == nil {
		return r.numbers.give(p)
	}
	if s, ok := r.from.sources[p.Source][p.Name]; ok {
		r.resume(p, s)
		return nil
	}
	return r.numbers.give(p)
}

// resume has a partition go on from what the checkpoint says of it.
func (r *Run) resume(p *Partition, s keeper.Source) {
	r.numbers.put(p, s.Index)
	p.Count, p.Promised, p.Resting, p.Resumed = s.Count, Time(s.Watermark), s.Done, true
	p.Front = p.Promised
}

func (r *Run) closeReaders() {
	for _, p := range r.opened {
		_ = Apart(p.Reader.Close) // the error of Open matters more
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
		r.stages[n] = append(r.stages[n], &Place{run: r, task: t, Index: i, count: count})
	}
	r.tasks = append(r.tasks, tasks...)
	return tasks
}

// Stage returns the places of the stage that n begins.
func (r *Run) Stage(n *Node) []*Place { return r.stages[n] }
