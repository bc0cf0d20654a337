package bayes

import (
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/gather"
)

// counts are what the models of counts have learnt.
type counts struct {
	Features, Classes int
	Alpha             float64
	Weight            []float64      // of the events, by class
	Sum               []float64      // of values, by class, then place
	Total             []float64      // of Sum, by class
	scratch           gather.Scratch `binary:"-"`
}

func newCounts(features, classes int, who string, opts []Option) counts {
	o := configured(features, classes, who, opts, "Alpha")
	return counts{Features: features, Classes: classes, Alpha: o.alpha, Weight: make([]float64, classes),
		Sum: make([]float64, features*classes), Total: make([]float64, classes)}
}

func (c *counts) of(class int) []float64 {
	return c.Sum[class*c.Features : (class+1)*c.Features]
}

// learn adds the values of x, or 1 for each that is above 0, to its class.
func (c *counts) learn(x mining.Vector, y, weight float64, present bool, who string) {
	weight = weighed(weight, who)
	if !mining.Known(y) || weight == 0 {
		x.Within(c.Features, who)
		return
	}
	class := mining.ClassOf(y, c.Classes, who)
	places, values := c.scratch.Of(x, c.Features, who)
	c.Weight[class] += weight
	sum := c.of(class)
	for i, v := range values {
		if v <= 0 {
			continue
		}
		if present {
			v = 1
		}
		p := i
		if places != nil {
			p = int(places[i])
		}
		sum[p] += v * weight
		c.Total[class] += v * weight
	}
}

// merge adds what o has learnt.
func (c *counts) merge(o *counts, who string) {
	if c.Features != o.Features || c.Classes != o.Classes || c.Alpha != o.Alpha {
		panic(fmt.Sprintf("%s: Merge: the other has other features, classes or options", who))
	}
	for i, v := range o.Weight {
		c.Weight[i] += v
		c.Total[i] += o.Total[i]
	}
	for i, v := range o.Sum {
		c.Sum[i] += v
	}
}

func (c *counts) check() error {
	if c.Features < 1 || c.Classes < 2 || !(c.Alpha > 0) || len(c.Weight) != c.Classes || len(c.Total) != c.Classes ||
		len(c.Sum)/c.Classes != c.Features || len(c.Sum)%c.Classes != 0 {
		return errors.New("its parts do not fit together")
	}
	return nil
}

// fit has a model that knows nothing learn a table.
func fit(m mining.WeightedLearner, t *mining.Table, features, classes int, who string) error {
	if err := t.CheckFor(features, classes, who); err != nil {
		return err
	}
	for i, x := range t.X {
		m.LearnWeighted(x, t.Y[i], t.WeightOf(i))
	}
	return nil
}
