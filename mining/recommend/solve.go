package recommend

import (
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/mat"
)

// gramOf returns YᵀY + reg·I, a row behind the other.
func gramOf(y factors, reg float64) []float64 {
	gram := make([]float64, y.f*y.f)
	for at := 0; at < len(y.all); at += y.f {
		v := y.all[at : at+y.f]
		for i, a := range v {
			axpy(a, v[i:], gram[i*y.f+i:(i+1)*y.f])
		}
	}
	for i := range y.f {
		gram[i*y.f+i] += reg
		for j := range i {
			gram[i*y.f+j] = gram[j*y.f+i]
		}
	}
	return gram
}

// A solver solves for one vector by conjugate gradients. Its memory is used again.
type solver struct{ r, p, ap []float64 }

func newSolver(f int) *solver {
	return &solver{make([]float64, f), make([]float64, f), make([]float64, f)}
}

// solve takes three steps from x towards the solution of (gram + Σ alpha·w·yyᵀ) x = Σ (1 + alpha·w) y over the row.
func (s *solver) solve(x []float64, y factors, gram []float64, of row, alpha float64) {
	multiply(s.r, gram, x)
	for i := range s.r {
		s.r[i] = -s.r[i]
	}
	for k, i := range of.items {
		v, c := y.at(i), alpha*of.weight[k]
		axpy(1+c-c*dot(v, x), v, s.r)
	}
	copy(s.p, s.r)
	rr := dot(s.r, s.r)
	for range 3 {
		if rr < 1e-20 {
			return
		}
		multiply(s.ap, gram, s.p)
		for k, i := range of.items {
			v := y.at(i)
			axpy(alpha*of.weight[k]*dot(v, s.p), v, s.ap)
		}
		step := rr / dot(s.p, s.ap)
		axpy(step, s.p, x)
		axpy(-step, s.ap, s.r)
		next := dot(s.r, s.r)
		for i := range s.p {
			s.p[i] = s.r[i] + next/rr*s.p[i]
		}
		rr = next
	}
}

// fast has dot products in assembly, which take half the time of a loop.
var fast gonum.Implementation

// multiply sets to to a times x.
func multiply(to, a, x []float64) {
	fast.Dgemv(blas.NoTrans, len(to), len(x), 1, a, len(x), x, 1, 0, to, 1)
}

func dot(a, b []float64) float64 { return fast.Ddot(len(a), a, 1, b, 1) }

// axpy adds a·x to y.
func axpy(a float64, x, y []float64) { fast.Daxpy(len(x), a, x, 1, y, 1) }

// A view is how a user sees items: W = (gram + Σ alpha·w·yyᵀ)⁻¹.
type view struct{ chol mat.Cholesky }

func newView(y factors, gram []float64, of row, alpha float64) *view {
	a := mat.NewSymDense(y.f, slices.Clone(gram))
	for k, i := range of.items {
		a.SymRankOne(a, alpha*of.weight[k], mat.NewVecDense(y.f, y.at(i)))
	}
	v := new(view)
	if !v.chol.Factorize(a) {
		return nil
	}
	return v
}

func (v *view) solve(y []float64) []float64 {
	var x mat.VecDense
	if err := v.chol.SolveVecTo(&x, mat.NewVecDense(len(y), y)); err != nil && x.Len() == 0 {
		return make([]float64, len(y))
	}
	return x.RawVector().Data
}

// sorted returns a row with its items ascending, each once, with the weight 1.
func sorted(r row) row {
	slices.Sort(r.items)
	r.items = slices.Compact(r.items)
	r.weight = slices.Repeat([]float64{1}, len(r.items))
	return r
}
