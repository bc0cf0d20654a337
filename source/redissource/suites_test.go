package redissource_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/source/redissource"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

func document(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestListsSuite(t *testing.T) {
	c := redistest.Start(t).Client()
	all := orders(30)
	name := fresh("one")
	push := func(t testing.TB, key string, all []order, odd string) {
		c.Del(t.Context(), key)
		for i, o := range all {
			if odd != "" && i%5 == 2 {
				c.RPush(t.Context(), key, odd)
			}
			if err := c.RPush(t.Context(), key, document(t, o)).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	source := func(opts ...redissource.Option) func(testing.TB) stream.Source[order] {
		return func(t testing.TB) stream.Source[order] {
			push(t, "jobs:a", all[:18], "")
			push(t, "jobs:b", all[18:], "")
			return redissource.Lists(c, name(), []string{"jobs:a", "jobs:b"}, codec.JSON[order](), append(opts, redissource.Block(5*time.Millisecond))...)
		}
	}
	suite := sourcetest.Suite[order]{
		Source: source(), Want: all, Endless: true, RealTime: true,
		Faulty: func(t testing.TB) stream.Source[order] {
			push(t, "faulty", all[:10], "{")
			return redissource.Lists(c, name(), []string{"faulty"}, codec.JSON[order](), redissource.Bounded())
		},
		FaultyWant: all[:10], Faults: []string{"faulty element 2", "faulty element 8"},
	}
	suite.Run(t)
	suite.Source, suite.Endless = source(redissource.Bounded()), false
	t.Run("bounded", suite.Run)
}

type cart struct {
	Key   string  `redis:"@key"`
	Items int     `redis:"items"`
	Total float64 `redis:"total"`
}

func TestHashesSuite(t *testing.T) {
	c := redistest.Start(t).Client()
	var want []stream.Change[cart]
	for i := range 100 {
		x := cart{fmt.Sprint("cart:", i), i, float64(i) / 4}
		want = append(want, stream.Change[cart]{Kind: stream.Read, After: x})
		c.HSet(t.Context(), x.Key, "items", x.Items, "total", x.Total, "other", "x")
	}
	c.Set(t.Context(), "cart:no", "a string", 0)
	c.HSet(t.Context(), "bad:1", "items", "1")
	c.HSet(t.Context(), "bad:2", "items", "many")
	sourcetest.Suite[stream.Change[cart]]{
		Source: func(testing.TB) stream.Source[stream.Change[cart]] {
			return redissource.Hashes(c, "cart:*", redissource.Tags[cart](), redissource.Bounded(), redissource.Count(30))
		},
		Want: want, RealTime: true,
		Faulty: func(testing.TB) stream.Source[stream.Change[cart]] {
			return redissource.Hashes(c, "bad:*", redissource.Tags[cart](), redissource.Bounded())
		},
		FaultyWant: []stream.Change[cart]{{Kind: stream.Read, After: cart{"bad:1", 1, 0}}},
		Faults:     []string{"bad:* key bad:2"},
	}.Run(t)
}

func TestChannelsSuite(t *testing.T) {
	c := redistest.Start(t).Client()
	type message = redissource.Message[order]
	var want []message
	for _, o := range orders(30) {
		want = append(want, message{Channel: "orders", Value: o})
	}
	p := publisher{c: c, all: want}
	ctx, stop := context.WithCancel(t.Context())
	var publishing sync.WaitGroup
	defer publishing.Wait()
	defer stop()
	publishing.Go(func() { p.run(ctx) })
	sourcetest.Suite[message]{
		Source: func(t testing.TB) stream.Source[message] {
			p.again(t)
			return redissource.Channels(c, []string{"orders"}, codec.JSON[order]())
		},
		Want: want, Forgets: true, Endless: true, RealTime: true,
	}.Run(t)
}

// A publisher publishes all messages to one who listens, each time that it is told to.
type publisher struct {
	c   *redis.Client
	all []redissource.Message[order]
	mu  sync.Mutex // held while it publishes
	due bool
}

// run publishes until ctx ends.
func (p *publisher) run(ctx context.Context) {
	for ; ctx.Err() == nil; time.Sleep(5 * time.Millisecond) { // of polling: the server tells nobody who listens
		p.mu.Lock()
		if p.due && p.listeners(ctx) == 1 {
			p.due = false
			for _, m := range p.all {
				b, _ := json.Marshal(m.Value)
				p.c.Publish(ctx, m.Channel, b)
			}
		}
		p.mu.Unlock()
	}
}

func (p *publisher) listeners(ctx context.Context) int64 {
	all, err := p.c.PubSubNumSub(ctx, "orders").Result()
	if err != nil {
		return -1
	}
	return all["orders"]
}

// again has it publish to the next who listens.
func (p *publisher) again(t testing.TB) {
	for deadline := time.Now().Add(time.Minute); p.listeners(t.Context()) != 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("somebody still listens")
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.due = true
}
