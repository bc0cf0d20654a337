package oracles_test

import (
	"fmt"
	"iter"
	"slices"
)

// changes yields the transcript with one thing changed that it expects, and
// what that is.
func (doc transcript) changes() iter.Seq2[string, transcript] {
	return func(yield func(string, transcript) bool) {
		for i, a := range doc.Steps {
			for j, e := range a.Expect {
				for what, wrong := range e.changes() {
					if !yield(fmt.Sprintf("%s of {%v}", what, e), doc.expecting(i, slices.Replace(slices.Clone(a.Expect), j, j+1, wrong...))) {
						return
					}
				}
			}
			if a.State == nil {
				continue
			}
			s := *a.State
			for what, wrong := range map[string]expectedState{
				"the absent as present":    {Present: slices.Concat(s.Present, s.Absent), Tombstone: s.Tombstone},
				"the present as absent":    {Absent: slices.Concat(s.Present, s.Absent), Tombstone: s.Tombstone},
				"the present as tombstone": {Absent: s.Absent, Tombstone: slices.Concat(s.Present, s.Tombstone)},
				"the tombstone as present": {Absent: s.Absent, Present: slices.Concat(s.Present, s.Tombstone)},
				"the tombstone as absent":  {Absent: slices.Concat(s.Absent, s.Tombstone), Present: s.Present},
			} {
				doc := doc.expecting(i, nil)
				doc.Steps[i] = action{State: &wrong}
				if !yield(what, doc) {
					return
				}
			}
		}
	}
}

// expecting returns the transcript with other panes expected at a step.
func (doc transcript) expecting(step int, panes []expectedPane) transcript {
	doc.Steps = slices.Clone(doc.Steps)
	doc.Steps[step].Expect = panes
	return doc
}

// changes returns what may wrongly stand for e.
func (e expectedPane) changes() map[string][]expectedPane {
	all := map[string][]expectedPane{"nothing": {}, "twice": {e, e}}
	set := func(what string, change func(*expectedPane)) {
		wrong := e
		change(&wrong)
		all[what] = []expectedPane{wrong}
	}
	if e.Window != nil {
		set("start", func(x *expectedPane) { x.Window = &[2]int64{e.Window[0] - 1, e.Window[1]} })
		set("end", func(x *expectedPane) { x.Window = &[2]int64{e.Window[0], e.Window[1] + 1} })
	}
	if e.Values != nil {
		set("values", func(x *expectedPane) { x.Values = new(append(slices.Clone(*e.Values), 1)) })
	}
	if e.Timestamp != nil {
		set("timestamp", func(x *expectedPane) { x.Timestamp = new(*e.Timestamp + 1) })
	}
	if e.Early != nil {
		set("early", func(x *expectedPane) { x.Early = new(!*e.Early) })
	}
	if e.Late != nil {
		set("late", func(x *expectedPane) { x.Late = new(!*e.Late) })
	}
	if e.Final != nil {
		set("final", func(x *expectedPane) { x.Final = new(!*e.Final) })
	}
	if e.Index != nil {
		set("index", func(x *expectedPane) { x.Index = new(*e.Index + 1) })
	}
	if e.Nonspeculative != nil {
		set("nonspeculative index", func(x *expectedPane) { x.Nonspeculative = new(*e.Nonspeculative + 1) })
	}
	return all
}
