package recommend_test

import (
	"context"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/internal/oracle"
	"github.com/freshet-go/freshet/mining/internal/shopdata"
	"github.com/freshet-go/freshet/mining/recommend"
)

// A bought is a pair of the task of FACTS.md, in the order of time.
type bought struct {
	user int
	item string
	at   time.Time
}

// task returns the purchases to learn from, and of each customer with two invoices and more the new items of the last one.
func task(t testing.TB) (learn []bought, test map[int][]string) {
	sku := regexp.MustCompile(`^\d{5}`)
	type invoice struct {
		number string
		at     time.Time
	}
	last, invoices := map[int]invoice{}, map[int]map[string]bool{}
	var lines []shopdata.Line
	for _, l := range shopdata.Clean(t) {
		if l.Customer == 0 || !sku.MatchString(l.SKU) {
			continue
		}
		lines = append(lines, l)
		if invoices[l.Customer] == nil {
			invoices[l.Customer] = map[string]bool{}
		}
		invoices[l.Customer][l.Invoice] = true
		if x := last[l.Customer]; l.Time.After(x.at) || l.Time.Equal(x.at) && l.Invoice > x.number {
			last[l.Customer] = invoice{l.Invoice, l.Time}
		}
	}
	had, future := map[int]map[string]bool{}, map[int]map[string]bool{}
	for _, l := range lines {
		to := had
		if len(invoices[l.Customer]) > 1 && last[l.Customer].number == l.Invoice {
			to = future
		} else {
			learn = append(learn, bought{l.Customer, l.SKU, l.Time})
		}
		if to[l.Customer] == nil {
			to[l.Customer] = map[string]bool{}
		}
		to[l.Customer][l.SKU] = true
	}
	known := map[string]bool{}
	for _, items := range had {
		for item := range items {
			known[item] = true
		}
	}
	test = map[int][]string{}
	for user, items := range future {
		for _, item := range slices.Sorted(maps.Keys(items)) {
			if !had[user][item] && known[item] {
				test[user] = append(test[user], item)
			}
		}
	}
	return learn, test
}

// judge returns NDCG and hit rate at 10, the mean over the users of the test.
func judge(test map[int][]string, recommended func(user int) []recommend.Recommendation[string]) (ndcg, hits float64) {
	for user, items := range test {
		gain, ideal := 0.0, 0.0
		for k, r := range recommended(user) {
			if slices.Contains(items, r.Item) {
				gain += 1 / math.Log2(float64(k)+2)
			}
		}
		for k := range min(10, len(items)) {
			ideal += 1 / math.Log2(float64(k)+2)
		}
		ndcg += gain / ideal
		if gain > 0 {
			hits++
		}
	}
	n := float64(len(test))
	return ndcg / n, hits / n
}

func history(learn []bought) *recommend.History[int, string] {
	h, seen := new(recommend.History[int, string]), map[bought]bool{}
	for _, b := range learn {
		if pair := (bought{b.user, b.item, time.Time{}}); !seen[pair] {
			seen[pair] = true
			h.Add(b.user, b.item, 1)
		}
	}
	return h
}

func TestOnlineRetail(t *testing.T) {
	learn, test := task(t)
	h := history(learn)
	require.Equal(t, 4334, h.Users())
	require.Equal(t, 3644, h.Items())
	require.Len(t, test, 2495)

	popular := recommend.NewPopular[string](0)
	seen := map[bought]bool{}
	for _, b := range learn {
		if pair := (bought{b.user, b.item, time.Time{}}); !seen[pair] {
			seen[pair] = true
			popular.Add(b.at, b.item)
		}
	}
	require.Len(t, seen, 228_286)
	ndcg, hits := judge(test, func(user int) []recommend.Recommendation[string] { return popular.Recommend(h.Of(user), nil, 10) })
	t.Logf("popular: NDCG %.4f, hits %.4f", ndcg, hits)
	require.InDelta(t, .0350, ndcg, .0005)
	require.InDelta(t, .2345, hits, .003)

	if raced { // CI runs the rest without the race detector
		return
	}
	for _, want := range []struct {
		k          int
		ndcg, hits float64
	}{{20, .0741, .3371}, {100, .0617, .2966}, {0, .0692, .3158}} {
		m := recommend.NewItemItem[int, string](recommend.Nearest(want.k), recommend.MaxItems(10_000))
		for _, b := range learn {
			m.Add(b.user, b.item)
		}
		require.Zero(t, m.Left())
		ndcg, hits := judge(test, func(user int) []recommend.Recommendation[string] { return m.Recommend(user, nil, 10) })
		t.Logf("item-item, %d nearest: NDCG %.4f, hits %.4f", want.k, ndcg, hits)
		require.InDelta(t, want.ndcg, ndcg, .001)
		require.InDelta(t, want.hits, hits, .005)
	}

	m, err := recommend.FitALS(t.Context(), h, recommend.Workers(2))
	require.NoError(t, err)
	ndcg, hits = judge(test, func(user int) []recommend.Recommendation[string] { return m.Recommend(user, nil, 10) })
	t.Logf("ALS: NDCG %.4f, hits %.4f", ndcg, hits)
	require.GreaterOrEqual(t, ndcg, .080)
}

// BenchmarkALS has implicit fit the same, on one thread: run it with -cpu 1.
func BenchmarkALS(b *testing.B) {
	learn, _ := task(b)
	h := history(learn)
	var theirs struct{ Single, Double float64 }
	if os.Getenv("FRESHET_ORACLE") != "" && !testing.Short() {
		users, items := map[int]int{}, map[string]int{}
		var pairs [][2]int
		seen := map[[2]int]bool{}
		for _, x := range learn {
			if _, ok := users[x.user]; !ok {
				users[x.user] = len(users)
			}
			if _, ok := items[x.item]; !ok {
				items[x.item] = len(items)
			}
			if p := [2]int{users[x.user], items[x.item]}; !seen[p] {
				seen[p] = true
				pairs = append(pairs, p)
			}
		}
		oracle.Ask(b, "testdata/clock.py", map[string]any{"pairs": pairs}, &theirs)
	}
	for b.Loop() {
		_, err := recommend.FitALS(context.Background(), h)
		require.NoError(b, err)
	}
	if theirs.Single > 0 {
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/theirs.Single, "times-float32")
		b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/theirs.Double, "times-float64")
	}
}

func BenchmarkItemItem(b *testing.B) {
	learn, _ := task(b)
	for b.Loop() {
		m := recommend.NewItemItem[int, string]()
		for _, x := range learn {
			m.Add(x.user, x.item)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(learn)), "ns/event")
}

// The loss that ALS lowers, for implicit's factors and for ours: ours is no higher.
func TestImplicit(t *testing.T) {
	h := new(recommend.History[int, int])
	var pairs [][2]int
	for u := range 120 {
		for i := range 60 {
			if (u*7+i*13)%11 < 2+u%3 && (u+i)%3 != 0 || u%10 == i%10 {
				h.Add(u, i, 1)
				pairs = append(pairs, [2]int{u, i})
			}
		}
	}
	ours := math.Inf(1) // both end in one of several optima: the best of some begins is compared
	for seed := range uint64(8) {
		m, err := recommend.FitALS(t.Context(), h, recommend.FactorCount(8), recommend.Rounds(60), recommend.L2(0.5), recommend.Alpha(3), recommend.Seed(seed))
		require.NoError(t, err)
		ours = min(ours, m.Loss())
	}
	var want struct{ Loss float64 }
	users, items := h.Users(), h.Items()
	oracle.Ask(t, "testdata/oracle.py", map[string]any{"pairs": pairs, "users": users, "items": items, "factors": 8, "rounds": 60, "reg": 0.5, "alpha": 3}, &want)
	t.Logf("loss %.4f, implicit's %.4f", ours, want.Loss)
	require.Less(t, ours, want.Loss*1.01)
}
