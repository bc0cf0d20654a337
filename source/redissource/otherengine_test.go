package redissource_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/door/doortest"
	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/source/redissource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A field is an entry of a stream, or a hash.
type field struct {
	V string `redis:"v"`
}

// In another engine each key is read by one instance: what streams, lists and hashes have comes once, though jobs are killed and go on with other numbers of instances.
func TestOtherEngine(t *testing.T) {
	client := redistest.Start(t).Client()
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 13))
		name := func(what string) string { return fmt.Sprint(what, " ", seed) }
		var want []string
		some := func(what string, put func(v string) error) {
			for i := range rng.IntN(150) {
				v := fmt.Sprint(what, " ", i)
				want = append(want, v)
				require.NoError(t, put(v))
			}
		}
		for _, key := range []string{name("orders"), name("returns")} {
			some(key, func(v string) error {
				return client.XAdd(t.Context(), &redis.XAddArgs{Stream: key, Values: []any{"v", v}}).Err()
			})
		}
		some("jobs", func(v string) error { return client.RPush(t.Context(), name("jobs"), v).Err() })
		some("carts", func(v string) error { return client.HSet(t.Context(), name("cart")+":"+v, "v", v).Err() })
		doortest.Disturb(t, func() any {
			p := stream.New(name("other engine"))
			valueOf := func(f field) string { return f.V }
			streams := p.From(redissource.Streams(client, []string{name("orders"), name("returns")}, redissource.Tags[field](), redissource.Bounded())).Map(valueOf)
			jobs := p.From(redissource.Lists(client, "one", []string{name("jobs")}, codec.Lines(), redissource.Bounded()))
			carts := p.From(redissource.Hashes(client, name("cart")+":*", redissource.Tags[field](), redissource.Bounded())).
				Map(func(c stream.Change[field]) string { return c.After.V })
			streams.Merge(jobs).Merge(carts).
				To(redissink.ExactlyOnce(redissink.Lists(client, func(string) string { return name("rows") }, codec.Lines())))
			return p
		}, rng)
		got, err := client.LRange(t.Context(), name("rows"), 0, -1).Result()
		require.NoError(t, err)
		slices.Sort(want)
		slices.Sort(got)
		require.Equal(t, want, got, "seed %d", seed)
	}
}

// Where the end of a stream was is found once, when the keys are handed out. A group is for one process, and says why.
func TestOtherEngineBegins(t *testing.T) {
	client := redistest.Start(t).Client()
	add := func(v string) {
		require.NoError(t, client.XAdd(t.Context(), &redis.XAddArgs{Stream: "orders", Values: []any{"v", v}}).Err())
	}
	of := func(src stream.Source[field]) func() any {
		return func() any {
			p := stream.New("begins")
			p.From(src, stream.Name("orders")).Map(func(f field) string { return f.V }).
				To(redissink.ExactlyOnce(redissink.Lists(client, func(string) string { return "rows" }, codec.Lines())))
			return p
		}
	}
	add("before")
	c := door.Config{Shards: 2, Batch: 4, Checkpoints: true}
	build := of(redissource.Streams(client, []string{"orders"}, redissource.Tags[field](), redissource.FromEnd(), redissource.Bounded()))
	plan, err := door.Describe(t.Context(), build(), c)
	require.NoError(t, err)
	require.True(t, plan.Stages[0].Waits)
	require.Empty(t, plan.Stages[0].Alone)
	add("behind")
	job, err := doortest.Start(t.Context(), build, doortest.Options{Config: c, Plan: plan})
	require.NoError(t, err)
	require.NoError(t, job.Wait(t.Context()))
	require.Equal(t, []string{"behind"}, client.LRange(t.Context(), "rows", 0, -1).Val())

	plan, err = door.Describe(t.Context(), of(redissource.Group(client, "books", "one", []string{"orders"}, redissource.Tags[field]()))(), c)
	require.NoError(t, err)
	require.Contains(t, plan.Stages[0].Alone, "Read with Streams")
}
