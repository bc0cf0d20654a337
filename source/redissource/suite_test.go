package redissource_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/source/redissource"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
)

type order struct {
	ID     string `redis:"@id"`
	Number int64  `redis:"number"`
	Shop   string `redis:"shop"`
	Paid   bool   `redis:"paid"`
}

// paths returns so many orders with the ids that fill gives them.
func orders(n int) (all []order) {
	for i := range n {
		all = append(all, order{ID: fmt.Sprintf("%d-%d", 1000+i/3, i%3), Number: int64(i), Shop: fmt.Sprint("s", i%7), Paid: i%2 == 0})
	}
	return all
}

// fill adds orders to a stream.
func fill(t testing.TB, c redis.UniversalClient, key string, all []order) {
	t.Helper()
	pipe := c.Pipeline()
	for _, o := range all {
		pipe.XAdd(t.Context(), &redis.XAddArgs{Stream: key, ID: o.ID, Values: []any{"number", o.Number, "shop", o.Shop, "paid", o.Paid}})
	}
	if _, err := pipe.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// fillFaulty adds orders of which every fifth has no number.
func fillFaulty(t testing.TB, c redis.UniversalClient, key string, all []order) (good []order, faults []string) {
	t.Helper()
	for i, o := range all {
		number := any(o.Number)
		if i%5 == 2 {
			number = "many"
			faults = append(faults, fmt.Sprintf("%s entry %s", key, o.ID))
		} else {
			good = append(good, o)
		}
		if err := c.XAdd(t.Context(), &redis.XAddArgs{Stream: key, ID: o.ID, Values: []any{"number", number, "shop", o.Shop, "paid", o.Paid}}).Err(); err != nil {
			t.Fatal(err)
		}
	}
	return good, faults
}

// fresh returns a function that names a new key each time.
func fresh(prefix string) func() string {
	n := 0
	return func() string {
		n++
		return fmt.Sprintf("%s%d", prefix, n)
	}
}

func TestStreamsSuite(t *testing.T) {
	c := redistest.Start(t).Client()
	all := orders(30)
	fill(t, c, "orders:a", all[:18])
	fill(t, c, "orders:b", all[18:])
	good, faults := fillFaulty(t, c, "faulty", all)
	fill(t, c, "anew", orders(3))
	source := func(opts ...redissource.Option) func(testing.TB) stream.Source[order] {
		return func(testing.TB) stream.Source[order] {
			return redissource.Streams(c, []string{"orders:a", "orders:b"}, redissource.Tags[order](), append(opts, redissource.Block(5*time.Millisecond))...)
		}
	}
	suite := sourcetest.Suite[order]{
		Source: source(), Want: all, Endless: true, RealTime: true,
		Faulty: func(testing.TB) stream.Source[order] {
			return redissource.Streams(c, []string{"faulty"}, redissource.Tags[order](), redissource.Bounded())
		},
		FaultyWant: good, Faults: faults,
	}
	suite.Run(t)
	suite.Source, suite.Endless = source(redissource.Bounded()), false
	t.Run("bounded", suite.Run)
}

func TestGroupSuite(t *testing.T) {
	c := redistest.Start(t).Client()
	all := orders(30)
	name := fresh("orders")
	source := func(opts ...redissource.Option) func(testing.TB) stream.Source[order] {
		return func(t testing.TB) stream.Source[order] {
			// The readers of one test name their streams alike, whatever group reads them.
			group := name()
			c.Del(t.Context(), "orders:a", "orders:b")
			fill(t, c, "orders:a", all[:18])
			fill(t, c, "orders:b", all[18:])
			return redissource.Group(c, group, "one", []string{"orders:a", "orders:b"}, redissource.Tags[order](), append(opts, redissource.Block(5*time.Millisecond))...)
		}
	}
	var good []order
	var faults []string
	suite := sourcetest.Suite[order]{
		Source: source(), Want: all, Endless: true, RealTime: true,
		Faulty: func(t testing.TB) stream.Source[order] {
			c.Del(t.Context(), "faulty")
			fillFaulty(t, c, "faulty", all)
			return redissource.Group(c, name(), "one", []string{"faulty"}, redissource.Tags[order](), redissource.Bounded())
		},
	}
	good, faults = fillFaulty(t, c, "faulty", all)
	suite.FaultyWant, suite.Faults = good, faults
	suite.Run(t)
	suite.Source, suite.Endless = source(redissource.Bounded()), false
	t.Run("bounded", suite.Run)
}
