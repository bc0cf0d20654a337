package redissink_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/sink/sinktest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

type order struct {
	Number int    `redis:"number"`
	Shop   string `redis:"shop"`
	Note   *int   `redis:"note"`
}

func (o order) key() string { return fmt.Sprint("order:", o.Number) }

// String leaves out the pointer, which has another address each time.
func (o order) String() string { return fmt.Sprint(o.Number, " of ", o.Shop) }

func events(n int) (all []stream.Event[order]) {
	for i := range n {
		all = append(all, stream.Event[order]{Value: order{Number: i, Shop: fmt.Sprint("s", i%5)}, Time: stream.Time(i)})
	}
	return all
}

// A kind is one of the sinks, and how what it has written is read.
type kind struct {
	sink func(redis.UniversalClient, ...redissink.Option) *redissink.Sink[order]
	read func(testing.TB, redis.UniversalClient) []order
}

func parsed(t testing.TB, fields map[string]string) order {
	n, err := strconv.Atoi(fields["number"])
	if err != nil {
		t.Errorf("%v: %v", fields, err)
	}
	return order{Number: n, Shop: fields["shop"]}
}

func unmarshalled(t testing.TB, texts []string) (all []order) {
	for _, text := range texts {
		var o order
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			t.Error(err)
		}
		all = append(all, o)
	}
	return all
}

// matching returns the keys that fit a pattern, by their numbers.
func matching(t testing.TB, c redis.UniversalClient, pattern string) []string {
	keys, err := c.Keys(t.Context(), pattern).Result()
	if err != nil {
		t.Error(err)
	}
	slices.SortFunc(keys, func(a, b string) int {
		x, _ := strconv.Atoi(a[len("order:"):])
		y, _ := strconv.Atoi(b[len("order:"):])
		return x - y
	})
	return keys
}

var kinds = map[string]kind{
	"streams": {
		func(c redis.UniversalClient, opts ...redissink.Option) *redissink.Sink[order] {
			return redissink.Streams(c, func(order) string { return "orders" }, redissink.Tags[order](), opts...)
		},
		func(t testing.TB, c redis.UniversalClient) (all []order) {
			for _, m := range c.XRange(t.Context(), "orders", "-", "+").Val() {
				all = append(all, parsed(t, map[string]string{"number": m.Values["number"].(string), "shop": m.Values["shop"].(string)}))
			}
			return all
		},
	},
	"lists": {
		func(c redis.UniversalClient, opts ...redissink.Option) *redissink.Sink[order] {
			return redissink.Lists(c, func(order) string { return "orders" }, codec.JSON[order](), opts...)
		},
		func(t testing.TB, c redis.UniversalClient) (all []order) {
			return unmarshalled(t, c.LRange(t.Context(), "orders", 0, -1).Val())
		},
	},
	"hashes": {
		func(c redis.UniversalClient, opts ...redissink.Option) *redissink.Sink[order] {
			return redissink.Hashes(c, order.key, redissink.Tags[order](), opts...)
		},
		func(t testing.TB, c redis.UniversalClient) (all []order) {
			for _, key := range matching(t, c, "order:*") {
				all = append(all, parsed(t, c.HGetAll(t.Context(), key).Val()))
			}
			return all
		},
	},
	"strings": {
		func(c redis.UniversalClient, opts ...redissink.Option) *redissink.Sink[order] {
			return redissink.Strings(c, order.key, codec.JSON[order](), append(opts, redissink.Expire(time.Hour))...)
		},
		func(t testing.TB, c redis.UniversalClient) (all []order) {
			var texts []string
			for _, key := range matching(t, c, "order:*") {
				texts = append(texts, c.Get(t.Context(), key).Val())
				if ttl := c.TTL(t.Context(), key).Val(); ttl <= 0 {
					t.Errorf("%s does not expire", key)
				}
			}
			return unmarshalled(t, texts)
		},
	},
	"boards": {
		func(c redis.UniversalClient, opts ...redissink.Option) *redissink.Sink[order] {
			members := func(o order) iter.Seq2[string, float64] {
				return func(yield func(string, float64) bool) { yield(o.Shop, float64(o.Number)) }
			}
			return redissink.Boards(c, order.key, members, opts...)
		},
		func(t testing.TB, c redis.UniversalClient) (all []order) {
			for _, key := range matching(t, c, "order:*") {
				for _, z := range c.ZRangeWithScores(t.Context(), key, 0, -1).Val() {
					all = append(all, order{Number: int(z.Score), Shop: z.Member.(string)})
				}
			}
			return all
		},
	},
}

func TestSuites(t *testing.T) {
	server := redistest.Start(t)
	c := server.Client()
	gone := redistest.Start(t, "--requirepass", "secret").Client() // it does not know the password
	for name, kind := range kinds {
		suite := sinktest.Suite[order]{
			Events: events(60), RealTime: true,
			Sink: func(t testing.TB) (stream.Sink[order], func() []order) {
				c.FlushDB(t.Context())
				return kind.sink(c, redissink.Batch(7)), func() []order { return kind.read(t, c) }
			},
			Broken: func(t testing.TB) stream.Sink[order] { return kind.sink(gone, redissink.RetryFor(0)) },
		}
		t.Run(name, suite.Run)
		suite.Sink = func(t testing.TB) (stream.Sink[order], func() []order) {
			c.FlushDB(t.Context())
			return redissink.ExactlyOnce(kind.sink(c, redissink.Batch(7))), func() []order { return kind.read(t, c) }
		}
		t.Run(name+" exactly once", suite.Run)
	}
}
