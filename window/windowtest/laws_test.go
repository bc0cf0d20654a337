package windowtest_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/windowtest"
)

// recorder is a testing.TB that keeps failures to itself.
type recorder struct {
	testing.TB
	failures []string
}

func (*recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

var numbers = []int{3, -1, 4, 1, -5, 9, 2, 6, 5, 3, 0}

func one(v int) int { return v }

func failures[A, R any](agg window.Aggregator[int, A, R]) []string {
	r := &recorder{}
	windowtest.Laws(r, agg, numbers, nil)
	return r.failures
}

func plus(a, b int) int { return a + b }
func zero() int         { return 0 }
func none() []int       { return nil }

func concat(a, b []int) []int   { return append(a, b...) }
func push(a []int, v int) []int { return append(a, v) }

func sorted(a []int) []int { return slices.Sorted(slices.Values(a)) }

func set(a map[int]bool, v int) map[int]bool {
	if a == nil {
		a = map[int]bool{}
	}
	a[v] = true
	return a
}

func union(a, b map[int]bool) map[int]bool {
	if a == nil {
		return maps.Clone(b)
	}
	maps.Copy(a, b)
	return a
}

func size(a map[int]bool) int { return len(a) }

// subtracting is an aggregator with a Sub of the test's.
type subtracting[A, R any] struct {
	window.Aggregator[int, A, R]
	sub func(a, b A) A
}

func (s subtracting[A, R]) Sub(a, b A) A { return s.sub(a, b) }

// stamping is an aggregator with an AddAt of the test's.
type stamping[A, R any] struct {
	window.Aggregator[int, A, R]
	addAt func(acc A, v int, at window.Position) A
}

func (s stamping[A, R]) AddAt(acc A, v int, at window.Position) A { return s.addAt(acc, v, at) }

func TestLawsPassWhatIsRight(t *testing.T) {
	windowtest.Laws(t, window.Of(zero, plus, plus, one), numbers, nil)
	windowtest.Laws(t, window.Of(none, push, concat, sorted), numbers, nil)
	windowtest.Laws(t, window.Of(func() map[int]bool { return nil }, set, union, size), numbers, nil)
	windowtest.Laws(t, window.Last[int](), numbers, nil)
	windowtest.Laws(t, window.Of(zero, plus, plus, one), []int{7}, nil) // one value is enough
}

func TestLawsFindWhatIsWrong(t *testing.T) {
	sum := window.Of(zero, plus, plus, one)
	shared := map[int]bool{}
	for _, x := range []struct {
		name string
		got  []string
		want string
	}{
		{"starts at one", failures(window.Of(func() int { return 1 }, plus, plus, one)), "New is no identity"},
		{"merge forgets b", failures(window.Of(zero, plus, func(a, _ int) int { return a }, one)), "Merge(New(), a) is not a"},
		{"merge subtracts", failures(window.Of(zero, plus, func(a, b int) int { return a - b }, one)), "Merge is not commutative"},
		{"mean of means", failures(window.Of(zero, func(a, v int) int { return (a + v) / 2 }, func(a, b int) int { return (a + b) / 2 }, one)), "Merge is not associative"},
		{"add counts twice", failures(window.Of(zero, func(a, v int) int { return 2*a + v }, plus, one)), "Add is no Merge"},
		{"order of arrival", failures(window.Of(none, push, concat, func(a []int) []int { return slices.Clone(a) })), "parts differ from the whole"},
		{"merge returns b", failures(window.Of(func() map[int]bool { return nil }, set, func(a, b map[int]bool) map[int]bool {
			if a == nil {
				return b
			}
			maps.Copy(a, b)
			return a
		}, size)), "Merge(a, b) keeps hold of b"},
		{"merge empties b", failures(window.Of(func() map[int]bool { return map[int]bool{} }, set, func(a, b map[int]bool) map[int]bool {
			maps.Copy(a, b)
			clear(b)
			return a
		}, size)), "Merge(a, b) changes b"},
		{"one New for all", failures(window.Of(func() map[int]bool { return shared }, set, union, size)), "New() shares memory"},
		{"result sorts in place", failures(window.Of(none, push, concat, func(a []int) int {
			if len(a) == 0 {
				return 0
			}
			first := a[0]
			slices.Sort(a)
			return first
		})), "Result changes its argument"},
		{"result is the accumulator", failures(window.Of(func() map[int]bool { return map[int]bool{} }, set, union,
			func(a map[int]bool) map[int]bool { return a })), "Result shares memory with a"},
		{"sub does nothing", failures(subtracting[int, int]{sum, func(a, _ int) int { return a }}), "Sub does not undo Merge"},
		{"sub adds", failures(subtracting[int, int]{sum, plus}), "Merge does not undo Sub"},
		{"sub empties b", failures(subtracting[[]int, int]{window.Of(none, push, concat, func(a []int) int { return total(a) }),
			func(a, b []int) []int {
				a = append(a, -total(b))
				clear(b)
				return a
			}}), "Sub(a, b) changes b"},
		{"stamp is ignored", failures(stamping[[]int, []int]{window.Of(none, push, concat, func(a []int) []int { return slices.Clone(a) }),
			func(acc []int, v int, _ window.Position) []int { return append(acc, v) }}), "Merge is not commutative"},
	} {
		t.Run(x.name, func(t *testing.T) {
			assert.Contains(t, strings.Join(x.got, "\n"), x.want)
		})
	}
}

func total(vs []int) int {
	n := 0
	for _, v := range vs {
		n += v
	}
	return n
}

func TestLawsReportOnceAndPlainly(t *testing.T) {
	got := failures(window.Of(func() int { return 1 }, plus, plus, one))
	require.NotEmpty(t, got)
	for i, f := range got {
		assert.Contains(t, f, "windowtest: ")
		assert.Contains(t, f, "want")
		law, _, _ := strings.Cut(f, "\n")
		for _, g := range got[i+1:] {
			assert.NotContains(t, g, law)
		}
	}
	assert.Equal(t, got, failures(window.Of(func() int { return 1 }, plus, plus, one)), "the seed is fixed")
}

func TestLawsNeedValues(t *testing.T) {
	r := &recorder{}
	windowtest.Laws(r, window.Count[int](), nil, nil)
	assert.Equal(t, []string{"windowtest: Laws needs values to check on"}, r.failures)
}

func TestLawsUseEqual(t *testing.T) {
	r := &recorder{}
	windowtest.Laws(r, window.Count[int](), numbers, func(int64, int64) bool { return false })
	assert.NotEmpty(t, r.failures)
}

func TestLawsWantSubToBeExact(t *testing.T) {
	sum := window.Of(func() float64 { return 0 }, func(a, v float64) float64 { return a + v },
		func(a, b float64) float64 { return a + b }, func(a float64) float64 { return a })
	near := func(a, b float64) bool { return math.Abs(a-b) < 1e-9 }
	r := &recorder{}
	windowtest.Laws(r, sum, []float64{0.1, 0.2, 0.3}, near)
	assert.Empty(t, r.failures, "without Sub, near is enough")
	windowtest.Laws(r, inexact{sum}, []float64{0.1, 0.2, 0.3}, near)
	require.Len(t, r.failures, 1)
	assert.Contains(t, r.failures[0], "Sub is not exact")
}

type inexact struct {
	window.Aggregator[float64, float64, float64]
}

func (inexact) Sub(a, b float64) float64 { return a - b }
