package engine

import (
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"

	"github.com/freshet-go/freshet/internal/door"
)

// Numbering is which numbers partitions have in a job of another engine. Operators in other processes hold state by them, and order events of one time by them: so one that was saved
// keeps its number, whatever stands before it by now, and one that comes gets a number that none of the pipeline had.
//
// Who describes the plan does not know what the engine has saved, and numbers from 0. An instance that goes on from what was saved knows the numbers of its own source, and not those
// of others. So each instance saves up to where numbers of the whole plan go, and that is added to the numbers of what comes: those of the plan are unlike each other. It is added
// once for each list of partitions, and not each time that an instance is started again.

// renumber takes over what is added to numbers from what an instance of a source has saved.
func (f *foreign) renumber(x *rest) {
	f.handed = true
	f.above = x.Above
	if x.Listed != listed(f.plan) {
		f.above = x.Numbered
	}
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
