package forecast

import (
	"cmp"
	"math"
	"slices"
)

// A simplex looks for where a function is least: Nelder and Mead, "A Simplex Method for Function Minimization", Computer
// Journal 7, 1965. (Gonum's hands each point to a goroutine, which for functions that take a microsecond is most of the time.)
type simplex struct {
	f      func([]float64) float64
	points []vertex
	center []float64
	tried  []float64
	again  []float64
}

type vertex struct {
	x []float64
	f float64
}

// minimize returns the best point found from start on, with first steps of those sizes, in at most so many evaluations. It ends when
// the values at the points differ by less than tolerance, relative to them.
func minimize(f func([]float64) float64, start, steps []float64, evaluations int, tolerance float64) (x []float64, least float64) {
	n := len(start)
	s := &simplex{f: f, center: make([]float64, n), tried: make([]float64, n), again: make([]float64, n)}
	for i := range n + 1 {
		p := slices.Clone(start)
		if i > 0 {
			p[i-1] += steps[i-1]
			if v := f(p); math.IsInf(v, 1) { // beyond a bound: to the other side
				p[i-1] -= 2 * steps[i-1]
			}
		}
		s.points = append(s.points, vertex{p, f(p)})
	}
	s.sort()
	for used := 2 * (n + 1); used < evaluations; {
		best, worst := s.points[0].f, s.points[n].f
		if worst-best <= tolerance*(math.Abs(best)+tolerance) {
			break
		}
		used += s.move()
	}
	return s.points[0].x, s.points[0].f
}

// sort puts the best point first.
func (s *simplex) sort() {
	slices.SortStableFunc(s.points, func(a, b vertex) int { return cmp.Compare(a.f, b.f) })
}

// move replaces the worst point, and returns how many evaluations that took.
func (s *simplex) move() (used int) {
	n := len(s.points) - 1
	clear(s.center)
	for _, p := range s.points[:n] {
		for i, v := range p.x {
			s.center[i] += v / float64(n)
		}
	}
	worst := &s.points[n]
	f := s.try(s.tried, worst.x, 1)
	switch {
	case f < s.points[0].f:
		if further := s.try(s.again, worst.x, 2); further < f {
			s.put(s.again, further)
		} else {
			s.put(s.tried, f)
		}
		return 2
	case f < s.points[n-1].f:
		s.put(s.tried, f)
		return 1
	}
	side := -0.5
	if f < worst.f {
		side = 0.5
	}
	if inner := s.try(s.again, worst.x, side); inner < min(f, worst.f) {
		s.put(s.again, inner)
		return 2
	}
	for k := 1; k <= n; k++ { // all towards the best
		p := &s.points[k]
		for i := range p.x {
			p.x[i] = s.points[0].x[i] + 0.5*(p.x[i]-s.points[0].x[i])
		}
		p.f = s.f(p.x)
	}
	s.sort()
	return 2 + n
}

// try looks at the point beyond the center, as seen from the worst one.
func (s *simplex) try(x, worst []float64, far float64) float64 {
	for i := range x {
		x[i] = s.center[i] + far*(s.center[i]-worst[i])
	}
	return s.f(x)
}

// put puts a point in the place of the worst one, and where it belongs.
func (s *simplex) put(x []float64, f float64) {
	k := len(s.points) - 1
	w := s.points[k]
	copy(w.x, x)
	w.f = f
	for ; k > 0 && s.points[k-1].f > f; k-- {
		s.points[k] = s.points[k-1]
	}
	s.points[k] = w
}
