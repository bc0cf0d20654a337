package engine

import (
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/keeper"
)

// Numbering is which numbers partitions have in a job of another engine. Operators in other processes hold state by them, and order events of one time by them: so one that was saved
// keeps its number, whatever stands before it by now, and one that comes gets a number that none of the pipeline had.
//
// Who describes the plan does not know what the engine has saved, and numbers from 0. An instance that goes on from what was saved knows the numbers of its own source, and not those
// of others. So each instance saves up to where numbers of the whole plan go, and that is added to the numbers of what comes: those of the plan are unlike each other. It is added
// once for each list of partitions, and not each time that an instance is started again.
//
// A source that comes has nothing saved. It is taken in where the numbers of the plan are right for all partitions as they are.

// renumber takes over what is added to numbers from what an instance of a source has saved, which has these partitions.
func (f *foreign) renumber(x *rest, saved map[string]keeper.Source) error {
	f.handed = true
	f.above = x.Above
	if f.stage.Source == nil || x.Listed == listed(f.plan) {
		return nil
	}
	var came string
	for _, s := range f.plan.Stages {
		if s.Kind != door.Source || slices.Contains(x.Sources, s.Name) {
			continue
		}
		came = s.Name
		for _, p := range s.Partitions {
			if p.Number < x.Numbered {
				return f.another(came)
			}
		}
	}
	if came == "" {
		f.above = x.Numbered
		return nil
	}
	// One that comes has nothing saved, and takes the plan's numbers as they are: so all have to do so.
	if x.Above > 0 {
		return f.another(came)
	}
	for _, p := range f.plan.Stage(f.stage.ID).Partitions {
		if s, ok := saved[p.Name]; ok && s.Index != p.Number || !ok && p.Number < x.Numbered {
			return f.another(came)
		}
	}
	return nil
}

func (f *foreign) another(came string) error {
	return &OperatorError{Operator: f.stage.Name, Err: fmt.Errorf("source %s was not there when the job was saved, and its partitions would be taken for others: "+
		"have it stand behind all other sources, and these have the partitions that they had when the job began, or begin anew", came)}
}

// sourcesOf returns the names of a plan's sources.
func sourcesOf(plan *door.Plan) (names []string) {
	for _, s := range plan.Stages {
		if s.Kind == door.Source {
			names = append(names, s.Name)
		}
	}
	return names
}

// numbersOf returns the number behind the last one of a plan.
func numbersOf(plan *door.Plan) (n int) {
	for _, s := range plan.Stages {
		for _, p := range s.Partitions {
			n = max(n, p.Number+1)
		}
	}
	return n
}

// listed tells the partitions of a plan from those of another one.
func listed(plan *door.Plan) string {
	h := fnv.New128a()
	for _, s := range plan.Stages {
		for _, p := range s.Partitions {
			_, _ = fmt.Fprintf(h, "%q %q %d\n", s.Name, p.Name, p.Number) // never fails
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

var errMissing = errors.New("the job has read a part of it, and the source does not have it any more: have it there again, or begin anew")

// missing returns an error if the job has read of a partition that no instance is given any more.
func (r *Run) missing(n *Node) error {
	if !r.foreign.handed {
		return nil
	}
	given := map[string]bool{}
	for _, p := range r.foreign.plan.Stage(n.ID).Partitions {
		given[p.Name] = true
	}
	saved := r.from.sources[n.Name]
	for _, name := range slices.Sorted(maps.Keys(saved)) {
		if !given[name] && !saved[name].Done {
			return &OperatorError{Operator: n.Name, Position: name, Err: errMissing}
		}
	}
	return nil
}
