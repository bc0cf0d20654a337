package behaviour_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/behaviour"
	"github.com/freshet-go/freshet/mining/internal/oracle"
	"github.com/freshet-go/freshet/mining/internal/shopdata"
)

// simulated are customers of the model with known parameters, some of whom buy often.
func simulated(n int, seed uint64) (all []behaviour.History) {
	random := rand.New(rand.NewPCG(seed, 0))
	for range n {
		rate := gamma(random, 0.8) / 6
		leave := beta(random, 0.9, 2.5)
		h := behaviour.History{Age: 10 + 30*random.Float64()}
		mean := 0.0
		worth := 15 / gamma(random, 4)
		for at := random.ExpFloat64() / rate; at < h.Age; at += random.ExpFloat64() / rate {
			h.Repeats++
			h.Last = at
			mean += gamma(random, 6) * worth
			if random.Float64() < leave {
				break
			}
		}
		if h.Repeats > 0 {
			h.Value = mean / h.Repeats
		}
		all = append(all, h)
	}
	return all
}

// gamma draws from a gamma distribution: Marsaglia and Tsang, 2000.
func gamma(random *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(random, shape+1) * math.Pow(random.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	for {
		x := random.NormFloat64()
		v := math.Pow(1+x/math.Sqrt(9*d), 3)
		if v > 0 && math.Log(random.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

func beta(random *rand.Rand, a, b float64) float64 {
	x, y := gamma(random, a), gamma(random, b)
	return x / (x + y)
}

// lives are lifetimes with ties, some cut short, whose rates depend on features.
func lives(n int, seed uint64) (all []behaviour.Lifetime, features [][]float64) {
	random := rand.New(rand.NewPCG(seed, 1))
	for range n {
		x := []float64{random.NormFloat64(), float64(random.IntN(2)), 1000 + 300*random.NormFloat64()}
		t := random.ExpFloat64() * 20 / math.Exp(0.7*x[0]-0.5*x[1]+0.001*(x[2]-1000))
		cut := 40 * random.Float64()
		all = append(all, behaviour.Lifetime{Time: math.Ceil(min(t, cut)), Happened: t <= cut})
		features = append(features, x)
	}
	return all, features
}

// lifelines and lifetimes are asked about customers that nobody has seen.
func TestOracle(t *testing.T) {
	seed := oracle.Seed(t)
	customers := simulated(1500, seed)
	orders, err := behaviour.FitBGNBD(customers)
	require.NoError(t, err)
	value, err := behaviour.FitGammaGamma(customers)
	require.NoError(t, err)
	all, features := lives(300, seed)
	cox, err := behaviour.FitCox(all, features)
	require.NoError(t, err)

	const until, when = 26, 9
	ours := []float64{orders.R, orders.Alpha, orders.A, orders.B}
	gammas := []float64{value.P, value.Q, value.V}
	var want struct {
		BGNBD, Gamma, Alive, Orders, Values []float64
		Likelihood                          float64
		KM                                  [][4]float64
		LogRank, Beta, StdErr, P, Survival  []float64
		CoxLikelihood                       float64
	}
	oracle.Ask(t, "testdata/oracle.py", map[string]any{
		"customers": customers, "BGNBD": ours, "Gamma": gammas, "Time": until, "lifetimes": all, "features": features, "At": when,
	}, &want)

	// The likelihood reached decides: it is flat around its top.
	theirs := behaviour.BGNBD{R: want.BGNBD[0], Alpha: want.BGNBD[1], A: want.BGNBD[2], B: want.BGNBD[3]}
	require.GreaterOrEqual(t, orders.LogLikelihood, theirs.Likelihood(customers)-1e-6)
	worth := behaviour.GammaGamma{P: want.Gamma[0], Q: want.Gamma[1], V: want.Gamma[2]}
	require.GreaterOrEqual(t, value.LogLikelihood, worth.Likelihood(customers)-1e-6)
	for i := range ours {
		require.InEpsilon(t, want.BGNBD[i], ours[i], 0.1)
	}
	for i := range gammas {
		require.InEpsilon(t, want.Gamma[i], gammas[i], 0.1)
	}
	for i, h := range customers {
		require.InDelta(t, want.Alive[i], orders.Alive(h), 1e-9)
		require.InDelta(t, want.Orders[i], orders.Orders(h, until), 1e-6*max(1, want.Orders[i]))
		require.InDelta(t, want.Values[i], value.Value(h), 1e-9*want.Values[i])
	}

	curve := behaviour.KaplanMeier(all, 0.95)
	require.Len(t, curve, len(want.KM))
	for i, p := range curve {
		require.Equal(t, want.KM[i][0], p.Time)
		require.InDelta(t, want.KM[i][1], p.Survival, 1e-12)
		if p.Survival > 0 {
			require.InDelta(t, want.KM[i][2], p.Low, 1e-9)
			require.InDelta(t, want.KM[i][3], p.High, 1e-9)
		}
	}
	statistic, p := behaviour.LogRank(all[:150], all[150:])
	require.InDelta(t, want.LogRank[0], statistic, 1e-9*max(1, statistic))
	require.InDelta(t, want.LogRank[1], p, 1e-9)

	require.InDelta(t, want.CoxLikelihood, cox.LogLikelihood, 1e-8*math.Abs(cox.LogLikelihood))
	for i, b := range cox.Beta {
		require.InDelta(t, want.Beta[i], b, 1e-6*max(1, math.Abs(b)))
		require.InEpsilon(t, want.StdErr[i], cox.StdErr[i], 1e-6)
		require.InDelta(t, want.P[i], cox.P()[i], 1e-6)
	}
	for i := range 20 {
		require.InDelta(t, want.Survival[i], cox.Survival(features[i], when), 1e-6)
	}
}

// histories are the customers of Online Retail, in weeks.
func histories(t testing.TB, until time.Time) (all []behaviour.History) {
	type customer struct {
		first, last time.Time
		days        map[int]float64 // what was bought on each
	}
	by := map[int]*customer{}
	var order []int
	for _, l := range shopdata.Clean(t) {
		if l.Customer == 0 || !l.Time.Before(until) {
			continue
		}
		c := by[l.Customer]
		if c == nil {
			c = &customer{first: l.Time, days: map[int]float64{}}
			by[l.Customer] = c
			order = append(order, l.Customer)
		}
		c.last = l.Time
		c.days[int(l.Time.Unix()/86400)] += float64(l.Quantity) * l.Price
	}
	day := func(t time.Time) float64 { return float64(t.Unix() / 86400) }
	for _, id := range order {
		c := by[id]
		h := behaviour.History{Repeats: float64(len(c.days) - 1), Last: (day(c.last) - day(c.first)) / 7, Age: (day(until) - day(c.first)) / 7}
		for d, sum := range c.days {
			if float64(d) != day(c.first) {
				h.Value += sum / h.Repeats
			}
		}
		all = append(all, h)
	}
	return all
}

// What the model of the first nine months says of the next three is nearer to what came than that customers
// go on as before.
func TestHoldOut(t *testing.T) {
	cut := time.Date(2011, 9, 1, 0, 0, 0, 0, time.UTC)
	before, after := histories(t, cut), histories(t, time.Date(2011, 12, 1, 0, 0, 0, 0, time.UTC))
	m, err := behaviour.FitBGNBD(before)
	require.NoError(t, err)
	var predicted, came, naive, ours, theirs float64
	for i, h := range before {
		c := after[i].Repeats - h.Repeats
		p := m.Orders(h, 13)
		n := (h.Repeats + 1) / max(h.Age, 1) * 13
		predicted, came, naive = predicted+p, came+c, naive+n
		ours, theirs = ours+math.Abs(p-c), theirs+math.Abs(n-c)
	}
	t.Logf("%d customers: %.0f orders predicted, %.0f came, %.0f if all went on; mean error %.3f, %.3f if all went on", len(before), predicted, came, naive, ours/float64(len(before)), theirs/float64(len(before)))
	require.InEpsilon(t, came, predicted, 0.25)
	require.Less(t, ours, 0.8*theirs)
}

func TestNotFitted(t *testing.T) {
	_, err := behaviour.FitBGNBD(nil)
	require.ErrorIs(t, err, behaviour.ErrNotFitted)
	_, err = behaviour.FitBGNBD([]behaviour.History{{Repeats: 1, Last: 5, Age: 4}})
	require.ErrorContains(t, err, "customer 0")
	_, err = behaviour.FitBGNBD([]behaviour.History{{Age: 4}, {Age: 5}, {Age: 6}})
	require.ErrorIs(t, err, behaviour.ErrNotFitted)
	_, err = behaviour.FitGammaGamma([]behaviour.History{{Age: 4}})
	require.ErrorIs(t, err, behaviour.ErrNotFitted)
	_, err = behaviour.FitGammaGamma([]behaviour.History{{Repeats: 1, Last: 1, Age: 4, Value: -1}})
	require.ErrorContains(t, err, "customer 0")

	life := []behaviour.Lifetime{{1, true}, {2, true}, {3, true}, {4, true}}
	_, err = behaviour.FitCox(life, [][]float64{{4}, {3}, {2}, {1}})
	require.ErrorIs(t, err, behaviour.ErrSeparated)
	_, err = behaviour.FitCox(life, [][]float64{{1}, {1}, {1}, {1}})
	require.ErrorIs(t, err, behaviour.ErrSeparated)
	_, err = behaviour.FitCox(life, [][]float64{{1, 2}, {5, 10}, {2, 4}, {3, 6}})
	require.ErrorIs(t, err, behaviour.ErrSeparated)
	_, err = behaviour.FitCox(life[:1], nil)
	require.Error(t, err)
	_, err = behaviour.FitCox(life, [][]float64{{1}, {math.NaN()}, {2}, {3}})
	require.ErrorContains(t, err, "feature 0 of row 1")
	_, err = behaviour.FitCox([]behaviour.Lifetime{{1, false}}, [][]float64{{1}})
	require.ErrorContains(t, err, "nobody")
	require.Empty(t, behaviour.KaplanMeier(nil, 0.9))
	statistic, p := behaviour.LogRank(nil, life)
	require.True(t, math.IsNaN(statistic) && math.IsNaN(p))
}

func TestSavedModels(t *testing.T) {
	customers := simulated(400, 5)
	orders, err := behaviour.FitBGNBD(customers)
	require.NoError(t, err)
	value, err := behaviour.FitGammaGamma(customers)
	require.NoError(t, err)
	all, features := lives(100, 5)
	cox, err := behaviour.FitCox(all, features)
	require.NoError(t, err)
	b, err := orders.AppendBinary(nil)
	require.NoError(t, err)
	var o behaviour.BGNBD
	require.NoError(t, o.UnmarshalBinary(b))
	require.Equal(t, *orders, o)
	require.Error(t, value.UnmarshalBinary(b))
	b, err = value.AppendBinary(nil)
	require.NoError(t, err)
	var v behaviour.GammaGamma
	require.NoError(t, v.UnmarshalBinary(b))
	require.Equal(t, *value, v)
	b, err = cox.AppendBinary(nil)
	require.NoError(t, err)
	var c behaviour.Cox
	require.NoError(t, c.UnmarshalBinary(b))
	require.Equal(t, *cox, c)
	require.Error(t, c.UnmarshalBinary(b[:len(b)-1]))
	require.Greater(t, behaviour.LifetimeValue(orders, value, customers[0], 12, 4, 0.01), 0.0)
	require.Less(t, behaviour.LifetimeValue(orders, value, customers[0], 12, 4, 0.01), behaviour.LifetimeValue(orders, value, customers[0], 12, 4, 0))
	// Without a discount, the value is that of all orders.
	require.InEpsilon(t, orders.Orders(customers[0], 48)*value.Value(customers[0]), behaviour.LifetimeValue(orders, value, customers[0], 12, 4, 0), 1e-9)
	require.Equal(t, 1.0, behaviour.SurvivalAt(behaviour.KaplanMeier(all, 0.9), 0))
	require.Equal(t, math.Inf(1), behaviour.Median(nil))
}
