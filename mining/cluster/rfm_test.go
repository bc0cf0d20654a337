package cluster_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/cluster"
	"github.com/freshet-go/freshet/window/windowtest"
)

var day = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

type order struct {
	at     time.Time
	amount float64
}

func TestPurchases(t *testing.T) {
	agg := cluster.PurchasesOf(func(o order) time.Time { return o.at }, func(o order) float64 { return o.amount })
	values := []order{{day, 1}, {day.Add(-time.Hour), -2.5}, {day.Add(300 * time.Hour), 1e9}, {day, 0.1}, {time.Unix(-1e9, 0).UTC(), math.NaN()}, {day, math.Inf(1)}}
	windowtest.Laws(t, agg, values, func(a, b cluster.Purchases) bool {
		return a.Orders == b.Orders && a.First.Equal(b.First) && a.Last.Equal(b.Last) && math.Abs(a.Revenue-b.Revenue) < 1e-6
	})
	var p cluster.Purchases
	for range 10 {
		p.Add(day, 0.1)
	}
	require.Equal(t, 1.0, p.RFM(day).Monetary, "compensated")
	p.Add(day.Add(-48*time.Hour), 0)
	require.Equal(t, cluster.RFM{Recency: 1.5, Frequency: 11, Monetary: 1}, p.RFM(day.Add(36*time.Hour)))
}

func TestScores(t *testing.T) {
	var all []cluster.RFM
	for i := range 100 {
		all = append(all, cluster.RFM{Recency: float64(i), Frequency: float64(i / 60), Monetary: 7})
	}
	scores := cluster.Scores(all)
	count := map[int]int{}
	for i, s := range scores {
		count[s.R]++
		require.Equal(t, 1, s.M, "nobody is worse")
		require.Equal(t, []int{1, 4}[i/60], s.F)
	}
	require.Equal(t, map[int]int{1: 20, 2: 20, 3: 20, 4: 20, 5: 20}, count)
	require.Equal(t, 5, scores[0].R)
	require.Empty(t, cluster.Scores(nil))
	require.Equal(t, []cluster.Score{{R: 1, F: 1, M: 1}}, cluster.Scores(all[:1]))
}

func TestNames(t *testing.T) {
	count := map[string]int{}
	for r := 1; r <= 5; r++ {
		for f := 1; f <= 5; f++ {
			for m := 1; m <= 5; m++ {
				count[cluster.Score{R: r, F: f, M: m}.Name()]++
			}
		}
	}
	require.Equal(t, map[string]int{"champion": 8, "loyal": 22, "new": 20, "promising": 25, "cannot lose": 8, "at risk": 34, "asleep": 8}, count)
}
