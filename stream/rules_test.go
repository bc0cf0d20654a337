package stream

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/racing"
)

// put is a version that a test has given to Rules.
type put struct {
	id string
	ruleVersion[int]
}

// known is what a list of versions says of each rule as of a time: the twin of Rules.
func known(all []put, at Time) map[string]int {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b put) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.seq, b.seq))
	})
	rules := map[string]int{}
	for _, v := range all {
		switch {
		case v.from > at:
		case v.gone:
			delete(rules, v.id)
		default:
			rules[v.id] = v.rule
		}
	}
	return rules
}

// In whatever order versions come, rules are those of each time from the settled one on, and what is older is not held.
func TestRulesOfEachTime(t *testing.T) {
	for seed := range uint64(racing.Rounds(200, 20)) {
		rng := rand.New(rand.NewPCG(seed, 3))
		r, all, settled := newRules[string, int](), []put(nil), Time(0)
		for i := range uint64(60) {
			v := put{fmt.Sprint(rng.IntN(5)), ruleVersion[int]{from: settled + Time(rng.IntN(9)), seq: i ^ 5, rule: int(i), gone: rng.IntN(3) == 0}}
			if v.id == "4" { // whose changes have no event times
				v.from = engine.MinTime
				all = slices.DeleteFunc(all, func(w put) bool { return w.id == v.id && w.from == v.from })
			}
			r.put(v.id, v.ruleVersion)
			all = append(all, v)
			if rng.IntN(4) == 0 {
				settled += Time(rng.IntN(6))
				r.settle(settled)
			}
			for at := settled; at < settled+10; at++ {
				want := known(all, at)
				require.Equal(t, want, maps.Collect(r.of(at).All()), "seed %d at %d", seed, at)
				for id := range 6 {
					v, is := r.Get(fmt.Sprint(id))
					w, was := want[fmt.Sprint(id)]
					require.Equal(t, was, is)
					require.Equal(t, w, v)
				}
			}
			want := known(all, settled-1)
			require.Equal(t, want, maps.Collect(r.of(settled-7).All()), "an event that is late")
			require.Equal(t, known(all, engine.MaxTime), maps.Collect(r.of(engine.MinTime).All()), "an event without a time")
		}
		r.settle(settled + 100)
		require.Len(t, r.sorted, len(known(all, engine.MaxTime)))
		require.Zero(t, r.due.Len())
		for _, x := range r.sorted {
			require.Len(t, x.versions, 1)
		}
	}
}

// All ends where its loop does.
func TestAllRulesUpToOne(t *testing.T) {
	r := newRules[string, int]()
	for i, id := range []string{"c", "a", "b"} {
		r.put(id, ruleVersion[int]{from: 1, rule: i})
	}
	var seen []string
	for id := range r.of(1).All() {
		if seen = append(seen, id); id == "b" {
			break
		}
	}
	require.Equal(t, []string{"a", "b"}, seen)
}
