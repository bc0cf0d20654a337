package forecast

import (
	"fmt"
	"math"
	"slices"
)

// A Conformal is a model whose intervals are as wide as its forecasts were wrong: it has the model forecast the end of the series from before, and
// widens the model's own intervals so that they would have held what came. It takes nothing to be true but that the model goes on to be as wrong as it
// was.
//
// It is split conformal prediction, Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005, with errors in units of what the
// model expects at that step, so that those of all steps count together: Lei, G'Sell, Rinaldo, Tibshirani and Wasserman,
// JASA 113, 2018. Errors of a series depend on each other, so the promise of the book holds about, and not exactly. A fit takes a fit of the
// model for each origin.
type Conformal struct {
	build            func() Model
	origins, horizon int
	model            Model
	scores           []float64 // ascending
}

// NewConformal returns intervals for the models that build makes, by their forecasts of horizon values from that many origins, each a value before the
// next: 20 and the horizon that is asked for later are usual. Fewer origins make wider intervals: on the M3, of what is said to be 80 %, 20 hold 82 and 10 hold 85. It panics if build is nil, or one of the others is not positive.
func NewConformal(build func() Model, origins, horizon int) *Conformal {
	if build == nil || origins < 1 || horizon < 1 {
		panic(fmt.Sprintf("forecast: NewConformal with %d origins and a horizon of %d: want a function, and at least 1 of each", origins, horizon))
	}
	return &Conformal{build: build, origins: origins, horizon: horizon}
}

// Fit learns a series. Origins before which the series is too short for the model are left out; where no origin is left, it returns an
// error that is ErrShort.
func (c *Conformal) Fit(y []float64) error {
	model := c.build()
	if err := model.Fit(y); err != nil {
		return err
	}
	var scores []float64
	for k := range c.origins {
		origin := len(y) - c.horizon - k
		if origin < 1 {
			break
		}
		m := c.build()
		if m.Fit(y[:origin]) != nil {
			break
		}
		f, sd := m.Forecast(c.horizon), spreads(m, c.horizon)
		for h, v := range f {
			if e := math.Abs(y[origin+h] - v); e == 0 {
				scores = append(scores, 0)
			} else {
				scores = append(scores, e/sd[h])
			}
		}
	}
	if len(scores) == 0 {
		return fmt.Errorf("forecast: Conformal: %w: %d values, with a horizon of %d", ErrShort, len(y), c.horizon)
	}
	slices.Sort(scores)
	c.model, c.scores = model, scores
	return nil
}

// spreads returns what a model takes for the standard deviations of its errors.
func spreads(m Model, h int) []float64 {
	low, high := m.Interval(h, 0.6826894921370859)
	for i := range low {
		low[i] = (high[i] - low[i]) / 2
	}
	return low
}

// Forecast returns the next h values: the model's.
func (c *Conformal) Forecast(h int) []float64 {
	fitted(c.model != nil, "Conformal")
	return c.model.Forecast(h)
}

// Interval returns the bounds of the next h values. A level that is higher than the number of origins can tell, 0.95 of fewer than 19, has the
// greatest error that there was.
func (c *Conformal) Interval(h int, level float64) (low, high []float64) {
	fitted(c.model != nil, "Conformal")
	quantile(level) // which looks at it
	// The errors from one origin go with each other: they count as one.
	origins := float64(len(c.scores)) / float64(c.horizon)
	k := int(math.Ceil(level*(origins+1)/origins*float64(len(c.scores)))) - 1
	width := c.scores[max(0, min(k, len(c.scores)-1))]
	sd := spreads(c.model, h)
	for i, v := range c.model.Forecast(h) {
		low, high = append(low, v-width*sd[i]), append(high, v+width*sd[i])
	}
	return low, high
}

// Residuals returns the model's.
func (c *Conformal) Residuals() []float64 {
	fitted(c.model != nil, "Conformal")
	return c.model.Residuals()
}
