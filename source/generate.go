package source

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// Unbounded is the count of a Generate that does not end.
const Unbounded = math.MaxInt64

// Generate gives f(0), f(1), ... f(n-1): load for a benchmark, data for a
// test, a clock that ticks. It is deterministic where f is, and a run goes on
// from any offset. Several partitions call f at once.
//
// It panics if n is negative, and if f or an option is nil.
func Generate[T any](n int64, f func(i int64) T, opts ...GenerateOption) stream.Source[T] {
	if n < 0 {
		panic(fmt.Sprintf("source: Generate(%d): want a count that is not negative", n))
	}
	if f == nil {
		panic(fmt.Sprintf("source: Generate(%d, nil): the function is nil", n))
	}
	g := &generator[T]{n: n, f: f, generateConfig: generateConfig{partitions: 1}}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("source: Generate: option %d is nil", i+1))
		}
		o(&g.generateConfig)
	}
	return g
}

// A GenerateOption says how Generate differs from the plain one.
type GenerateOption func(*generateConfig)

type generateConfig struct {
	partitions int64
	rate       float64 // a second; 0 for as fast as it is read
}

// Partitions spreads the values over n partitions: partition p of n gives
// f(p), f(p+n), f(p+2n) and so on. The default is 1. It panics if n is not
// positive.
func Partitions(n int) GenerateOption {
	if n < 1 {
		panic(fmt.Sprintf("source: Partitions(%d): want at least 1", n))
	}
	return func(c *generateConfig) { c.partitions = int64(n) }
}

// Rate gives perSecond values a second, over all partitions: value i is due
// i/perSecond after the first Read of a run, by the run's clock. What is due and not
// read yet is given at once, so a pipeline that was held up catches up, and
// no error adds up. The default is as fast as values are read. It panics if
// perSecond is not positive.
func Rate(perSecond float64) GenerateOption {
	if !(perSecond > 0) || math.IsInf(perSecond, 1) {
		panic(fmt.Sprintf("source: Rate(%v): want a positive number", perSecond))
	}
	return func(c *generateConfig) { c.rate = perSecond }
}

type generator[T any] struct {
	n int64
	f func(int64) T
	generateConfig
}

func (g *generator[T]) String() string {
	s := strconv.FormatInt(g.n, 10)
	if g.n == Unbounded {
		s = "unbounded"
	}
	if g.partitions > 1 {
		s += fmt.Sprintf(" in %d partitions", g.partitions)
	}
	if g.rate > 0 {
		s += fmt.Sprintf(" at %v a second", g.rate)
	}
	return s
}

// Endless is stream.Endless's.
func (g *generator[T]) Endless() bool { return g.n == Unbounded }

// FixedPartitions is stream.Fixed's.
func (g *generator[T]) FixedPartitions() string { return "" }

// Open returns a reader for each partition.
func (g *generator[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	now := c.Now
	if now == nil {
		now = time.Now
	}
	var readers []stream.Reader[T]
	var names []string
	for p := range g.partitions {
		r := &generatorReader[T]{generator: g, p: p, now: now}
		// The count of i in [0, n) with i ≡ p, without overflow.
		if p < g.n {
			r.count = (g.n-1-p)/g.partitions + 1
		}
		if from, ok := c.Offsets[r.Partition()]; ok {
			n, err := strconv.ParseInt(from, 10, 64)
			if err != nil || n < 0 || n > r.count {
				return nil, fmt.Errorf("source: %s has no value %q to go on from", r.Partition(), from)
			}
			r.next, r.first = n, n
		}
		readers, names = append(readers, r), append(names, r.Partition())
	}
	return readers, stray(c.Offsets, names...)
}

type generatorReader[T any] struct {
	*generator[T]
	p     int64 // the partition
	count int64 // values in it
	next  int64 // the value of the partition that comes next, counted from 0
	first int64 // next when the run began
	now   func() time.Time
	start time.Time // when value first of partition 0 is due
}

func (r *generatorReader[T]) Partition() string {
	return fmt.Sprintf("partition %d of %d", r.p, r.partitions)
}

func (r *generatorReader[T]) Waits() bool { return r.rate > 0 }

func (r *generatorReader[T]) Read(ctx context.Context, b *stream.Intake[T]) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	due := r.count
	if r.rate > 0 && r.next < r.count {
		var err error
		if due, err = r.await(ctx); err != nil {
			return err
		}
	}
	for ; r.next < due && b.Room() > 0; r.next++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		b.Append(r.f(r.p + r.next*r.partitions))
	}
	if r.next == r.count {
		return io.EOF
	}
	return nil
}

// await waits until a value is due and returns the first that is not.
func (r *generatorReader[T]) await(ctx context.Context) (due int64, err error) {
	if r.start.IsZero() {
		r.start = r.now()
	}
	wait := r.dueAfter(r.next) - r.now().Sub(r.start)
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	elapsed := r.now().Sub(r.start)
	// An estimate from below, which steps to the exact answer: dueAfter alone
	// decides, so that rounding gives no value early or twice.
	due = max(r.next, r.first+int64(elapsed.Seconds()*r.rate/float64(r.partitions))-2)
	for due < r.count && r.dueAfter(due) <= elapsed {
		due++
	}
	return min(due, r.count), nil
}

// dueAfter returns when value k of the partition is due, counted from start.
func (r *generatorReader[T]) dueAfter(k int64) time.Duration {
	i := float64(k-r.first)*float64(r.partitions) + float64(r.p)
	ns := math.Ceil(i / r.rate * 1e9)
	if ns >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(ns)
}

func (r *generatorReader[T]) Offset() string { return strconv.FormatInt(r.next, 10) }
func (r *generatorReader[T]) Close() error   { return nil }
