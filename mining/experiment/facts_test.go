package experiment_test

import (
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/experiment"
	"github.com/freshet-go/freshet/mining/stats"
	"github.com/freshet-go/freshet/window"
)

// printed holds that v is what was printed, to its last digit.
func printed(t *testing.T, want string, v float64, facts string) {
	t.Helper()
	assert.Contains(t, facts, want, "the facts have it no more")
	f := 0.0
	digits := 0
	for i, c := range strings.TrimPrefix(want, "-") {
		switch {
		case c == '.':
			digits = len(strings.TrimPrefix(want, "-")) - i - 1
		default:
			f = f*10 + float64(c-'0')
		}
	}
	f /= math.Pow10(digits)
	if strings.HasPrefix(want, "-") {
		f = -f
	}
	assert.InDelta(t, f, v, 0.500001*math.Pow10(-digits), want)
}

// TestFacts holds the figures of the shared FACTS.md, section "Tests", which R, SciPy and statsmodels
// computed.
func TestFacts(t *testing.T) {
	shared := os.Getenv("FRESHET_SHARED")
	if shared == "" {
		t.Skip("FRESHET_SHARED is not set: it names the directory of the facts")
	}
	b, err := os.ReadFile(shared + "/data/FACTS.md")
	require.NoError(t, err)
	_, facts, ok := strings.Cut(string(b), "## Tests:")
	require.True(t, ok)
	is := func(want string, v float64) { t.Helper(); printed(t, want, v, facts) }

	a, c := experiment.Rate{Successes: 120, Trials: 2400}, experiment.Rate{Successes: 156, Trials: 2400}
	z := experiment.Proportions(a, c, experiment.TwoSided)
	is("-2.23206728", z.Statistic)
	is(".02561052", z.P)
	is(".04197701", a.Wilson(0.95).Low)
	is(".05946123", a.Wilson(0.95).High)
	is(".04162613", a.ClopperPearson(0.95).Low)
	is(".05949248", a.ClopperPearson(0.95).High)
	table := [][]float64{{120, 2280}, {156, 2244}}
	is("4.98212432", experiment.ChiSquare(table, false).Statistic)
	is("4.70918387", experiment.ChiSquare(table, true).Statistic)

	x := []float64{12.1, 9.8, 11.4, 10.7, 13.2, 8.9, 10.1, 12.8}
	y := []float64{10.2, 9.1, 9.9, 8.7, 11.0, 9.4, 8.8}
	welch := experiment.Welch(stats.Of(x...), stats.Of(y...), experiment.TwoSided)
	is("2.47811673", welch.Statistic)
	is(".03048035", welch.P)
	student := experiment.Student(stats.Of(x...), stats.Of(y...), experiment.TwoSided)
	is("2.38457163", student.Statistic)
	is(".03302452", student.P)
	is("45", experiment.MannWhitney(x, y, experiment.TwoSided).Statistic)
	is(".05407925", experiment.MannWhitney(x, y, experiment.TwoSided).P)
	is(".05619711", experiment.MannWhitney(x, y, experiment.TwoSided, experiment.Asymptotic()).P)
	is(".5", experiment.KolmogorovSmirnov(x, y, experiment.TwoSided).Statistic)
	is(".19254079", experiment.KolmogorovSmirnov(x, y, experiment.TwoSided).P)

	adjusted := experiment.BenjaminiHochberg(.001, .008, .039, .041, .042, .06, .074, .205)
	for i, want := range strings.Fields(".008 .032 .0672 .0672 .0672 .08 .084571 .205") {
		is(want, adjusted[i])
	}

	var d experiment.Design
	is("8142.5954", d.Arcsine(0.05, 0.06))
	is("1570.7330", d.Means(0.1))
	ratio := experiment.SampleRatio([]int64{50320, 49680})
	is("4.096", ratio.Statistic)
	is(".04298480", ratio.P)

	s := experiment.NewSequential(0.01)
	arm := func(mean float64) stats.Summary {
		return stats.OfMoments(window.Moments{N: 1500, Mean: mean, Squares: 0.05 * 1499})
	}
	s.Look(arm(0.52), arm(0.5))
	is("3.8261330", s.Ratio())
	// The facts say .26136050. It is 1/(√0.4·e^1.8) = .26136049074: their last digit is a zero put
	// behind seven digits.
	assert.InEpsilon(t, 1/(math.Sqrt(0.4)*math.Exp(1.8)), s.P(), 1e-12)
	is(".2613605", s.P())
	is(".98714703", experiment.Believe(a, c, 1, 1).Better())
}

// TestPublishedBounds holds the constants and inflation factors of Jennison and Turnbull, Group
// Sequential Methods with Applications to Clinical Trials, 2000, chapter 2 (two-sided, 5 %).
func TestPublishedBounds(t *testing.T) {
	equal := func(k int) (fractions []float64) {
		for i := range k {
			fractions = append(fractions, float64(i+1)/float64(k))
		}
		return fractions
	}
	pocock := []float64{1.960, 2.178, 2.289, 2.361, 2.413, 2.453, 2.485, 2.512, 2.535, 2.555}
	fleming := []float64{1.960, 1.977, 2.004, 2.024, 2.040, 2.053, 2.063, 2.072, 2.080, 2.087}
	for i := range pocock {
		k := i + 1
		b := experiment.Group(experiment.Pocock, 0.05, experiment.TwoSided, equal(k)...)
		assert.InDelta(t, pocock[i], b.Z[k-1], 0.00051, "Pocock, %d looks", k)
		b = experiment.Group(experiment.OBrienFleming, 0.05, experiment.TwoSided, equal(k)...)
		assert.InDelta(t, fleming[i], b.Z[k-1], 0.00051, "O'Brien and Fleming, %d looks", k)
		assert.InDelta(t, fleming[i]*math.Sqrt(float64(k)), b.Z[0], 0.003)
	}
	// The first is closed, the second SciPy's quad of the one integral solved by its brentq.
	spent := experiment.Group(experiment.SpendOBrienFleming, 0.05, experiment.TwoSided, equal(5)...)
	assert.InDelta(t, 4.876884948790762, spent.Z[0], 1e-10)
	assert.InDelta(t, 3.3570119215746423, spent.Z[1], 1e-8)
	// Looks close to each other: the two are nearly one.
	close := experiment.Group(experiment.Pocock, 0.05, experiment.TwoSided, 0.999, 1)
	assert.InDelta(t, 1.96, close.Z[1], 0.03)
	assert.InDelta(t, 0.05, close.Spent[1], 1e-9)
	assert.Panics(t, func() { experiment.Group(experiment.Pocock, 0.05, experiment.TwoSided, 0.9999, 1) })
	// Of 80 % power, the inflation of four looks of O'Brien and Fleming is 1.024, of Pocock 1.202.
	for shape, want := range map[experiment.Shape]float64{experiment.OBrienFleming: 1.024, experiment.Pocock: 1.202} {
		drift := experiment.Group(shape, 0.05, experiment.TwoSided, equal(4)...).Drift(0.8)
		one := experiment.Group(shape, 0.05, experiment.TwoSided, 1).Drift(0.8)
		assert.InDelta(t, want, drift*drift/(one*one), 0.00051)
	}
}
