package online_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/bayes"
	"github.com/freshet-go/freshet/mining/online"
	"github.com/freshet-go/freshet/mining/prepare"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/windowtest"
)

// What Fitted says that merges does.
var (
	_ online.Mergeable[*bayes.Gaussian]    = (*bayes.Gaussian)(nil)
	_ online.Mergeable[*bayes.Multinomial] = (*bayes.Multinomial)(nil)
	_ online.Mergeable[*bayes.Bernoulli]   = (*bayes.Bernoulli)(nil)
	_ online.Mergeable[*bayes.Complement]  = (*bayes.Complement)(nil)
	_ online.Mergeable[*prepare.Standard]  = (*prepare.Standard)(nil)
	_ online.Mergeable[*prepare.MinMax]    = (*prepare.MinMax)(nil)
	_ online.Mergeable[*prepare.Impute]    = (*prepare.Impute)(nil)
	_ online.Mergeable[*prepare.Frequency] = (*prepare.Frequency)(nil)
	_ online.Mergeable[*prepare.Target]    = (*prepare.Target)(nil)
)

func TestFittedLaws(t *testing.T) {
	fitted := online.Fitted(newTally, hit.features, hit.y)
	values := []hit{{X: 1, Y: 1}, {X: 2, Y: 0}, {X: -4, Y: 1}, {X: 0.5, Y: math.NaN()}, {X: 1, Y: 1}}
	windowtest.Laws(t, fitted, values, func(a, b *tally) bool { return *a == *b })
}

// A window's model is what a loop learns from its events, on any number of shards.
func TestFittedWindows(t *testing.T) {
	all := hits(5, 400, 3)
	for i := range all {
		all[i].X = math.Round(all[i].X) // so that sums are exact
	}
	want := map[string]*tally{}
	for _, h := range all {
		id := h.At.Truncate(time.Minute).String()
		if want[id] == nil {
			want[id] = newTally()
		}
		x := vectorOf(h)
		want[id].Learn(x, h.Y)
	}
	for _, shards := range []int{1, 2, 3} {
		p := stream.New("fitted")
		var got sink.Collector[stream.Pane[stream.NoKey, *tally]]
		p.From(source.Slice(all[:200], all[200:])).EventTime(hit.at, stream.Disorder(time.Minute)).
			Window(window.Tumbling(time.Minute)).
			Aggregate(online.Fitted(newTally, hit.features, hit.y)).
			To(&got)
		require.NoError(t, p.Run(t.Context(), stream.Shards(shards)))
		require.Len(t, got.Values(), len(want))
		for _, pane := range got.Values() {
			require.Equal(t, want[pane.Start.String()], pane.Value)
		}
	}
}
