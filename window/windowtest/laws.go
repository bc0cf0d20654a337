package windowtest

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/freshet-go/freshet/window"
)

const (
	rounds  = 200
	longest = 12 // values in a part: few enough to read in a failure
)

// Laws checks that agg obeys the laws of window.Aggregator, and those of
// window.Subtractor and window.Stamped if it is one, on parts drawn from
// values. A Stamped aggregator gets the values at positions that all differ,
// but often have the same time.
//
// Results are compared by equal, or by reflect.DeepEqual if it is nil. Floats
// need an equal that lets the last digits differ and NaN equal itself: some of
// the parts are empty. What Sub restores has to be the same to the last digit
// all the same.
//
// Each broken law is reported once, by t.Errorf, with the values that break
// it. No values at all are an error.
func Laws[T, A, R any](t testing.TB, agg window.Aggregator[T, A, R], values []T, equal func(R, R) bool) {
	t.Helper()
	if len(values) == 0 {
		t.Errorf("windowtest: Laws needs values to check on")
		return
	}
	if equal == nil {
		equal = func(a, b R) bool { return reflect.DeepEqual(a, b) }
	}
	c := &checker[T, A, R]{t: t, agg: agg, equal: equal, broken: map[string]bool{}}
	c.stamped, _ = agg.(window.Stamped[T, A])
	c.sub, _ = agg.(window.Subtractor[A])
	c.empty = agg.Result(agg.New())
	random := rand.New(rand.NewPCG(1, 2))
	for range rounds {
		p := draw(random, values)
		c.merging(p)
		c.adding(p)
		c.splitting(p, random)
		c.borrowing(p)
		c.results(p)
		c.subtracting(p)
	}
}

// placed is a value and its position.
type placed[T any] struct {
	value T
	at    window.Position
}

// String leaves out what makes a failure hard to read.
func (p placed[T]) String() string {
	return fmt.Sprintf("%v@%d.%d", p.value, int64(p.at.Time), p.at.Seq)
}

// parts are what a round works on. Each may be empty.
type parts[T any] struct{ a, b, c []placed[T] }

func draw[T any](random *rand.Rand, values []T) parts[T] {
	seqs := random.Perm(3 * longest) // so that no two positions are the same
	part := func() []placed[T] {
		p := make([]placed[T], random.IntN(longest+1))
		for i := range p {
			at := window.Position{Time: window.Time(random.IntN(7) - 3), Seq: uint64(seqs[0])}
			p[i], seqs = placed[T]{values[random.IntN(len(values))], at}, seqs[1:]
		}
		return p
	}
	return parts[T]{part(), part(), part()}
}

// A checker builds an accumulator anew for each use of one: whatever a broken
// aggregator does to it shows only where it is looked for.
type checker[T, A, R any] struct {
	t       testing.TB
	agg     window.Aggregator[T, A, R]
	stamped window.Stamped[T, A]
	sub     window.Subtractor[A]
	equal   func(R, R) bool
	empty   R               // of New() before anything was added to one
	broken  map[string]bool // laws reported
}

func (c *checker[T, A, R]) add(acc A, vs ...placed[T]) A {
	for _, v := range vs {
		if c.stamped != nil {
			acc = c.stamped.AddAt(acc, v.value, v.at)
		} else {
			acc = c.agg.Add(acc, v.value)
		}
	}
	return acc
}

// of aggregates the given parts, one value after another.
func (c *checker[T, A, R]) of(parts ...[]placed[T]) A {
	acc := c.agg.New()
	for _, p := range parts {
		acc = c.add(acc, p...)
	}
	return acc
}

// same reports the law as broken unless the results of got and want are equal.
func (c *checker[T, A, R]) same(law string, p parts[T], got, want A) {
	c.t.Helper()
	c.sameResult(law, p, c.agg.Result(got), c.agg.Result(want))
}

func (c *checker[T, A, R]) sameResult(law string, p parts[T], got, want R) {
	c.t.Helper()
	if !c.equal(got, want) {
		c.report(law, p, got, want)
	}
}

func (c *checker[T, A, R]) report(law string, p parts[T], got, want R) {
	c.t.Helper()
	if c.broken[law] {
		return
	}
	c.broken[law] = true
	c.t.Errorf("windowtest: %s\n got %+v\nwant %+v\n   a %v\n   b %v\n   c %v", law, got, want, p.a, p.b, p.c)
}

func (c *checker[T, A, R]) merging(p parts[T]) {
	c.t.Helper()
	merge := c.agg.Merge
	c.same("New is no identity: Merge(a, New()) is not a", p, merge(c.of(p.a), c.agg.New()), c.of(p.a))
	c.same("New is no identity: Merge(New(), a) is not a", p, merge(c.agg.New(), c.of(p.a)), c.of(p.a))
	c.same("Merge is not commutative: Merge(a, b) is not Merge(b, a)", p,
		merge(c.of(p.a), c.of(p.b)), merge(c.of(p.b), c.of(p.a)))
	c.same("Merge is not associative: Merge(Merge(a, b), c) is not Merge(a, Merge(b, c))", p,
		merge(merge(c.of(p.a), c.of(p.b)), c.of(p.c)), merge(c.of(p.a), merge(c.of(p.b), c.of(p.c))))
}

func (c *checker[T, A, R]) adding(p parts[T]) {
	c.t.Helper()
	for _, v := range p.b {
		c.same("Add is no Merge: Add(a, v) is not Merge(a, Add(New(), v)), for the first v of b", parts[T]{a: p.a, b: []placed[T]{v}},
			c.add(c.of(p.a), v), c.agg.Merge(c.of(p.a), c.add(c.agg.New(), v)))
		if c.stamped != nil {
			c.same("Add is not AddAt at the zero Position, for the first v of b", parts[T]{a: p.a, b: []placed[T]{v}},
				c.agg.Add(c.of(p.a), v.value), c.stamped.AddAt(c.of(p.a), v.value, window.Position{}))
		}
	}
}

// splitting deals values out to accumulators at random, as shards and batches
// do, and merges these in a random order.
func (c *checker[T, A, R]) splitting(p parts[T], random *rand.Rand) {
	c.t.Helper()
	accs := make([]A, 1+random.IntN(5))
	for i := range accs {
		accs[i] = c.agg.New()
	}
	all := append(append(append([]placed[T]{}, p.a...), p.b...), p.c...)
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, v := range all {
		i := random.IntN(len(accs))
		accs[i] = c.add(accs[i], v)
	}
	for len(accs) > 1 {
		random.Shuffle(len(accs), func(i, j int) { accs[i], accs[j] = accs[j], accs[i] })
		last := len(accs) - 1
		accs[0] = c.agg.Merge(accs[0], accs[last])
		accs = accs[:last]
	}
	c.same("parts differ from the whole: a, b and c dealt out, shuffled and merged are not a, b and c added", p,
		accs[0], c.of(p.a, p.b, p.c))
}

// borrowing checks that b is only looked at by what takes a and b.
func (c *checker[T, A, R]) borrowing(p parts[T]) {
	c.t.Helper()
	b := c.of(p.b)
	m := c.agg.Merge(c.of(p.a), b)
	c.same("Merge(a, b) changes b", p, b, c.of(p.b))
	m = c.add(m, p.c...)
	c.same("Merge(a, b) keeps hold of b: adding c to it changes b", p, b, c.of(p.b))
	c.add(b, p.c...)
	c.same("Merge(a, b) keeps hold of b: adding c to b changes it", p, m, c.of(p.a, p.b, p.c))

	// New must not hand the same memory out twice.
	c.sameResult("New() shares memory: adding to one changes another", p, c.agg.Result(c.agg.New()), c.empty)
}

func (c *checker[T, A, R]) results(p parts[T]) {
	c.t.Helper()
	acc := c.of(p.a)
	first := c.agg.Result(acc)
	c.sameResult("Result changes its argument: a second call differs", p, c.agg.Result(acc), first)
	acc = c.add(acc, p.b...)
	c.same("Result changes its argument: adding b to a after it differs", p, acc, c.of(p.a, p.b))
	c.sameResult("Result shares memory with a: adding b to a changes it", p, first, c.agg.Result(c.of(p.a)))
	c.agg.Merge(acc, c.of(p.c))
	c.sameResult("Result shares memory with a: merging c into a changes it", p, first, c.agg.Result(c.of(p.a)))
}

func (c *checker[T, A, R]) subtracting(p parts[T]) {
	if c.sub == nil {
		return
	}
	c.t.Helper()
	c.exact(p)
	merge, sub := c.agg.Merge, c.sub.Sub
	b := c.of(p.b)
	d := sub(merge(c.of(p.a), c.of(p.b)), b)
	c.same("Sub does not undo Merge: Sub(Merge(a, b), b) is not a", p, d, c.of(p.a))
	c.same("Sub(a, b) changes b", p, b, c.of(p.b))
	d = c.add(d, p.c...)
	c.same("Sub(a, b) keeps hold of b: adding c to it changes b", p, b, c.of(p.b))
	c.add(b, p.c...)
	c.same("Sub(a, b) keeps hold of b: adding c to b changes it", p, d, c.of(p.a, p.c))
	c.same("Merge does not undo Sub: Merge(Sub(a+b, b), b) is not a+b", p,
		merge(sub(c.of(p.a, p.b), c.of(p.b)), c.of(p.b)), c.of(p.a, p.b))
}

// exact compares what Sub restores to the last digit, whatever equal says:
// what is lost at each slide adds up. A result that does not equal itself,
// such as NaN, is left to equal.
func (c *checker[T, A, R]) exact(p parts[T]) {
	c.t.Helper()
	want := c.agg.Result(c.of(p.a))
	got := c.agg.Result(c.sub.Sub(c.agg.Merge(c.of(p.a), c.of(p.b)), c.of(p.b)))
	if reflect.DeepEqual(want, want) && !reflect.DeepEqual(got, want) && c.equal(got, want) {
		c.report("Sub is not exact: Sub(Merge(a, b), b) is only nearly a", p, got, want)
	}
}
