package behaviour

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/mat"
)

// A Journey is how a customer came to an order, or did not: the channels that were touched, in the order of time.
type Journey[C cmp.Ordered] struct {
	Touches []Touch[C]
	Value   float64 // of the order; 0 if there was none
}

// A Touch is a contact by a channel: an ad, a mail, a search.
type Touch[C cmp.Ordered] struct {
	Channel C
	At      time.Time
}

// An Attribution is a rule by which an order's value is shared among the channels of its journey.
type Attribution int

// The rules. All but Markov and Shapley look at one journey at a time.
const (
	First    Attribution = iota // all to the first channel
	Last                        // all to the last one
	Linear                      // the same to each touch
	Position                    // 40 % each to the first and the last, the rest to those between; half each of two
	Shapley                     // the same to each different channel of the journey, see Attribute
	Markov                      // by what would be lost without the channel, see Attribute
)

// Attribute returns what each channel has earned of all orders; in sum it is the value of all journeys that have touches. Journeys without
// an order matter to Markov only. A value that is negative, NaN or infinite panics.
//
// Shapley is the value of cooperative games, where a set of channels earns the orders of the journeys that touched no
// other channel; for that game each journey is shared equally among its different channels: Zhao, Mahboobi and Bagheri, "Shapley
// Value Methods for Attribution Modeling in Online Advertising", 2018.
//
// Markov takes journeys as walks of a Markov chain of first order, with a beginning, an order and a failure. The removal effect of a channel is by what
// share the value falls if each visit to it fails; values are shared in proportion to the effects: Anderl, Becker, Wangenheim and Schumann,
// "Mapping the customer journey", International Journal of Research in Marketing 33, 2016. It takes channels³ steps for each channel.
func Attribute[C cmp.Ordered](journeys []Journey[C], by Attribution) map[C]float64 {
	for i, j := range journeys {
		if !(j.Value >= 0) || math.IsInf(j.Value, 0) {
			panic(fmt.Sprintf("behaviour: Attribute: the value of journey %d is %v", i, j.Value))
		}
	}
	if by == Markov {
		return markov(journeys)
	}
	credit := map[C]float64{}
	for _, j := range journeys {
		n := len(j.Touches)
		if n == 0 {
			continue
		}
		for i, t := range j.Touches {
			credit[t.Channel] += j.Value * share(by, i, n, j.Touches)
		}
	}
	return credit
}

func share[C cmp.Ordered](by Attribution, i, n int, touches []Touch[C]) float64 {
	switch by {
	case First:
		if i > 0 {
			return 0
		}
		return 1
	case Last:
		if i < n-1 {
			return 0
		}
		return 1
	case Linear:
		return 1 / float64(n)
	case Position:
		switch {
		case n == 1:
			return 1
		case n == 2:
			return 0.5
		case i == 0 || i == n-1:
			return 0.4
		}
		return 0.2 / float64(n-2)
	case Shapley:
		different := map[C]bool{}
		for k, t := range touches {
			if t.Channel == touches[i].Channel && k < i {
				return 0 // an earlier touch has the channel's share
			}
			different[t.Channel] = true
		}
		return 1 / float64(len(different))
	}
	panic(fmt.Sprintf("behaviour: Attribute: there is no rule %d", by))
}

// AttributeByTime shares each order among its touches so that one that was a half-life earlier than another has half of its
// share. It panics if halfLife is not positive.
func AttributeByTime[C cmp.Ordered](journeys []Journey[C], halfLife time.Duration) map[C]float64 {
	if halfLife <= 0 {
		panic(fmt.Sprintf("behaviour: AttributeByTime: a half-life of %v: want more than 0", halfLife))
	}
	credit := map[C]float64{}
	for _, j := range journeys {
		if len(j.Touches) == 0 {
			continue
		}
		last := slices.MaxFunc(j.Touches, func(a, b Touch[C]) int { return a.At.Compare(b.At) }).At
		weights, total := make([]float64, len(j.Touches)), 0.0
		for i, t := range j.Touches {
			weights[i] = math.Exp2(-float64(last.Sub(t.At)) / float64(halfLife))
			total += weights[i]
		}
		for i, t := range j.Touches {
			credit[t.Channel] += j.Value * weights[i] / total
		}
	}
	return credit
}

// markov shares by removal effects. Walks are weighted by nothing but how often they were walked: a journey with an order
// ends in one.
func markov[C cmp.Ordered](journeys []Journey[C]) map[C]float64 {
	number := map[C]int{}
	for _, j := range journeys {
		for _, t := range j.Touches {
			number[t.Channel] = 0
		}
	}
	channels := slices.Sorted(maps.Keys(number))
	for i, c := range channels {
		number[c] = i
	}
	n := len(channels)
	// Row n is the beginning; column n an order.
	steps := make([][]float64, n+1)
	for i := range steps {
		steps[i] = make([]float64, n+2)
	}
	value := 0.0
	for _, j := range journeys {
		if len(j.Touches) == 0 {
			continue
		}
		value += j.Value
		at := n
		for _, t := range j.Touches {
			steps[at][number[t.Channel]]++
			at = number[t.Channel]
		}
		if j.Value > 0 {
			steps[at][n]++
		} else {
			steps[at][n+1]++
		}
	}
	credit := map[C]float64{}
	if n == 0 {
		return credit
	}
	whole := converting(steps, -1)
	effects, sum := make([]float64, n), 0.0
	for i := range channels {
		if whole > 0 {
			effects[i] = 1 - converting(steps, i)/whole
		}
		sum += effects[i]
	}
	for i, c := range channels {
		credit[c] = 0
		if sum > 0 {
			credit[c] = value * effects[i] / sum
		}
	}
	return credit
}

// converting returns the chance of an order from the beginning, where each visit to a channel that was removed fails.
func converting(steps [][]float64, removed int) float64 {
	n := len(steps) - 1
	a, b := mat.NewDense(n+1, n+1, nil), mat.NewVecDense(n+1, nil)
	for i, row := range steps {
		total := 0.0
		for _, x := range row {
			total += x
		}
		a.Set(i, i, 1)
		if total == 0 || i == removed {
			continue
		}
		for j := range n {
			a.Set(i, j, a.At(i, j)-row[j]/total)
		}
		b.SetVec(i, row[n]/total)
	}
	var x mat.VecDense
	if err := x.SolveVec(a, b); err != nil && x.Len() == 0 {
		return 0
	}
	return x.AtVec(n)
}
