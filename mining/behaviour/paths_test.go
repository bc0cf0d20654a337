package behaviour_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/behaviour"
)

func ExamplePaths() {
	p := behaviour.NewPaths[string]()
	p.Add("home", "product", "cart", "paid")
	p.Add("home", "product")
	p.Add("search", "product", "product")
	next, ends := p.Next("product")
	for _, t := range next {
		fmt.Printf("%s -> %s %.2f\n", t.From, t.To, t.Chance)
	}
	fmt.Printf("ends %.2f\n", ends)
	// Output:
	// product -> cart 0.25
	// product -> product 0.25
	// ends 0.50
}

func TestPaths(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	whole, a, b := behaviour.NewPaths[int](), behaviour.NewPaths[int](), behaviour.NewPaths[int]()
	for range 500 {
		path := make([]int, random.IntN(6))
		for i := range path {
			path[i] = random.IntN(5)
		}
		whole.Add(path...)
		[]*behaviour.Paths[int]{a, b}[random.IntN(2)].Add(path...)
	}
	a.Merge(b)
	require.Equal(t, whole, a)
	data, err := a.AppendBinary(nil)
	require.NoError(t, err)
	restored := behaviour.NewPaths[int]()
	require.Error(t, restored.UnmarshalBinary(data[:9]))
	require.NoError(t, restored.UnmarshalBinary(data))
	require.Equal(t, whole, restored)
	sum := 0.0
	for _, s := range whole.Begins() {
		sum += s.Chance
	}
	require.InDelta(t, 1, sum, 1e-12)
	for _, s := range whole.Steps() {
		next, ends := whole.Next(s)
		for _, n := range next {
			ends += n.Chance
		}
		require.InDelta(t, 1, ends, 1e-12)
	}
	_, ends := whole.Next(99)
	require.True(t, math.IsNaN(ends))
	require.Empty(t, behaviour.NewPaths[int]().Begins())
}

func journey(value float64, channels ...string) (j behaviour.Journey[string]) {
	j.Value = value
	for i, c := range channels {
		j.Touches = append(j.Touches, behaviour.Touch[string]{Channel: c, At: day.Add(time.Duration(i) * time.Hour)})
	}
	return j
}

func ExampleAttribute() {
	journeys := []behaviour.Journey[string]{journey(100, "ad", "mail", "search"), journey(0, "ad"), journey(0, "mail", "search")}
	for _, by := range []behaviour.Attribution{behaviour.First, behaviour.Position, behaviour.Markov} {
		credit := behaviour.Attribute(journeys, by)
		fmt.Printf("%.0f %.0f %.0f\n", credit["ad"], credit["mail"], credit["search"])
	}
	// Output:
	// 100 0 0
	// 40 20 40
	// 20 40 40
}

// shapley is the definition: what a channel adds, over all orders in which channels may come.
func shapley(journeys []behaviour.Journey[string], channels []string) map[string]float64 {
	worth := func(set []string) (sum float64) {
		for _, j := range journeys {
			if len(j.Touches) > 0 && !slices.ContainsFunc(j.Touches, func(t behaviour.Touch[string]) bool { return !slices.Contains(set, t.Channel) }) {
				sum += j.Value
			}
		}
		return sum
	}
	credit, orders := map[string]float64{}, 0.0
	var permute func(before, left []string)
	permute = func(before, left []string) {
		if len(left) == 0 {
			orders++
		}
		for i, c := range left {
			next := append(slices.Clone(before), c)
			// What c adds counts for each order of those behind it.
			f := 1.0
			for k := 2; k < len(left); k++ {
				f *= float64(k)
			}
			credit[c] += f * (worth(next) - worth(before))
			permute(next, slices.Delete(slices.Clone(left), i, i+1))
		}
	}
	permute(nil, channels)
	for c := range credit {
		credit[c] /= orders
	}
	return credit
}

// walked is the chance of an order where a channel fails, by many steps of the chain.
func walked(journeys []behaviour.Journey[string], removed string) float64 {
	steps := map[string]map[string]float64{}
	count := func(from, to string) {
		if steps[from] == nil {
			steps[from] = map[string]float64{}
		}
		steps[from][to]++
	}
	for _, j := range journeys {
		at := "begin"
		for _, t := range j.Touches {
			count(at, t.Channel)
			at = t.Channel
		}
		if len(j.Touches) == 0 {
			continue
		}
		if j.Value > 0 {
			count(at, "order")
		} else {
			count(at, "failure")
		}
	}
	now := map[string]float64{"begin": 1}
	ordered := 0.0
	for range 5000 {
		next := map[string]float64{}
		for from, p := range now {
			total := 0.0
			for _, n := range steps[from] {
				total += n
			}
			for to, n := range steps[from] {
				switch to {
				case "order":
					ordered += p * n / total
				case removed, "failure":
				default:
					next[to] += p * n / total
				}
			}
		}
		now = next
	}
	return ordered
}

func TestAttribute(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	channels := []string{"ad", "mail", "search", "social", "tv"}
	for range 20 {
		var journeys []behaviour.Journey[string]
		total := 0.0
		for range 30 {
			var touched []string
			for range random.IntN(6) {
				touched = append(touched, channels[random.IntN(5)])
			}
			value := float64(random.IntN(3) * 10)
			if len(touched) > 0 {
				total += value
			}
			journeys = append(journeys, journey(value, touched...))
		}
		for _, by := range []behaviour.Attribution{behaviour.First, behaviour.Last, behaviour.Linear, behaviour.Position, behaviour.Shapley, behaviour.Markov} {
			sum := 0.0
			for _, v := range behaviour.Attribute(journeys, by) {
				require.GreaterOrEqual(t, v, -1e-9)
				sum += v
			}
			require.InDelta(t, total, sum, 1e-6, "%d", by)
		}
		got := behaviour.Attribute(journeys, behaviour.Shapley)
		for c, v := range shapley(journeys, channels) {
			require.InDelta(t, v, got[c], 1e-9)
		}
		got = behaviour.Attribute(journeys, behaviour.Markov)
		whole, effects, sum := walked(journeys, ""), map[string]float64{}, 0.0
		for _, c := range channels {
			effects[c] = 1 - walked(journeys, c)/whole
			sum += effects[c]
		}
		for _, c := range channels {
			require.InDelta(t, total*effects[c]/sum, got[c], 1e-6)
		}
	}
	timed := behaviour.AttributeByTime([]behaviour.Journey[string]{journey(30, "ad", "mail")}, time.Hour)
	require.InDelta(t, 10, timed["ad"], 1e-9)
	require.InDelta(t, 20, timed["mail"], 1e-9)
	require.Empty(t, behaviour.Attribute([]behaviour.Journey[string]{journey(5)}, behaviour.Markov))
	require.Equal(t, map[string]float64{"ad": 0}, behaviour.Attribute([]behaviour.Journey[string]{journey(0, "ad")}, behaviour.Markov))
	require.Panics(t, func() { behaviour.Attribute([]behaviour.Journey[string]{journey(-1, "ad")}, behaviour.First) })
	require.Panics(t, func() { behaviour.Attribute([]behaviour.Journey[string]{journey(1, "ad")}, 99) })
}
