package edges_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// The values of the instances are merged for another number of them, for one or for
// each; as many as before find their own.
func TestValuesAreMerged(t *testing.T) {
	for _, each := range []bool{false, true} {
		for _, shards := range [][2]int{{3, 3}, {3, 1}, {1, 3}, {3, 2}} {
			store := checkpoint.Memory()
			run := func(shards int, f func(left *streamtest.Input[row], d *streamtest.Driver)) []string {
				c, left, _ := newCall()
				out := streamtest.Collect(c.left.KeyBy(row.key).Apply(func(x *stream.OperatorContext) (stream.KeyedProcessor[string, row, string], error) {
					merging := stream.ToOne(joined)
					if each {
						merging = stream.ToEach(joined)
					}
					l := &lister{c: x, all: x.State("all", merging)}
					l.all.Put([]string{"none"})
					return l, nil
				}, stream.Name("lister")))
				d := streamtest.Start(t, c.p, streamtest.Shards(shards), streamtest.Checkpoints(store))
				f(left, d)
				d.Kill()
				return slices.Sorted(slices.Values(out.Take()))
			}
			first := run(shards[0], func(left *streamtest.Input[row], d *streamtest.Driver) {
				left.Push(rows...)
				d.Settle()
				d.Checkpoint()
				left.End()
				d.Settle()
			})
			got := run(shards[1], func(left *streamtest.Input[row], d *streamtest.Driver) {
				left.Push(rows...)
				left.End()
				d.Settle()
			})
			var merged []string
			for _, line := range first { // by instance
				var i int
				var what string
				_, err := fmt.Sscanf(line, "%d %s", &i, &what)
				require.NoError(t, err)
				merged = append(merged, what)
			}
			var want []string
			for i := range shards[1] {
				switch {
				case shards[0] == shards[1]:
					want = append(want, first[i])
				case each || i == 0:
					want = append(want, fmt.Sprint(i, " ", slices.Concat(merged)[0]+rest(merged)))
				default:
					want = append(want, fmt.Sprint(i, " none"))
				}
			}
			require.Equal(t, want, got, "each %v, %v", each, shards)
		}
	}
}

func rest(all []string) (s string) {
	for _, x := range all[1:] {
		s += "+" + x
	}
	return s
}

func joined(a, b []string) []string { return append(a, b...) }

// lister holds the keys that it has seen, in one value, and says them at the end.
type lister struct {
	c   *stream.OperatorContext
	all *stream.State[[]string]
}

func (l *lister) Process(in *stream.KeyedBatch[string, row], _ *stream.Emitter[string]) error {
	for _, r := range in.All() {
		l.all.Put(append(l.all.Get(), r.Key))
	}
	return nil
}

func (l *lister) Finish(out *stream.Emitter[string]) error {
	text := (*l.all.At())[0]
	for _, k := range l.all.Get()[1:] {
		text += "+" + k
	}
	out.Emit(fmt.Sprint(l.c.Instance, " ", text), 0)
	return nil
}

// All yields each key once, also where the loop deletes it, and lets it be left.
func TestIterationOverKeyedState(t *testing.T) {
	c, left, _ := newCall()
	streamtest.Collect(c.left.KeyBy(row.key).Apply(made(func(c *stream.OperatorContext, x *custom) {
		s := c.KeyedState[string, int]("all")
		x.event = func(k stream.KeyRef[string], r row, _ stream.Time) error {
			s.Put(k, r.N)
			if s.Len() < 50 {
				return nil
			}
			seen := map[string]int{}
			for k, n := range s.All() {
				seen[k.Key()] = n
				if n%3 == 0 {
					s.Delete(k)
				}
			}
			require.Len(t, seen, 50)
			require.Equal(t, 33, s.Len())
			for k, n := range s.All() {
				require.Equal(t, fmt.Sprint("key ", n), k.Key())
				v, ok := s.Get(k)
				require.True(t, ok)
				require.Equal(t, n, v)
				break
			}
			return errBroken
		}
	})))
	for i := range 50 {
		left.Push(row{fmt.Sprint("key ", i), i, 0})
	}
	require.ErrorIs(t, settled(c), errBroken)
}
