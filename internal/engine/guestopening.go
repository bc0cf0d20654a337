package engine

import (
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/internal/door"
)

// OpenForeign opens one instance of one stage.
func (p *Plan) OpenForeign(cfg Config, o door.Opening) (door.Instance, error) {
	if err := p.agrees(o.Plan); err != nil {
		return nil, err
	}
	if err := p.holds(o.Plan); err != nil {
		return nil, err
	}
	s := o.Plan.Stage(o.Stage)
	if s == nil || o.Index < 0 || o.Index >= s.Instances {
		return nil, fmt.Errorf("stream: pipeline %q has no instance %d of stage %d", p.Name, o.Index, o.Stage)
	}
	if s.Kind == door.Commit {
		return p.openCommit(cfg, o)
	}
	d := &guest{r: newForeign(p, cfg, foreignOf(p, o))}
	err := d.open(&o)
	if err != nil {
		d.err = err
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// holds returns an error if stages and edges that were described are not of the plan. They come from another process.
func (p *Plan) holds(d *door.Plan) error {
	wrong := fmt.Errorf("stream: the stages and edges of the job's plan are not of pipeline %q", p.Name)
	kinds := map[int]door.Kind{}
	for _, s := range d.Stages {
		node := s.ID
		if s.Kind == door.Commit {
			node -= len(p.Nodes)
		}
		if _, twice := kinds[s.ID]; twice || node < 0 || node >= len(p.Nodes) || s.Instances < 1 || s.Instances > 1<<16 {
			return wrong
		}
		n := p.Nodes[node]
		if (s.Kind == door.Source) != (s.Kind != door.Commit && n.Source != nil) || s.Kind == door.Commit && (n.Committer == nil || s.Instances > 1) {
			return wrong
		}
		if s.Kind == door.Operator && s.Instances != d.Shards {
			return wrong
		}
		kinds[s.ID] = s.Kind
	}
	for _, n := range p.Nodes {
		if n.Source != nil && kinds[n.ID] != door.Source {
			return wrong
		}
	}
	for _, e := range d.Edges {
		from, to := kinds[e.From], kinds[e.To]
		switch {
		case from == "" || from == door.Commit || to == "" || to == door.Source, (e.Input < 0) != (to == door.Commit):
			return wrong
		case e.Input >= 0 && e.Input >= len(p.Nodes[e.To].Inputs):
			return wrong
		}
	}
	return nil
}

// foreignOf is what a run has to know that drives one instance of a plan.
func foreignOf(p *Plan, o door.Opening) *foreign {
	f := &foreign{saves: o.Plan.Checkpoints, bounded: o.Plan.Bounded, plan: o.Plan, index: o.Index, parts: o.Partitions, out: o.Output, before: map[*Node]bool{}}
	if o.Stage < len(p.Nodes) {
		f.stage = p.Nodes[o.Stage]
	}
	for id, e := range o.Plan.Edges {
		if e.Input >= 0 {
			f.crossings = append(f.crossings, &crossing{inputKey: inputKey{p.Nodes[e.To], e.Input}, id: id})
		}
	}
	behind := map[int]bool{o.Stage: true}
	for grew := true; grew; {
		grew = false
		for _, e := range o.Plan.Edges {
			if behind[e.To] && !behind[e.From] {
				behind[e.From], grew = true, true
				f.before[p.Nodes[e.From]] = true
			}
		}
	}
	return f
}

func (d *guest) open(o *door.Opening) error {
	r := d.r
	if err := r.beginForeign(o); err != nil {
		return err
	}
	err := r.build()
	if places := r.stages[r.foreign.stage]; o.Index < len(places) {
		d.t = places[o.Index].task
	}
	if err != nil {
		if d.t == nil || d.t.source == nil { // nobody else closes them
			r.closeReaders()
		}
		return err
	}
	if err := errors.Join(r.foreign.refused...); err != nil {
		return err
	}
	if d.t == nil || r.homes[r.foreign.stage] != r.foreign.stage || !r.foreign.known() {
		return fmt.Errorf("stream: the edges of the job's plan are not those of pipeline %q", r.Plan.Name)
	}
	if err := r.fits(); err != nil {
		return err
	}
	if r.from != nil {
		d.restored = r.from.id
	}
	for id, e := range r.foreign.plan.Edges {
		if e.Input < 0 && e.From == o.Stage {
			d.commits = append(d.commits, &commit{id, r.Plan.Nodes[e.To-len(r.Plan.Nodes)]})
		}
	}
	r.foreign.receive(r, d.t)
	err = d.call(func() error {
		if err := d.t.open(); err != nil {
			return err
		}
		if err := errors.Join(r.foreign.refused...); err != nil { // operators are made by now
			return err
		}
		return d.end()
	})
	if err == nil {
		for _, a := range r.assigned {
			d.watching.Go(func() { a.watchFixed(d.t) })
		}
	}
	return err
}
