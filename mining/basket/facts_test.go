package basket_test

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/basket"
	"github.com/freshet-go/freshet/mining/internal/oracle"
)

func shared(t testing.TB, name string) *os.File {
	dir := os.Getenv("FRESHET_SHARED")
	if dir == "" {
		t.Skip("FRESHET_SHARED is not set: the data are not here")
	}
	f, err := os.Open(filepath.Join(dir, "data", name))
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func groceries(t testing.TB) *basket.Baskets[string] { return of(groceryLists(t)) }

func groceryLists(t testing.TB) (lists [][]string) {
	for lines := bufio.NewScanner(shared(t, "groceries.csv")); lines.Scan(); {
		lists = append(lists, strings.Split(lines.Text(), ","))
	}
	return lists
}

// retail returns the clean invoices of Online Retail.
func retail(t testing.TB) *basket.Baskets[string] { return of(retailLists(t)) }

func retailLists(t testing.TB) (lists [][]string) {
	z, err := gzip.NewReader(shared(t, "online_retail.csv.gz"))
	require.NoError(t, err)
	r := csv.NewReader(z)
	r.ReuseRecord = true
	_, err = r.Read()
	require.NoError(t, err)
	invoices := map[string][]string{}
	var order []string
	for row, err := r.Read(); err == nil; row, err = r.Read() {
		quantity, _ := strconv.Atoi(row[3])
		price, _ := strconv.ParseFloat(row[5], 64)
		if strings.HasPrefix(row[0], "C") || quantity <= 0 || price <= 0 {
			continue
		}
		if invoices[row[0]] == nil {
			order = append(order, strings.Clone(row[0]))
		}
		invoices[strings.Clone(row[0])] = append(invoices[row[0]], strings.Clone(row[1]))
	}
	for _, invoice := range order {
		lists = append(lists, invoices[invoice])
	}
	return lists
}

// sizes returns how many sets there are of one item, of two, ...
func sizes(s *basket.Itemsets[string]) (by []int) {
	for _, set := range s.Sets {
		for len(by) < len(set.Items) {
			by = append(by, 0)
		}
		by[len(set.Items)-1]++
	}
	return by
}

// The figures of the literature and of other programs (FACTS.md).
func TestGroceries(t *testing.T) {
	b := groceries(t)
	require.Equal(t, 9835, b.Len())
	for _, want := range []struct {
		support  float64
		sizes    []int
		one, any [3]int // rules of confidence .25, .5, .8
	}{
		{.05, []int{28, 3}, [3]int{4, 0, 0}, [3]int{4, 0, 0}},
		{.01, []int{88, 213, 32}, [3]int{170, 15, 0}, [3]int{170, 15, 0}},
		{.006, []int{109, 478, 156, 4}, [3]int{463, 67, 0}, [3]int{467, 67, 0}},
		{.001, []int{157, 2981, 6831, 3137, 376, 10}, [3]int{17391, 5668, 410}, [3]int{19390, 5829, 413}},
	} {
		sets, err := b.Frequent(basket.MinSupport(want.support))
		require.NoError(t, err)
		require.Equal(t, want.sizes, sizes(sets), "%v", want.support)
		for i, confidence := range []float64{.25, .5, .8} {
			require.Len(t, sets.Rules(confidence), want.one[i], "%v %v", want.support, confidence)
			require.Len(t, sets.Rules(confidence, basket.MaxThen(9)), want.any[i], "%v %v", want.support, confidence)
		}
		switch want.support {
		case .001:
			top := sets.Rules(.8)[0]
			require.Equal(t, []string{"liquor", "red/blush wine"}, top.If)
			require.Equal(t, []string{"bottled beer"}, top.Then)
			require.InDelta(t, 11.2353, top.Lift, 5e-5)
			require.InDelta(t, .001932, top.Support, 5e-7)
			require.InDelta(t, .9048, top.Confidence, 5e-5)
			require.Equal(t, basket.Itemset[string]{Items: []string{"whole milk"}, Count: 2513}, sets.Sets[0])
		case .006:
			top := sets.Rules(.25)[0]
			require.Equal(t, []string{"herbs"}, top.If)
			require.InDelta(t, 3.9565, top.Lift, 5e-5)
		}
	}
}

func TestOnlineRetail(t *testing.T) {
	b := retail(t)
	require.Equal(t, 19960, b.Len())
	sets, err := b.Frequent(basket.MinSupport(.02))
	require.NoError(t, err)
	require.Equal(t, []int{296, 86, 3}, sizes(sets))
	require.Len(t, sets.Rules(.5), 59)
	sets, err = b.Frequent(basket.MinSupport(.01))
	require.NoError(t, err)
	require.Equal(t, []int{815, 917, 269, 24, 1}, sizes(sets))
	rules := sets.Rules(.5)
	require.Len(t, rules, 919)
	top := rules[0]
	require.InDelta(t, 79.519, top.Lift, 5e-4)
	require.Equal(t, 203, top.Count)
}

// mlxtend is asked about baskets that nobody has seen.
func TestMlxtend(t *testing.T) {
	seed := oracle.Seed(t)
	random := rand.New(rand.NewPCG(seed, 0))
	baskets := make([][]int, 300)
	var b basket.Baskets[int]
	for i := range baskets {
		baskets[i] = []int{}
		for item := range 12 {
			if random.IntN(item/2+2) == 0 {
				baskets[i] = append(baskets[i], item)
			}
		}
		b.Add(baskets[i]...)
	}
	const support, confidence = 0.03, 0.3
	type rule struct {
		If, Then                                                                    []int
		Support, Confidence, Lift, Leverage, Conviction, Zhang, Jaccard, Kulczynski float64
	}
	var want struct {
		Sets  []basket.Itemset[int]
		Rules []rule
	}
	oracle.Ask(t, "testdata/oracle.py", map[string]any{"baskets": baskets, "support": support, "confidence": confidence}, &want)
	sets, err := b.Frequent(basket.MinSupport(support))
	require.NoError(t, err)
	require.ElementsMatch(t, want.Sets, sets.Sets)
	rules := sets.Rules(confidence, basket.MaxThen(99))
	require.Len(t, rules, len(want.Rules))
	for _, w := range want.Rules {
		found := false
		for _, r := range rules {
			if equal(r.If, w.If) && equal(r.Then, w.Then) {
				found = true
				for k, pair := range [][2]float64{{w.Support, r.Support}, {w.Confidence, r.Confidence}, {w.Lift, r.Lift}, {w.Leverage, r.Leverage},
					{w.Conviction, min(r.Conviction, 1e300)}, {w.Zhang, r.Zhang}, {w.Jaccard, r.Jaccard}, {w.Kulczynski, r.Kulczynski}} {
					require.InDelta(t, pair[0], pair[1], 1e-9*max(1, pair[0]), "%v: measure %d", r, k)
				}
			}
		}
		require.True(t, found, "%v", w)
	}
}

func equal(a, b []int) bool { return len(a) == len(b) && subset(a, b) }

// Each beside mlxtend's time for the same sets and rules, in one run.
func BenchmarkGroceries(b *testing.B) {
	lists := groceryLists(b)
	beside(b, lists, .001, .8, func(baskets *basket.Baskets[string]) {
		sets, err := baskets.Frequent(basket.MinSupport(.001))
		require.NoError(b, err)
		require.Len(b, sets.Rules(.8), 410)
	})
}

func BenchmarkOnlineRetail(b *testing.B) {
	lists := retailLists(b)
	beside(b, lists, .01, .5, func(baskets *basket.Baskets[string]) {
		sets, err := baskets.Frequent(basket.MinSupport(.01))
		require.NoError(b, err)
		require.Len(b, sets.Sets, 2026)
		require.Len(b, sets.Rules(.5), 919)
	})
}

func beside(b *testing.B, lists [][]string, support, confidence float64, mine func(*basket.Baskets[string])) {
	var theirs struct{ Seconds float64 }
	if os.Getenv("FRESHET_ORACLE") != "" && !testing.Short() {
		oracle.Ask(b, "testdata/clock.py", map[string]any{"Baskets": lists, "Support": support, "Confidence": confidence}, &theirs)
	}
	baskets := of(lists)
	for b.Loop() {
		mine(baskets)
	}
	if theirs.Seconds > 0 {
		b.ReportMetric(theirs.Seconds*1e9*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "times")
		b.ReportMetric(theirs.Seconds, "mlxtend-s")
	}
}

func of(lists [][]string) *basket.Baskets[string] {
	b := new(basket.Baskets[string])
	for _, l := range lists {
		b.Add(l...)
	}
	return b
}
