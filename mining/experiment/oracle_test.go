package experiment

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/internal/oracle"
	"github.com/freshet-go/freshet/mining/stats"
)

// A number is one in JSON, or the string of an infinity or NaN.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		v, err := strconv.ParseFloat(s, 64)
		*n = number(v)
		return err
	}
	return json.Unmarshal(b, (*float64)(n))
}

type ask map[string]any

// A quiz gathers questions and what this package answers.
type quiz struct {
	asked   []ask
	answers [][]float64
	within  []float64
}

func (q *quiz) ask(within float64, a ask, answers ...float64) {
	q.asked, q.answers, q.within = append(q.asked, a), append(q.answers, answers), append(q.within, within)
}

// check asks the oracle. Answers near 0 are held relative to themselves, too, as tails are, down to 1e-290.
func (q *quiz) check(t *testing.T) {
	var all [][]number
	oracle.Ask(t, "testdata/oracle.py", q.asked, &all)
	require.Len(t, all, len(q.asked))
	worst := map[string]float64{}
	for i, a := range q.asked {
		require.Len(t, all[i], len(q.answers[i]), "%v", a)
		for k, want := range all[i] {
			got, want := q.answers[i][k], float64(want)
			if got == want || got != got && want != want {
				continue
			}
			e := math.Abs(got-want) / max(1e-290, math.Abs(want))
			if math.Abs(got-want) < 1e-16 && math.Abs(want) < 1e-6 && a["call"] != "t" && a["call"] != "beta" {
				e = 0 // what is left of a difference of numbers about 1
			}
			if math.IsNaN(e) {
				e = math.Inf(1)
			}
			name := a["call"].(string)
			worst[name] = max(worst[name], e)
			if !(e <= q.within[i]) {
				b, _ := json.Marshal(a)
				t.Errorf("%.300s\n[%d] is %v, and %v to the oracle: %.3g off", b, k, got, want, e)
			}
		}
	}
	t.Logf("%d questions, furthest off, relative: %v", len(q.asked), worst)
}

var alternatives = map[Alternative]string{TwoSided: "two-sided", Less: "less", Greater: "greater"}

const close9 = 1e-9

func sample(random *rand.Rand, n, kind int, shift float64) []float64 {
	vs := make([]float64, n)
	for i := range vs {
		switch kind % 3 {
		case 0:
			vs[i] = random.NormFloat64() + shift
		case 1:
			vs[i] = float64(random.IntN(6)) + math.Round(shift)
		case 2:
			vs[i] = random.ExpFloat64()*3 + shift
		}
	}
	return vs
}

func TestOracle(t *testing.T) {
	random := oracle.Random(t)
	var q quiz
	for round := range 40 {
		alt := Alternative(round % 3)
		name := alternatives[alt]
		level := []float64{0.8, 0.9, 0.95, 0.999}[random.IntN(4)]
		na, nb := 3+random.IntN(40), 3+random.IntN(40)
		if round%9 == 0 {
			na, nb = 600, 900
		}
		a, b := sample(random, na, round, 0.3), sample(random, nb, round, random.NormFloat64())
		a[0], b[0] = 11.5, -7.5 // none is constant
		sa, sb := stats.Of(a...), stats.Of(b...)
		for _, equal := range []bool{false, true} {
			m := Welch(sa, sb, alt)
			if equal {
				m = Student(sa, sb, alt)
			}
			i := m.Interval(level)
			q.ask(close9, ask{"call": "welch", "a": a, "b": b, "alt": name, "level": level, "equal": equal}, m.Statistic, m.P, m.DF, i.Low, i.High)
		}
		n := min(na, nb)
		m := Paired(a[:n], b[:n], alt)
		i := m.Interval(level)
		q.ask(close9, ask{"call": "paired", "a": a[:n], "b": b[:n], "alt": name, "level": level}, m.Statistic, m.P, m.DF, i.Low, i.High)

		r := stats.Pearson(a[:n], b[:n])
		q.ask(close9, ask{"call": "correlation", "a": a[:n], "b": b[:n], "alt": name}, Correlation(r, int64(n), alt).P)

		// ranks
		if round%3 == 1 {
			mw := MannWhitney(a, b, alt, Asymptotic())
			q.ask(close9, ask{"call": "mwu", "a": a, "b": b, "alt": name, "method": "asymptotic", "continuity": true}, mw.Statistic, mw.P)
			mw = MannWhitney(a, b, alt, Asymptotic(), NoContinuity())
			q.ask(close9, ask{"call": "mwu", "a": a, "b": b, "alt": name, "method": "asymptotic", "continuity": false}, mw.Statistic, mw.P)
		}
		if round%3 != 1 && round%9 != 0 {
			mw := MannWhitney(a, b, alt, Exact())
			q.ask(close9, ask{"call": "mwu", "a": a, "b": b, "alt": name, "method": "exact", "continuity": true}, mw.Statistic, mw.P)
		}
		if round < 6 {
			x, y := sample(random, 4+round%3, 1, 0), sample(random, 5, 1, 1)
			mw := MannWhitney(x, y, alt, Exact())
			q.ask(close9, ask{"call": "mwu-permuted", "a": x, "b": y, "alt": name}, mw.Statistic, mw.P)
			x, y = sample(random, 8, 1, 0), sample(random, 8, 1, 1)
			x[0] = y[0] + 1
			q.ask(close9, ask{"call": "wilcoxon-permuted", "a": x, "b": y, "alt": name}, Wilcoxon(x, y, alt, Exact()).P)
		}
		for _, zero := range []string{"wilcox", "pratt"} {
			opts := []RankOption{Asymptotic()}
			if zero == "pratt" {
				opts = append(opts, Pratt())
			}
			w := Wilcoxon(a[:n], b[:n], alt, opts...)
			if zero == "wilcox" {
				q.ask(close9, ask{"call": "wilcoxon", "a": a[:n], "b": b[:n], "alt": name, "method": "asymptotic", "continuity": true, "zero": zero}, w.Statistic, w.P)
			}
			w = Wilcoxon(a[:n], b[:n], alt, append(opts, NoContinuity())...)
			stat := Wilcoxon(a[:n], b[:n], alt, Asymptotic()).Statistic
			q.ask(close9, ask{"call": "wilcoxon", "a": a[:n], "b": b[:n], "alt": name, "method": "asymptotic", "continuity": false, "zero": zero}, stat, w.P)
		}
		if round%3 != 1 && n <= 50 {
			w := Wilcoxon(a[:n], b[:n], alt)
			q.ask(close9, ask{"call": "wilcoxon", "a": a[:n], "b": b[:n], "alt": name, "method": "exact", "continuity": false, "zero": "wilcox"}, w.Statistic, w.P)
		}
		ks := KolmogorovSmirnov(a, b, alt)
		q.ask(close9, ask{"call": "ks", "a": a, "b": b, "alt": name}, ks.Statistic, ks.P)
		limit := KolmogorovSmirnovAsymptotic(a, b, alt)
		z := limit.Statistic * math.Sqrt(float64(na)*float64(nb)/float64(na+nb))
		q.ask(close9, ask{"call": "ks-limit", "a": a, "b": b, "alt": name, "z": z}, limit.P)

		// counts
		ra := Rate{random.Int64N(20), 20 + random.Int64N(300)}
		rb := Rate{random.Int64N(40), 40 + random.Int64N(3000)}
		if round%5 == 0 {
			ra, rb = Rate{5000 + random.Int64N(1000), 100_000}, Rate{5000 + random.Int64N(1000), 1_000_000}
		}
		xs, ns := []int64{ra.Successes, rb.Successes}, []int64{ra.Trials, rb.Trials}
		if ra.Successes+rb.Successes > 0 {
			p := Proportions(ra, rb, alt)
			q.ask(close9, ask{"call": "proportions", "x": xs, "n": ns, "alt": name}, p.Statistic, p.P)
		}
		i = Newcombe(ra, rb, level)
		q.ask(close9, ask{"call": "newcombe", "x": xs, "n": ns, "level": level}, i.Low, i.High)
		for _, r := range []Rate{ra, rb, {0, ra.Trials}, {rb.Trials, rb.Trials}} {
			i = r.Wilson(level)
			q.ask(close9, ask{"call": "wilson", "x": r.Successes, "n": r.Trials, "level": level}, i.Low, i.High)
			i = r.ClopperPearson(level)
			q.ask(close9, ask{"call": "clopper", "x": r.Successes, "n": r.Trials, "level": level}, i.Low, i.High)
		}
		p := 0.02 + 0.2*random.Float64()
		bt := Binomial(ra, p, alt)
		q.ask(close9, ask{"call": "binomial", "x": ra.Successes, "n": ra.Trials, "p": p, "alt": name}, bt.Statistic, bt.P)
		table := [][]float64{{float64(ra.Successes), float64(ra.Trials - ra.Successes)}, {float64(rb.Successes), float64(rb.Trials - rb.Successes)}}
		f := Fisher(ra, rb, alt)
		q.ask(close9, ask{"call": "fisher", "table": table, "alt": name}, f.Statistic, f.P)
		if ra.Successes+rb.Successes > 0 {
			for _, yates := range []bool{false, true} {
				c := ChiSquare(table, yates)
				q.ask(close9, ask{"call": "chi", "table": table, "yates": yates}, c.Statistic, c.P, c.DF)
			}
		}
		wide := make([][]float64, 2+random.IntN(4))
		columns := 2 + random.IntN(5)
		for r := range wide {
			for range columns {
				wide[r] = append(wide[r], float64(1+random.IntN(30)))
			}
		}
		c := ChiSquare(wide, true)
		q.ask(close9, ask{"call": "chi", "table": wide, "yates": true}, c.Statistic, c.P, c.DF)
		counts, shares := []int64{1000 + random.Int64N(100), 2000 + random.Int64N(100), 3000}, []float64{1, 2, 3}
		s := SampleRatio(counts, shares...)
		q.ask(close9, ask{"call": "ratio", "x": counts, "share": shares}, s.Statistic, s.P)
		x, y := random.Int64N(50), 1+random.Int64N(60)
		if x == y {
			y++ // of equal counts statsmodels corrects 0 to 1, and R does not
		}
		q.ask(close9, ask{"call": "mcnemar", "x": []int64{x, y}},
			McNemar(x, y).P, McNemarChiSquare(x, y, true).Statistic, McNemarChiSquare(x, y, true).P, McNemarChiSquare(x, y, false).P)
		ps := make([]float64, 1+random.IntN(20))
		for k := range ps {
			ps[k] = math.Pow(random.Float64(), 3)
			if k > 0 && random.IntN(4) == 0 {
				ps[k] = ps[k-1]
			}
		}
		q.ask(close9, ask{"call": "bh", "p": ps, "method": "fdr_bh"}, BenjaminiHochberg(ps...)...)
		q.ask(close9, ask{"call": "bh", "p": ps, "method": "fdr_by"}, BenjaminiYekutieli(ps...)...)
		q.ask(close9, ask{"call": "bh", "p": ps, "method": "holm"}, Holm(ps...)...)
	}
	q.check(t)
}

func TestOracleOfDesigns(t *testing.T) {
	random := oracle.Random(t)
	var q quiz
	for round := range 40 {
		d := Design{Alpha: []float64{0.05, 0.01, 0.1}[round%3], Ratio: []float64{1, 2, 0.5}[random.IntN(3)]}
		name := "two-sided"
		if round%2 == 1 {
			d.Alt, name = Greater, "larger"
		}
		n := math.Round(math.Exp(2 + 6*random.Float64()))
		effect := (0.2 + 4*random.Float64()) / math.Sqrt(n)
		// SciPy's noncentral t is good to about 1e-9 itself.
		q.ask(1e-8, ask{"call": "t-power", "effect": effect, "n": n, "alpha": d.Alpha, "ratio": d.Ratio, "alt": name}, d.PowerOfMeans(effect, n))
		a := 0.02 + 0.5*random.Float64()
		b := a * (1.05 + random.Float64()/2)
		q.ask(close9, ask{"call": "z-power", "p": []float64{b, a}, "n": n, "alpha": d.Alpha, "ratio": d.Ratio, "alt": name}, d.PowerOfArcsine(b, a, n))
		d = Design{Alpha: d.Alpha, Power: 0.7 + 0.25*random.Float64()}
		q.ask(close9, ask{"call": "p-size", "p": []float64{a, b}, "power": d.Power, "alpha": d.Alpha}, d.Proportions(a, b))
		// There and back.
		require.InDelta(t, d.Power, d.PowerOfProportions(a, b, d.Proportions(a, b)), 1e-10)
		require.InDelta(t, d.Power, d.PowerOfArcsine(a, b, d.Arcsine(a, b)), 1e-10)
		if round%5 == 0 {
			n := d.Means(effect)
			require.InDelta(t, d.Power, d.PowerOfMeans(effect, n), 1e-10)
			require.InEpsilon(t, effect, d.DetectableMeans(n), 1e-9)
		}

		df := math.Exp(8 * random.Float64())
		x := random.NormFloat64() * 4
		tail := math.Pow(0.5, 1+40*random.Float64())
		q.ask(close9, ask{"call": "t", "t": x, "df": df, "p": tail}, studentSF(x, df), studentQuantile(tail, df))
		al, be := math.Exp(12*random.Float64()-2), math.Exp(12*random.Float64()-2)
		at := al/(al+be) + 3*random.NormFloat64()*math.Sqrt(al*be/(al+be+1))/(al+be)
		if at > 1e-3 && at < 1-1e-3 {
			low, up := betaCDF(al, be, at, 1-at)
			q.ask(close9, ask{"call": "beta", "x": at, "a": []float64{al, be}, "p": tail}, low, up, betaQuantile(tail, al, be))
		}
	}
	q.check(t)
}

// TestManyDegrees holds that Student's distribution becomes the normal one.
func TestManyDegrees(t *testing.T) {
	for _, x := range []float64{-3, 0, 0.5, 1.96, 6} {
		require.InEpsilon(t, normalCDF(-x), studentSF(x, 1e13), 1e-9)
		require.InEpsilon(t, normalCDF(-x), studentSF(x, math.Inf(1)), 1e-15)
		require.InEpsilon(t, normalCDF(1-x), noncentralSF(x, 1e12, 1), 1e-9)
	}
	require.InEpsilon(t, 1.959963984540054, studentQuantile(0.025, 1e13), 1e-9)
	// n = 2(z_{α}+z_β)²/d², of small effects.
	z := normalQuantile(0.95) + normalQuantile(0.8)
	require.InEpsilon(t, 2*z*z/1e-8, Design{Alt: Greater}.Means(1e-4), 1e-7)
}

func TestOracleOfBootstrap(t *testing.T) {
	random := oracle.Random(t)
	square := func(vs []float64) float64 { s := stats.Of(vs...); return s.Mean() * s.Mean() }
	var q quiz
	for round := range 6 {
		// Without ties, of which SciPy counts those as less that differ in the last digit only.
		a, b := sample(random, 12+random.IntN(30), round%2*2, 1), sample(random, 20, 2, 0)
		for _, r := range []*Bootstrapped{Bootstrap(a, square, Draws(500), Seed(uint64(round))), BootstrapDifference(a, b, square, Draws(500))} {
			p, s, c := r.Percentile(0.9), r.Basic(0.9), r.BCa(0.9)
			one := ask{"call": "bootstrap", "a": a, "b": nil, "level": 0.9, "draws": r.Distribution}
			if r.Estimate != square(a) {
				one["b"] = b
			}
			q.ask(close9, one, p.Low, p.High, s.Low, s.High, c.Low, c.High)
		}
	}
	q.check(t)
}

func TestOracleOfBelief(t *testing.T) {
	random := oracle.Random(t)
	var q quiz
	for range 8 {
		a := Rate{2 + random.Int64N(50), 100 + random.Int64N(1000)}
		b := Rate{2 + random.Int64N(50), 100 + random.Int64N(100000)}
		belief := Believe(a, b, 1, 1)
		la, lb := belief.Loss()
		of := func(r Rate) []float64 {
			return []float64{float64(r.Successes + 1), float64(r.Trials - r.Successes + 1)}
		}
		q.ask(1e-8, ask{"call": "belief", "a": of(a), "b": of(b)}, belief.Better(), la, lb)
	}
	q.check(t)
}

func TestOracleOfGroups(t *testing.T) {
	random := oracle.Random(t)
	var q quiz
	for _, shape := range []Shape{OBrienFleming, Pocock, SpendOBrienFleming, SpendPocock} {
		looks := 2 + random.IntN(4)
		var fractions []float64
		for k := range looks {
			fractions = append(fractions, (float64(k)+1-0.3*random.Float64())/float64(looks))
		}
		fractions[looks-1] = 1
		b := Group(shape, 0.05, TwoSided, fractions...)
		require.InDelta(t, 0.05, b.Spent[looks-1], 1e-10)
		q.ask(1e-7, ask{"call": "group", "z": b.Z, "t": fractions}, b.Reject(0)...)
	}
	q.check(t)
}
