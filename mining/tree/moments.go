package tree

import (
	"math"
	"slices"
)

// moments are the weight, the mean and the sum of squared distances from it.
type moments struct{ n, mean, s float64 }

func (m *moments) add(v, w float64) {
	m.n += w
	d := v - m.mean
	m.mean += w / m.n * d
	m.s += w * d * (v - m.mean)
}

// plus returns the moments of both.
func (m moments) plus(o moments) moments {
	if m.n == 0 || o.n == 0 {
		if m.n == 0 {
			return o
		}
		return m
	}
	n, d := m.n+o.n, o.mean-m.mean
	return moments{n, m.mean + d*o.n/n, m.s + o.s + d*d*m.n*o.n/n}
}

// minus returns the moments of what is in m and not in o.
func (m moments) minus(o moments) moments {
	n := m.n - o.n
	if n <= 0 {
		return moments{}
	}
	mean := (m.mean*m.n - o.mean*o.n) / n
	d := o.mean - mean
	return moments{n, mean, max(0, m.s-o.s-d*d*n*o.n/m.n)}
}

func (m moments) deviation() float64 {
	if m.n > 1 {
		return math.Sqrt(m.s / (m.n - 1))
	}
	return 0
}

// A group is the labels of events whose values are close to each other.
type group struct {
	at float64 // the mean of the values
	y  moments
}

// groups are what a leaf of a Regressor knows of a feature, in the order of the values.
type groups struct{ all []group }

// add adds an event. Once there are as many groups as may be, its value joins the closest, or is a new least or greatest one: then the
// two closest groups become one.
func (g *groups) add(v, y, w float64, most int) {
	n := len(g.all)
	i := g.find(v)
	if i < n && g.all[i].at == v {
		g.all[i].y.add(y, w)
		return
	}
	if n == most && i > 0 && i < n {
		if v-g.all[i-1].at < g.all[i].at-v {
			i--
		}
		c := &g.all[i]
		c.y.add(y, w)
		c.at += w / c.y.n * (v - c.at)
		return
	}
	if n == 0 {
		g.all = make([]group, 0, most+1)
	}
	g.all = slices.Insert(g.all, i, group{at: v})
	g.all[i].y.add(y, w)
	if len(g.all) <= most {
		return
	}
	closest := 1
	for k := 2; k < len(g.all); k++ {
		if g.all[k].at-g.all[k-1].at < g.all[closest].at-g.all[closest-1].at {
			closest = k
		}
	}
	a, b := &g.all[closest-1], g.all[closest]
	at := a.at + (b.at-a.at)*b.y.n/(a.y.n+b.y.n)
	*a = group{at, a.y.plus(b.y)}
	g.all = slices.Delete(g.all, closest, closest+1)
}

// find returns the first group that is not below v: how many are below. Its loop has no branch whose way would have to be guessed.
func (g *groups) find(v float64) int {
	i, n := 0, len(g.all)
	for n > 1 {
		half, below := n>>1, 0
		if g.all[i+half-1].at < v {
			below = 1
		}
		i += half & -below
		n -= half
	}
	if n > 0 && g.all[i].at < v {
		i++
	}
	return i
}

// put is add for names: they are never close, and those that find no room are missing.
func (g *groups) put(v, y, w float64, most int) {
	for i := range g.all {
		if g.all[i].at == v {
			g.all[i].y.add(y, w)
			return
		}
	}
	if len(g.all) < most {
		g.all = append(g.all, group{at: v})
		g.all[len(g.all)-1].y.add(y, w)
	}
}
