package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"reflect"
	"slices"
	"strings"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/record"
)

// foreignVersion is that of frames and of what instances save: processes of different ones do not
// understand each other.
const foreignVersion = 2

// Describe returns what the plan consists of, for another engine. Readers are opened to know
// the partitions, and closed again.
func (p *Plan) Describe(ctx context.Context, cfg Config, saves, bounded bool, from door.From) (*door.Plan, error) {
	r := newForeign(p, cfg, &foreign{saves: saves, bounded: bounded, alone: map[*Node]string{}})
	defer r.cancel(nil)
	defer context.AfterFunc(ctx, func() { r.cancel(context.Cause(ctx)) })()
	if err := r.findOwn(from); err != nil {
		return nil, err
	}
	err := r.build()
	r.closeReaders()
	if err == nil {
		err = ended(ctx)
	}
	if err != nil {
		return nil, errors.Join(append(r.foreign.refused, err)...)
	}
	if err := r.cannot(); err != nil {
		return nil, err
	}
	plan := &door.Plan{
		Name: p.Name, Fingerprint: fingerprint(p), Shards: r.Shards, Batch: r.Batch, Checkpoints: saves, Bounded: bounded,
		Stages: r.foreignStages(),
	}
	if r.from != nil {
		plan.From = r.from.id
		if err := r.fits(); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(r.foreign.crossings, func(a, b *crossing) int {
		return cmp.Or(cmp.Compare(a.n.ID, b.n.ID), cmp.Compare(a.input, b.input))
	})
	for _, c := range r.foreign.crossings {
		plan.Edges = append(plan.Edges, door.Edge{From: c.from.ID, To: c.n.ID, Input: c.input, All: c.all})
	}
	if r.Commits() {
		r.addCommits(plan)
	}
	for _, n := range p.Nodes {
		commits := n.Committer != nil && r.Commits()
		why := n.Local
		if commits {
			why = n.Commits
			if bounded {
				why = cmp.Or(why, n.BatchCommits)
			}
		}
		if why != "" {
			plan.Local = append(plan.Local, door.Local{Operator: n.Name, Why: why, Commits: commits})
		} else if bounded && n.Kind == "sink" && n.Committer == nil {
			plan.Uncommitted = append(plan.Uncommitted, n.Name)
		}
	}
	return plan, nil
}

// cannot returns why another engine cannot run the plan.
func (r *Run) cannot() error {
	for _, n := range r.Plan.Nodes {
		if n.Kind == "eventtime" && r.Tracks(n) {
			r.refuse(n, "it stands behind a Merge and has to be told what becomes of partitions in other processes: give each stream EventTime in front of the Merge")
		}
		if home := r.homes[n]; n.Kind == "eventtime" && r.Bounded() && home != nil && home.Source == nil {
			r.refuse(n, "it stands behind an exchange, where in a batch the events of one task come behind all those of another and would be late: give the stream EventTime in front of that")
		}
		if n.Committer != nil && r.Commits() && (n.Skips || n.Diverts()) {
			r.refuse(n, "rows that are refused when they are committed are not handed back to it: leave SkipFailures and Divert away")
		}
	}
	seen := map[string]bool{}
	return errors.Join(slices.DeleteFunc(r.foreign.refused, func(err error) bool { // once for each operator
		known := seen[err.Error()]
		seen[err.Error()] = true
		return known
	})...)
}

// foreignStages returns the stages that have been made.
func (r *Run) foreignStages() (stages []door.Stage) {
	for _, n := range r.Plan.Nodes {
		if r.homes[n] != n {
			continue
		}
		s := door.Stage{ID: n.ID, Kind: door.Operator, Name: n.Name, Instances: len(r.stages[n]), Keyed: n.Keyed}
		for _, other := range r.Plan.Nodes {
			if r.homes[other] == n {
				s.Operators = append(s.Operators, other.Name)
			}
		}
		if n.Source != nil {
			s.Kind, s.Endless = door.Source, n.Endless
			for i, pl := range r.stages[n] {
				for _, p := range pl.task.parts {
					s.Waits = s.Waits || p.Waits
					if p.Waits {
						s.Alone = r.foreign.alone[n]
					}
					s.Partitions = append(s.Partitions, door.Partition{Name: p.Name, Number: p.index, Instance: i, Begins: p.begins})
				}
			}
		}
		stages = append(stages, s)
	}
	return stages
}

// addCommits adds a stage for each sink whose results are committed, behind that of its writers.
func (r *Run) addCommits(plan *door.Plan) {
	for _, n := range r.Plan.Nodes {
		if n.Committer == nil {
			continue
		}
		s := door.Stage{ID: commitID(r.Plan, n), Kind: door.Commit, Name: n.Name + " commit", Operators: []string{n.Name}, Instances: 1}
		plan.Stages = append(plan.Stages, s)
		plan.Edges = append(plan.Edges, door.Edge{From: r.homes[n].ID, To: s.ID, Input: -1, All: true})
	}
}

// commitID is the ID of the stage that commits for a sink.
func commitID(p *Plan, sink *Node) int { return len(p.Nodes) + sink.ID }

// lines describe the plan as far as all processes have to agree on it.
func (p *Plan) lines() []string {
	lines := []string{fmt.Sprintf("version %d pipeline %q", foreignVersion, p.Name)}
	for _, n := range p.Nodes {
		var b strings.Builder
		fmt.Fprintf(&b, "%s %q %q", n.Kind, n.Name, n.Detail)
		for i, in := range n.Inputs {
			fmt.Fprintf(&b, " from %d.%d", in.ID, slices.Index(in.Outlets, n.Inlets[i]))
		}
		for _, o := range n.Outlets {
			value, key := o.Types()
			fmt.Fprintf(&b, " gives %s", layoutOf(value))
			if key != nil {
				fmt.Fprintf(&b, " by %s", layoutOf(key))
			}
		}
		for _, s := range n.settings {
			fmt.Fprintf(&b, " %s=%q", s.Name, s.Value)
		}
		lines = append(lines, b.String())
	}
	return lines
}

// fingerprint is the same for plans whose lines are. It guards against mistakes, and against nobody who wants to
// deceive: a hash that is secure would bring more code into each program than all that is for other engines.
func fingerprint(p *Plan) string {
	h := fnv.New128a()
	_, _ = h.Write([]byte(strings.Join(p.lines(), "\n"))) // never fails
	return fmt.Sprintf("%x", h.Sum(nil))
}

// layoutOf is how values of a type are stored, or its name where they cannot be.
func layoutOf(t reflect.Type) string {
	layout, err := record.Layout(t)
	if err != nil {
		return t.String()
	}
	return layout
}

// agrees returns an error if the plan is not the one that was described.
func (p *Plan) agrees(with *door.Plan) error {
	if fingerprint(p) == with.Fingerprint {
		return nil
	}
	return fmt.Errorf("stream: pipeline %q of this process is not the one of the job, %q: its fingerprint is %.12s and the job's %.12s. "+
		"All processes have to run the same binary with the same arguments, and build the pipeline alike. Here it is\n\t%s",
		p.Name, with.Name, fingerprint(p), with.Fingerprint, strings.Join(p.lines(), "\n\t"))
}
