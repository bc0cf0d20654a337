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
	"github.com/freshet-go/freshet/internal/state"
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

// instanceOfRules is an instance of ConnectAll as far as rules go: of its index it is that of a run.
func instanceOfRules(index int) *ruled[int, int, string, int, int] {
	r := &ruled[int, int, string, int, int]{rules: newRules[string, int](), coder: state.NewCoder[keptRule[string, int]]()}
	r.op = &engine.Instance{Place: &engine.Place{Index: index}}
	return r
}

// Instances may have come to different watermarks when they are saved. One that is behind the first still reads versions that the first has
// forgotten: so they are saved, each once, and a run that goes on has the rules of each time that any instance can still ask for.
func TestRulesOfAnInstanceThatIsBehind(t *testing.T) {
	all := []put{
		{"a", ruleVersion[int]{from: 10, seq: 1, rule: 1}},
		{"a", ruleVersion[int]{from: 20, seq: 2, rule: 2}},
		{"a", ruleVersion[int]{from: 30, seq: 3, rule: 3}},
		{"b", ruleVersion[int]{from: 12, seq: 4, rule: 4}},
		{"b", ruleVersion[int]{from: 25, seq: 5, gone: true}},
		{"c", ruleVersion[int]{from: 50, seq: 6, rule: 6}},
		{"d", ruleVersion[int]{from: 18, seq: 7, rule: 7}}, // these have one time and place, as an early pane and the one on time
		{"d", ruleVersion[int]{from: 18, seq: 7, rule: 8}},
		{"d", ruleVersion[int]{from: 18, seq: 7, rule: 9}},
		{"e", ruleVersion[int]{from: 45, seq: 8, rule: 10}},
		{"e", ruleVersion[int]{from: 45, seq: 8, gone: true}},
	}
	for _, settled := range [][]Time{{40, 15, 28}, {15, 40, 28}, {40, 40, 15}, {22, 22, 22}, {40}} {
		var saved state.Restoring
		var parts []*state.Saving
		for index, to := range settled {
			r := instanceOfRules(index)
			for _, v := range all {
				r.rules.put(v.id, v.ruleVersion)
			}
			r.rules.settle(to)
			var s state.Saving
			require.NoError(t, r.Save(&s))
			parts = append(parts, &s)
		}
		joined, err := state.Join(parts)
		require.NoError(t, err)
		of, err := (&state.Restoring{Whole: [][]byte{joined.Whole}}).Parts(len(parts))
		require.NoError(t, err)
		for _, p := range of {
			saved.Whole = append(saved.Whole, p.Whole...)
		}
		least := slices.Min(settled)
		for index := range 2 {
			r := instanceOfRules(index)
			require.NoError(t, r.Restore(&saved))
			for at := least; at < 60; at++ {
				require.Equal(t, known(all, at), maps.Collect(r.rules.of(at).All()), "settled %v, at %d", settled, at)
			}
			require.Equal(t, known(all, least-1), maps.Collect(r.rules.of(least-9).All()), "settled %v: a late event is judged by what the instance that is least far has settled", settled)
			for _, x := range r.rules.sorted {
				require.LessOrEqual(t, len(x.versions), 3, "settled %v: no version is there twice", settled)
			}
			r.rules.settle(100)
			require.Len(t, r.rules.sorted, 3)
		}
	}
}
