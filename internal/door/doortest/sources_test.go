package doortest_test

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/door/doortest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
)

// A source that comes has nothing saved, and does not know which numbers the partitions of others have. It is taken in where the numbers of the plan are right for
// all of them, and refused elsewhere: two partitions of one number would be taken for one another.
func TestAnotherSource(t *testing.T) {
	type source struct {
		name       string
		partitions int
	}
	type saved struct {
		id     int64
		states map[string][]*door.State // by the stage's name, as Flink finds them
	}
	run := func(t *testing.T, from *saved, sources ...source) (*doortest.Job, *sink.Collector[string], error) {
		out := sink.Collect[string]()
		build := func() any {
			p := stream.New("sources")
			for _, s := range sources {
				src := telling{partitions: s.partitions, each: 20, strays: new(atomic.Int64)}
				p.From[int](src, stream.Name(s.name)).Rebalance().
					Map(func(n int) string { return s.name + " " + strconv.Itoa(n) }, stream.Name("name "+s.name)).To(out, stream.Name("collect "+s.name))
			}
			return p
		}
		o := doortest.Options{Config: door.Config{Shards: 2, Batch: 4, Checkpoints: true}}
		var err error
		o.Plan, err = door.Describe(t.Context(), build(), o.Config)
		require.NoError(t, err)
		if from != nil {
			o.From = &doortest.Checkpoint{ID: from.id, States: map[int][]*door.State{}}
			for _, s := range o.Plan.Stages {
				if states := from.states[s.Name]; states != nil {
					o.From.States[s.ID] = states
				}
			}
		}
		job, err := doortest.Start(t.Context(), build, o)
		return job, out, err
	}
	cut := func(t *testing.T, from *saved, sources ...source) *saved {
		job, _, err := run(t, from, sources...)
		require.NoError(t, err)
		time.Sleep(3500 * time.Millisecond)
		c, err := job.Checkpoint(t.Context())
		require.NoError(t, err)
		job.Kill()
		to := &saved{c.ID, map[string][]*door.State{}}
		for _, s := range job.Plan().Stages {
			to.states[s.Name] = c.States[s.ID]
		}
		return to
	}
	synctest.Test(t, func(t *testing.T) {
		a, b, c, d := source{"a", 2}, source{"b", 1}, source{"c", 2}, source{"d", 1}
		more := source{"a", 3}
		two := cut(t, nil, a, b)
		grown := cut(t, two, more, b)
		three := cut(t, two, a, b, c)
		for i, test := range []struct {
			from    *saved
			sources []source
			refused string
		}{
			{two, []source{c, a, b}, "source c was not there when the job was saved"},
			{two, []source{a, c, b}, "source c was not there when the job was saved"},
			{two, []source{more, b, c}, "source c was not there when the job was saved"},
			{two, []source{a, c}, "source c was not there when the job was saved"}, // it would have the number of b
			{grown, []source{more, b, c}, "source c was not there when the job was saved"},
			{two, []source{more, b}, ""},
			{two, []source{b, a}, ""},
			{grown, []source{more, b}, ""},
			{two, []source{a, b, c}, ""},
			{two, []source{a, source{"b", 2}, c}, ""},
			{three, []source{a, b, c, d}, ""},
			{three, []source{a, b, d, c}, "source d was not there when the job was saved"},
		} {
			job, out, err := run(t, test.from, test.sources...)
			if test.refused != "" {
				require.ErrorContains(t, err, test.refused, "%d", i)
				continue
			}
			require.NoError(t, err, "%d", i)
			require.NoError(t, job.Wait(t.Context()), "%d", i)
			for _, s := range test.sources {
				for k := range s.partitions {
					require.Contains(t, out.Values(), fmt.Sprint(s.name, " ", 1000*k+19), "%d", i)
				}
			}
		}
	})
}
