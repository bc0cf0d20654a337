package redissink_test

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A board with a score that is NaN is refused whole, and the old one stays; infinities are scores.
func TestBoardOfNaN(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	for _, exactly := range []bool{false, true} {
		for _, score := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			c.FlushDB(t.Context())
			c.ZAdd(t.Context(), "top", redis.Z{Member: "old", Score: 5})
			boards := redissink.Boards(c, func(float64) string { return "top" }, func(v float64) iter.Seq2[string, float64] {
				return func(yield func(string, float64) bool) { _ = yield("good", 1) && yield("new", v) }
			})
			var to stream.Sink[float64] = boards
			if exactly {
				to = redissink.ExactlyOnce(boards)
			}
			p := stream.New("shop")
			p.From(source.Slice([]float64{score})).To(to, stream.Name("boards"), stream.SkipFailures())
			if err := p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Hour)); err != nil {
				t.Fatal(err)
			}
			s, _ := p.Stats().Operator("boards")
			got, want := c.ZRangeWithScores(t.Context(), "top", 0, -1).Val(), "[{5 old}]"
			switch {
			case math.IsInf(score, 1):
				want = "[{1 good} {+Inf new}]"
			case math.IsInf(score, -1):
				want = "[{-Inf new} {1 good}]"
			}
			if fmt.Sprint(got) != want || (s.Failed == 1) != math.IsNaN(score) {
				t.Errorf("exactly once %v, score %v: the board is %v, want %s; %d failed", exactly, score, got, want, s.Failed)
			}
		}
	}
}

// A board that the server refuses leaves the old one: where the user may not write sorted sets, or something
// else is under the key. The next board goes on.
func TestRefusedBoard(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	c := server.Client()
	server.CLI("acl", "setuser", "clerk", "on", ">secret", "~*", "+@all", "-zadd")
	clerk := server.Client(func(o *redis.Options) { o.Username, o.Password = "clerk", "secret" })
	board := func(key string) iter.Seq2[string, float64] {
		return func(yield func(string, float64) bool) { _ = yield("old", 7) && yield("new", 1) }
	}
	for _, exactly := range []bool{false, true} {
		for _, skips := range []bool{false, true} {
			for what, client := range map[string]redis.UniversalClient{"forbidden": clerk, "another type": c} {
				c.FlushDB(t.Context())
				if what == "forbidden" {
					c.ZAdd(t.Context(), "top", redis.Z{Member: "old", Score: 5})
				} else {
					c.Set(t.Context(), "top", "a text", 0)
				}
				before := c.Dump(t.Context(), "top").Val()
				boards := redissink.Boards(client, func(key string) string { return key }, board, redissink.Expire(time.Hour))
				var to stream.Sink[string] = boards
				if exactly {
					to = redissink.ExactlyOnce(boards)
				}
				var opts []stream.Option
				if skips {
					opts = append(opts, stream.SkipFailures())
				}
				p := stream.New("shop")
				p.From(source.Slice([]string{"top", "other"})).To(to, append(opts, stream.Name("boards"))...)
				err := p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Hour))
				leftOut := exactly && skips && what != "forbidden" // what the user may not do is not the board's fault
				if e, ok := errors.AsType[*redissink.WriteError](err); leftOut != (err == nil) || err != nil && (!ok || e.Command != "ZADD" || e.Key != "top") {
					t.Errorf("%s, exactly once %v, skips %v: %v", what, exactly, skips, err)
				}
				if got := c.Dump(t.Context(), "top").Val(); got != before {
					t.Errorf("%s, exactly once %v, skips %v: the board is %q, and was %q", what, exactly, skips, got, before)
				}
				if got := c.ZCard(t.Context(), "other").Val(); leftOut && got != 2 {
					t.Errorf("the next board has %d members", got)
				}
				if s, _ := p.Stats().Operator("boards"); leftOut && s.Failed != 1 {
					t.Errorf("%d failures are counted", s.Failed)
				}
			}
		}
	}
}
