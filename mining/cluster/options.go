package cluster

import (
	"fmt"
	"math"
	"slices"
)

// An Option sets how centers are found. [NewKMeans] and [NewStreaming] say which they have a use for, and panic for others.
type Option struct {
	name  string
	apply func(*config)
}

type config struct {
	restarts, rounds int
	batch            int
	tolerance        float64
	keep             float64
	seed             uint64
}

// with returns c with options, which are those of the names in use.
func (c config) with(opts []Option, who string, use ...string) config {
	for _, o := range opts {
		if !slices.Contains(use, o.name) {
			panic(fmt.Sprintf("cluster: %s has no use for %s: there are %v", who, o.name, use))
		}
		o.apply(&c)
	}
	return c
}

func need(ok bool, format string, args ...any) {
	if !ok {
		panic("cluster: " + fmt.Sprintf(format, args...))
	}
}

// Restarts sets how often k-means++ begins anew. The default is 10.
func Restarts(n int) Option {
	need(n >= 1, "Restarts(%d): want at least 1", n)
	return Option{"Restarts", func(c *config) { c.restarts = n }}
}

// Rounds sets how many rounds there are at most. The default is 300.
func Rounds(n int) Option {
	need(n >= 1, "Rounds(%d): want at least 1", n)
	return Option{"Rounds", func(c *config) { c.rounds = n }}
}

// Tolerance sets how little the inertia falls in a round, as a share of it, for the rounds to end. The default is 0: they end when no event
// changes its group.
func Tolerance(share float64) Option {
	need(share >= 0, "Tolerance(%v): want 0 or more", share)
	return Option{"Tolerance", func(c *config) { c.tolerance = share }}
}

// MiniBatch has each round look at so many events that are drawn from the table, in place of all: Sculley, "Web-Scale K-Means
// Clustering", WWW 2010. Rounds is the number of batches then, and Tolerance means nothing. For tables of millions: the inertia is a
// little higher. The default is 0: all events.
func MiniBatch(events int) Option {
	need(events >= 1, "MiniBatch(%d): want at least 1", events)
	return Option{"MiniBatch", func(c *config) { c.batch = events }}
}

// HalfLife sets after how many further events an event counts half for a Streaming. The default is 0: all count the same, and the centers come
// to rest.
func HalfLife(events float64) Option {
	need(events >= 0, "HalfLife(%v): want 0 or more events", events)
	return Option{"HalfLife", func(c *config) {
		c.keep = 1
		if events > 0 {
			c.keep = math.Exp2(-1 / events)
		}
	}}
}

// Seed sets what the first centers are drawn from. The default is 0.
func Seed(seed uint64) Option { return Option{"Seed", func(c *config) { c.seed = seed }} }
