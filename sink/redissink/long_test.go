package redissink_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A command that is too long for a script is an error of its event, and others take effect. Without ExactlyOnce it is sent.
func TestLongCommand(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	for _, exactly := range []bool{false, true} {
		for _, skip := range []bool{true, false} {
			c.FlushDB(t.Context())
			sets := redissink.Commands(c, func(n int, do func(name, key string, args ...any)) {
				var args []any
				for i := range n {
					args = append(args, i)
				}
				do("SADD", fmt.Sprint("set:", n), args...)
			})
			var to stream.Sink[int] = sets
			if exactly {
				to = redissink.ExactlyOnce(sets)
			}
			opts := []stream.Option{stream.Name("sets")}
			if skip {
				opts = append(opts, stream.SkipFailures())
			}
			p := stream.New("shop")
			p.From(source.Slice([]int{10, 6998, 6999, 9000, 11})).To(to, opts...)
			err := p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Hour))
			if exactly && !skip {
				if err == nil || !strings.Contains(err.Error(), "SADD set:6999: 7001 arguments") {
					t.Errorf("the error is %v", err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			s, _ := p.Stats().Operator("sets")
			var sizes []int64
			for _, n := range []int{10, 6998, 6999, 9000, 11} {
				sizes = append(sizes, c.SCard(t.Context(), fmt.Sprint("set:", n)).Val())
			}
			want, failed := "[10 6998 6999 9000 11]", int64(0)
			if exactly {
				want, failed = "[10 6998 0 0 11]", 2
			}
			if fmt.Sprint(sizes) != want || int64(s.Failed) != failed {
				t.Errorf("exactly once %v: the sets have %v, want %s; %d failed", exactly, sizes, want, s.Failed)
			}
		}
	}
}
