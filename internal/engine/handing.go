package engine

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"unsafe"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/keeper"
	"github.com/freshet-go/freshet/internal/record"
	"github.com/freshet-go/freshet/internal/state"
)

// What an instance saves that another engine drives. The other engine keeps key groups apart, so that any
// number of instances finds its own. All else that an instance has to say goes to each of
// those that go on from it: the watermark of each operator, its settings, what belongs to no key,
// and offsets. So each of them knows what a checkpoint of our own says of the stage.

// A rest is what one instance saves but for its key groups.
type rest struct {
	Version    int             `binary:"1"`
	Checkpoint int64           `binary:"2"`
	Stage      string          `binary:"3"`
	Index      int             `binary:"4"`
	Count      int             `binary:"5"`
	Operators  []restOperator  `binary:"6"`
	Partitions []restPartition `binary:"7"`

	// Of a committer.
	Shown   int64         `binary:"8"`
	Pending []pendingPart `binary:"9"`

	Base int64 `binary:"10"` // what the engine's numbers of checkpoints come behind

	// Of a source: see numbering.
	Above    int      `binary:"11"`
	Numbered int      `binary:"12"`
	Listed   string   `binary:"13"`
	Sources  []string `binary:"14"` // all of the plan
}

type restOperator struct {
	Name      string           `binary:"1"`
	Kind      string           `binary:"2"`
	Watermark int64            `binary:"3"`
	Settings  []keeper.Setting `binary:"4"`
	Whole     []byte           `binary:"5"`
}

type restPartition struct {
	Source    string `binary:"1"`
	Name      string `binary:"2"`
	Offset    string `binary:"3"`
	Number    int    `binary:"4"`
	Count     uint64 `binary:"5"`
	Done      bool   `binary:"6"`
	Watermark int64  `binary:"7"`
}

// A groupPart is what an operator has in one key group.
type groupPart struct {
	Operator string `binary:"1"`
	Data     []byte `binary:"2"`
}

func (d *guest) Save(id int64) (s *door.State, err error) {
	id += d.r.foreign.base
	err = d.call(func() error {
		if id != d.at {
			return fmt.Errorf("stream: %s is to be saved for checkpoint %d, and has seen the barrier of %d", d.t.stage.Name, id, d.at)
		}
		s, err = d.save(id)
		return err
	})
	return s, err
}

func (d *guest) save(id int64) (*door.State, error) {
	to := &door.State{}
	var groups [door.Groups][]groupPart
	x := rest{Version: foreignVersion, Checkpoint: id, Stage: d.t.stage.Name, Index: d.t.index, Count: len(d.r.stages[d.t.stage]), Base: d.r.foreign.base}
	for _, op := range d.t.holding {
		op.Enter()
		encode, err := op.save()
		if err != nil {
			return nil, op.Failure(fmt.Errorf("save the state: %w", err))
		}
		saved, err := encode()
		if err != nil {
			return nil, err
		}
		for g, data := range saved.Groups {
			if len(data) == 0 {
				continue
			}
			if !d.t.stage.Keyed || state.OwnerOf(g, x.Count) != x.Index {
				return nil, op.Failure(fmt.Errorf("save the state: it has some of key group %d, which is not of instance %d of %d: this is a mistake of the library, please report it", g, x.Index, x.Count))
			}
			groups[g] = append(groups[g], groupPart{op.Node.Name, data})
		}
		x.Operators = append(x.Operators, restOperator{
			op.Node.Name, op.Node.Kind, op.stats.watermark.Load(), d.r.settings(op.Node), saved.Whole,
		})
	}
	if d.t.source != nil {
		f := d.r.foreign
		x.Above, x.Numbered, x.Listed, x.Sources = f.above, f.above+numbersOf(f.plan), listed(f.plan), sourcesOf(f.plan)
		at, err := d.t.source.offsets()
		if err != nil {
			return nil, err
		}
		if d.unsaid = append(d.unsaid, unsaid{id, at}); len(d.unsaid) > mostUnsaid {
			d.unsaid = d.unsaid[1:]
		}
		for _, p := range at {
			x.Partitions = append(x.Partitions, restPartition{p.Operator, p.Partition, p.Offset, p.Index, p.Count, p.Done, p.Watermark})
		}
	}
	for g, parts := range groups {
		if parts == nil {
			continue
		}
		var err error
		if to.Groups[g], err = pack(&parts); err != nil {
			return nil, err
		}
	}
	var err error
	to.Rest, err = pack(&x)
	return to, err
}

func pack[T any](v *T) ([]byte, error) {
	plan, err := record.PlanOf(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	enc := plan.NewEncoder()
	return enc.Append(nil, unsafe.Pointer(v))
}

func unpack[T any](b []byte, v *T) error {
	plan, err := record.PlanOf(reflect.TypeFor[T]())
	if err != nil {
		return err
	}
	used, body, err := record.Split(b, true)
	if err == nil && used != len(b) {
		err = errors.New("bytes behind the value")
	}
	if err != nil {
		return err
	}
	dec := plan.NewDecoder()
	return dec.Decode(body, unsafe.Pointer(v))
}

// unpackRests returns what all instances of a stage have saved, in their order. That has to be whole.
func unpackRests(saved [][]byte) ([]rest, error) {
	all := make([]rest, len(saved))
	for i, b := range saved {
		x := &all[i]
		if err := unpack(b, x); err != nil {
			return nil, fmt.Errorf("stream: state of another engine: %w", err)
		}
		if x.Version != foreignVersion {
			return nil, fmt.Errorf("stream: state of another engine is of version %d, and this program reads %d", x.Version, foreignVersion)
		}
	}
	slices.SortFunc(all, func(a, b rest) int { return a.Index - b.Index })
	for i, x := range all {
		first := all[0]
		switch {
		case x.Checkpoint != first.Checkpoint || x.Stage != first.Stage:
			return nil, fmt.Errorf("stream: state of checkpoint %d of %s is mixed with that of checkpoint %d of %s", first.Checkpoint, first.Stage, x.Checkpoint, x.Stage)
		case x.Count != len(all) || x.Index != i:
			return nil, fmt.Errorf("stream: state of checkpoint %d of %s is of %d instances, and %d are there", x.Checkpoint, x.Stage, x.Count, len(all))
		}
	}
	return all, nil
}

// beginForeign takes what the run begins with.
func (r *Run) beginForeign(o *door.Opening) error {
	if len(o.Rest) == 0 {
		return r.beginOwn(o)
	}
	rests, err := unpackRests(o.Rest)
	if err != nil {
		return err
	}
	if at := r.foreign.stage; rests[0].Stage != at.Name {
		return fmt.Errorf("stream: the state of %s was handed to %s", rests[0].Stage, at.Name)
	}
	r.foreign.base = rests[0].Base
	b := &beginning{id: rests[0].Checkpoint, operators: map[string]*beginningState{}, sources: map[string]map[string]keeper.Source{}, shown: map[string]int64{}}
	m := &keeper.Manifest{ID: b.id}
	for _, x := range rests {
		for _, op := range x.Operators {
			s := b.operators[op.Name]
			if s == nil {
				s = &beginningState{watermark: Time(op.Watermark), settings: op.Settings}
				b.operators[op.Name] = s
				m.Operators = append(m.Operators, keeper.Operator{Name: op.Name, Kind: op.Kind})
			}
			s.watermark = min(s.watermark, Time(op.Watermark))
			s.instances = append(s.instances, Time(op.Watermark))
			if len(op.Whole) > 0 {
				s.whole, s.wholes = append(s.whole, op.Whole), append(s.wholes, "the job's state")
			}
		}
		for _, p := range x.Partitions {
			if p.Number < 0 || p.Number >= mostNumbers {
				return fmt.Errorf("stream: the state of %s is damaged: partition %q of it has number %d", x.Stage, p.Name, p.Number)
			}
			if b.sources[p.Source] == nil {
				b.sources[p.Source] = map[string]keeper.Source{}
			}
			b.sources[p.Source][p.Name] = keeper.Source{
				Operator: p.Source, Partition: p.Name, Offset: p.Offset, Index: p.Number, Count: p.Count, Done: p.Done, Watermark: p.Watermark,
			}
		}
	}
	if err := r.foreign.renumber(&rests[0], b.sources[rests[0].Stage]); err != nil {
		return err
	}
	for _, n := range r.Plan.Nodes {
		// Only what has keys is caught up with, see task.catchUp; the others begin at the lowest.
		if s := b.operators[n.Name]; s != nil && !n.Keyed {
			s.instances = nil
		}
	}
	for g, data := range o.Groups {
		if len(data) == 0 {
			continue
		}
		var parts []groupPart
		if err := unpack(data, &parts); err != nil {
			return fmt.Errorf("stream: key group %d of %s: %w", g, rests[0].Stage, err)
		}
		for _, p := range parts {
			s := b.operators[p.Operator]
			if s == nil {
				return fmt.Errorf("stream: key group %d of %s has state of %s, of which nothing else is there", g, rests[0].Stage, p.Operator)
			}
			s.groups[g], s.files[g] = p.Data, "the job's state"
		}
	}
	r.from = b
	return r.matches(m)
}
