package redissink_test

import (
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
