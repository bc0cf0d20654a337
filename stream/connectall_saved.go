package stream

import (
	"cmp"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
)

// A keptRule is a version of a rule as it is saved, or says what an instance has settled.
type keptRule[I cmp.Ordered, R any] struct {
	ID   I      `binary:"1"`
	From Time   `binary:"2"`
	Seq  uint64 `binary:"3"`
	Rule R      `binary:"4"`
	Gone bool   `binary:"5"`
	Line bool   `binary:"6"` // From is settled
}

// Save saves the rules once, by the first instance. Behind a barrier all instances have been sent the same changes, but one that has not come as
// far as the first may still read versions that the first has forgotten: of each rule it saves those in front of the newest, too. The
// newest the first has as well, but where it deletes the rule: then the first may have forgotten all of it.
func (r *ruled[K, T, I, C, R]) Save(s *state.Saving) error {
	if err := r.coder.Put(s.Rest(), keptRule[I, R]{From: r.rules.settled, Line: true}); err != nil {
		return err
	}
	for _, x := range r.rules.sorted {
		all := x.versions
		if newest := len(all) - 1; r.op.Index() > 0 && !all[newest].gone {
			all = all[:newest]
		}
		for _, v := range all {
			if err := r.coder.Put(s.Rest(), keptRule[I, R]{ID: x.id, From: v.from, Seq: v.seq, Rule: v.rule, Gone: v.gone}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Restore begins with what the instance that was least far had settled.
func (r *ruled[K, T, I, C, R]) Restore(from *state.Restoring) error {
	settled := engine.MaxTime
	err := r.coder.EachWhole(from, func(x keptRule[I, R]) {
		if x.Line {
			settled = min(settled, x.From)
		} else if v := (ruleVersion[R]{x.From, x.Seq, x.Rule, x.Gone}); !r.rules.has(x.ID, &v) {
			r.rules.put(x.ID, v)
			if x.From >= from.Watermark && x.From > engine.MinTime { // else keys have been told
				r.news.add(ruleChange[I]{x.From, x.ID, x.Seq})
			}
		}
	})
	if r.began != nil {
		r.began(from.Had)
	}
	if settled < engine.MaxTime {
		r.rules.settled = settled
	}
	return err
}
