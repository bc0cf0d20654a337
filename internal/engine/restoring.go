package engine

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/freshet-go/freshet/internal/failpoint"
	"github.com/freshet-go/freshet/internal/keeper"
	"github.com/freshet-go/freshet/internal/keyhash"
	"github.com/freshet-go/freshet/internal/state"
)

// A beginning is the checkpoint that a run begins with, as operators look
// for it.
type beginning struct {
	id        int64
	operators map[string]*beginningState
	sources   map[string]map[string]keeper.Source // by operator and partition
	indices   int                                 // of partitions that were given
	shown     map[string]int64                    // by transactional sink, see transaction
}

// numbered reports which numbers partitions had.
func (b *beginning) numbered() func(number int) bool {
	had := map[int]bool{}
	for _, parts := range b.sources {
		for _, s := range parts {
			had[s.Index] = true
		}
	}
	return func(number int) bool { return had[number] }
}

type beginningState struct {
	watermark Time   // the lowest of the instances
	instances []Time // the watermark of each, if they differ
	settings  []keeper.Setting
	groups    [state.Groups][]byte
	whole     [][]byte
	files     [state.Groups]string // of groups
	wholes    []string             // files of whole
}

// begin takes a checkpoint for the run to begin with.
func (r *Run) begin(snap *keeper.Snapshot) error {
	m := snap.Manifest
	if snap.Codec > state.Version {
		return fmt.Errorf("stream: checkpoint %d is of state version %d, and this program reads up to %d", m.ID, snap.Codec, state.Version)
	}
	if m.Groups != state.Groups {
		return fmt.Errorf("stream: checkpoint %d has %d key groups, and this program %d", m.ID, m.Groups, state.Groups)
	}
	b := &beginning{id: m.ID, indices: m.Indices, operators: map[string]*beginningState{}, sources: map[string]map[string]keeper.Source{}, shown: map[string]int64{}}
	for _, s := range m.Sinks {
		b.shown[s.Operator] = s.Committed
	}
	for _, s := range m.Sources {
		if b.sources[s.Operator] == nil {
			b.sources[s.Operator] = map[string]keeper.Source{}
		}
		b.sources[s.Operator][s.Partition] = s
		b.indices = max(b.indices, s.Index+1)
	}
	for _, o := range m.Operators {
		s := &beginningState{watermark: Time(o.Watermark), settings: o.Settings}
		for _, wm := range o.Instances {
			s.instances = append(s.instances, Time(wm))
		}
		for _, p := range o.Pieces {
			if data := snap.Piece(p); p.Group == keeper.Whole {
				s.whole, s.wholes = append(s.whole, data), append(s.wholes, p.File)
			} else {
				s.groups[p.Group], s.files[p.Group] = data, p.File
			}
		}
		b.operators[o.Name] = s
	}
	r.from = b
	return r.matches(m)
}

// furthest is the watermark of the instance that was ahead of the others.
func (s *beginningState) furthest() Time {
	if len(s.instances) == 0 {
		return s.watermark
	}
	return slices.Max(s.instances)
}

// had returns the watermark of the instance that had a key.
func (s *beginningState) had(hash uint64) Time {
	return s.instances[state.OwnerOf(keyhash.Group(hash, state.Groups), len(s.instances))]
}

// matches reports operators that the checkpoint knows and the plan does not,
// and logs those that are new.
func (r *Run) matches(m *keeper.Manifest) error {
	kinds := map[string]string{}
	for _, n := range r.Plan.Nodes {
		kinds[n.Name] = n.Kind
	}
	var errs []error
	look := func(name, kind string) {
		now, ok := kinds[name]
		// What came about after a run before has dropped it is not dropped again,
		// or a program would lose it at each restart.
		again := slices.Contains(m.Dropped, name) && (kind == "" || kind == now)
		switch {
		case slices.Contains(r.Dropped, name) && !(ok && again):
			r.drop(name)
			delete(r.from.sources, name)
			delete(r.from.shown, name)
		case !ok:
			errs = append(errs, fmt.Errorf("stream: checkpoint %d holds state of %s, which pipeline %q does not have: see DropState", m.ID, name, r.Plan.Name))
		case kind != "" && kind != now:
			errs = append(errs, fmt.Errorf("stream: in checkpoint %d %s is a %s, and in pipeline %q a %s: see DropState", m.ID, name, kind, r.Plan.Name, now))
		}
	}
	for _, o := range m.Operators {
		look(o.Name, o.Kind)
	}
	for name := range r.from.sources {
		look(name, "source")
	}
	return errors.Join(errs...)
}

// drop lets go of the state of an operator.
func (r *Run) drop(operator string) {
	delete(r.from.operators, operator)
	if !slices.Contains(r.restoring.Dropped, operator) {
		r.restoring.Dropped = append(r.restoring.Dropped, operator)
	}
}

// drops returns an error for names that DropState was given and that nothing
// has. Those that runs before have dropped are dropped for good, as a program
// does not change between its restarts.
func (r *Run) drops(snap *keeper.Snapshot) error {
	known := map[string]bool{}
	var there []string
	have := func(name string) {
		if !known[name] {
			known[name] = true
			there = append(there, name)
		}
	}
	of := "and there is no checkpoint yet"
	if snap != nil {
		of = fmt.Sprintf("nor does checkpoint %d", snap.Manifest.ID)
		for _, o := range snap.Manifest.Operators {
			have(o.Name)
		}
		for _, s := range snap.Manifest.Sources {
			have(s.Operator)
		}
	}
	for _, n := range r.Plan.Nodes {
		have(n.Name)
	}
	sort.Strings(there)
	var errs []error
	for _, name := range r.Dropped {
		if !known[name] && (snap == nil || !slices.Contains(snap.Manifest.Dropped, name)) {
			errs = append(errs, fmt.Errorf("stream: DropState(%q): pipeline %q has no operator of that name, %s. There are %s",
				name, r.Plan.Name, of, strings.Join(there, ", ")))
		}
	}
	if snap != nil {
		for _, name := range snap.Manifest.Dropped {
			if !slices.Contains(r.Dropped, name) {
				r.droppedBefore = append(r.droppedBefore, name)
			}
		}
	}
	return errors.Join(errs...)
}

// nameless logs which operators have state and no name of their own: another
// operator before them would move their state to others of their kind.
func (r *Run) nameless() {
	var names []string
	for _, t := range r.tasks {
		for _, op := range t.holding {
			if !op.Node.Named && !slices.Contains(names, op.Node.Name) {
				names = append(names, op.Node.Name)
			}
		}
	}
	if len(names) > 0 {
		r.Logger.Warn("state is found by names that depend on how many operators of a kind come before: give these a stream.Name",
			"pipeline", r.Plan.Name, "operators", names)
	}
}

// restore gives the holders of the task what they begin with: at the watermark
// of the instance that was furthest behind.
func (t *task) restore() error {
	from := t.rt.from
	if from == nil {
		return nil
	}
	for _, op := range t.holding {
		s := from.operators[op.Node.Name]
		if s == nil {
			t.rt.Logger.Warn("an operator begins empty: the checkpoint does not know it",
				"pipeline", t.rt.Plan.Name, "operator", op.Node.Name)
			continue
		}
		r := &state.Restoring{Whole: s.whole, Watermark: s.watermark}
		if s.furthest() > s.watermark {
			r.Had = s.had
			t.behind = append(t.behind, op)
		}
		files := slices.Clone(s.wholes)
		for g, data := range s.groups {
			if len(data) > 0 && state.OwnerOf(g, op.Place.count) == op.Place.Index {
				r.Groups, files = append(r.Groups, data), append(files, s.files[g])
			}
		}
		failpoint.Hit("restoring an operator")
		op.Enter()
		op.Begins = s.watermark
		op.Advance(s.watermark)
		if err := Apart(func() error { return op.restore(r) }); err != nil {
			sort.Strings(files)
			return op.Failure(fmt.Errorf("restore the state of checkpoint %d in %s: %w. If its types have changed, set them to what they were, or have the state dropped by DropState(%q)",
				from.id, strings.Join(slices.Compact(files), ", "), err, op.Node.Name))
		}
	}
	return nil
}

// catchUp brings instances that begin behind others to where those were, from
// the first operator of the task to the last.
func (t *task) catchUp() error {
	for _, op := range slices.Backward(t.behind) { // which are held from the last on
		c := Control{Kind: Watermark, Watermark: t.rt.from.operators[op.Node.Name].furthest()}
		if err := op.Control(c); err != nil {
			return err
		}
		op.Begins = c.Watermark // it is not told a lower one from now on
	}
	return nil
}
