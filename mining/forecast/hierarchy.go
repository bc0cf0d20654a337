package forecast

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// A Hierarchy is series of which some are sums of others: revenue of the shop, of its categories, of its products; or of countries and categories, crossed.
// Forecasts that are made for each do not add up. Reconciled ones do, and are better as a rule, as each is helped by the others.
//
// Its series stand in the order of [Hierarchy.Names]: the total, the groups by name, the leaves as they were given.
type Hierarchy struct {
	names  []string
	leaves int
	sums   *mat.Dense // a row a series, a column a leaf: 1 where the leaf is a part
}

// Total is the name of the sum of all leaves.
const Total = "total"

// NewHierarchy returns the hierarchy of leaves, their total, and groups, which name their leaves. A group of groups names all leaves
// of theirs. It panics for names that come twice, and for a group that is empty, or names what is no leaf.
func NewHierarchy(leaves []string, groups map[string][]string) *Hierarchy {
	place := map[string]int{}
	for i, l := range leaves {
		if _, twice := place[l]; twice || l == Total {
			panic(fmt.Sprintf("forecast: NewHierarchy: the leaf %q comes twice", l))
		}
		place[l] = i
	}
	if len(leaves) == 0 {
		panic("forecast: NewHierarchy without leaves")
	}
	h := &Hierarchy{names: []string{Total}, leaves: len(leaves)}
	for g := range groups {
		if _, leaf := place[g]; leaf || g == Total {
			panic(fmt.Sprintf("forecast: NewHierarchy: a group has the name of a leaf, %q", g))
		}
		h.names = append(h.names, g)
	}
	slices.Sort(h.names[1:])
	h.names = append(h.names, leaves...)
	h.sums = mat.NewDense(len(h.names), len(leaves), nil)
	top := len(h.names) - len(leaves)
	for i := range leaves {
		h.sums.Set(0, i, 1)
		h.sums.Set(top+i, i, 1)
	}
	for r, g := range h.names[1:top] {
		if len(groups[g]) == 0 {
			panic(fmt.Sprintf("forecast: NewHierarchy: the group %q is empty", g))
		}
		for _, l := range groups[g] {
			i, ok := place[l]
			if !ok {
				panic(fmt.Sprintf("forecast: NewHierarchy: the group %q names %q, which is no leaf", g, l))
			}
			h.sums.Set(r+1, i, 1)
		}
	}
	return h
}

// Names returns the names of all series, in their order.
func (h *Hierarchy) Names() []string { return slices.Clone(h.names) }

// Series returns all series, in their order, of the leaves' series, which are equally long.
func (h *Hierarchy) Series(leaves [][]float64) ([][]float64, error) {
	if len(leaves) != h.leaves {
		return nil, fmt.Errorf("forecast: Hierarchy: %d series for %d leaves", len(leaves), h.leaves)
	}
	all := make([][]float64, len(h.names))
	for i := range all {
		all[i] = make([]float64, len(leaves[0]))
		for k, l := range leaves {
			if len(l) != len(leaves[0]) {
				return nil, fmt.Errorf("forecast: Hierarchy: the series of %q has %d values, and that of %q %d", h.names[len(h.names)-h.leaves+k], len(l), h.names[len(h.names)-h.leaves], len(leaves[0]))
			}
			if h.sums.At(i, k) != 0 {
				for t, v := range l {
					all[i][t] += v
				}
			}
		}
	}
	return all, nil
}

// A Reconciliation is a way to have forecasts add up.
type Reconciliation int

const (
	// BottomUp takes the leaves' forecasts alone.
	BottomUp Reconciliation = iota
	// OLS changes all forecasts as little as possible, by least squares: Hyndman, Ahmed, Athanasopoulos and Shang, Computational Statistics & Data Analysis 55, 2011.
	OLS
	// Structural lets a series change in proportion to the number of its leaves: for series without residuals.
	Structural
	// Variances lets a series change in proportion to the variance of its residuals.
	Variances
	// MinT has the least variance of all that add up and have no bias, by the covariances of the residuals, which are shrunk towards the
	// variances as Schäfer and Strimmer have it: Wickramasuriya, Athanasopoulos and Hyndman, "Optimal forecast reconciliation ... through trace minimization",
	// JASA 114, 2019.
	MinT
)

func (r Reconciliation) String() string {
	return [...]string{"BottomUp", "OLS", "Structural", "Variances", "MinT"}[r]
}

// Reconcile returns forecasts that add up: base has a forecast of the same length for each series. Residuals, one step ahead and equally long for all,
// are for [Variances] and [MinT]; places at which any is NaN are left out. It takes time in proportion to the square of the number of series times the number of leaves,
// and for MinT to its cube.
func (h *Hierarchy) Reconcile(how Reconciliation, base, residuals [][]float64) ([][]float64, error) {
	if len(base) != len(h.names) {
		return nil, fmt.Errorf("forecast: Reconcile: %d forecasts for %d series", len(base), len(h.names))
	}
	for i, b := range base {
		if err := check(b, len(base[0]), "Reconcile "+h.names[i]); err != nil {
			return nil, err
		}
	}
	if how == BottomUp {
		return h.Series(base[len(base)-h.leaves:])
	}
	weights, err := h.weights(how, residuals)
	if err != nil {
		return nil, err
	}
	// The leaves are G base with G = (S' W⁻¹ S)⁻¹ S' W⁻¹: solved without an inverse of W.
	var factor mat.Cholesky
	if !factor.Factorize(weights) {
		return nil, fmt.Errorf("forecast: Reconcile by %v: the residuals have no covariance that can be inverted: is one of the series never wrong?", how)
	}
	var weighted, normal mat.Dense
	if err := factor.SolveTo(&weighted, h.sums); err != nil {
		return nil, fmt.Errorf("forecast: Reconcile by %v: %w", how, err)
	}
	normal.Mul(h.sums.T(), &weighted)
	values := mat.NewDense(len(base), len(base[0]), nil)
	for i, b := range base {
		values.SetRow(i, b)
	}
	var right, leaves mat.Dense
	right.Mul(weighted.T(), values)
	if err := leaves.Solve(&normal, &right); err != nil {
		return nil, fmt.Errorf("forecast: Reconcile by %v: %w", how, err)
	}
	bottom := make([][]float64, h.leaves)
	for i := range bottom {
		bottom[i] = slices.Clone(leaves.RawRowView(i))
	}
	return h.Series(bottom)
}

// weights returns W.
func (h *Hierarchy) weights(how Reconciliation, residuals [][]float64) (*mat.SymDense, error) {
	n := len(h.names)
	w := mat.NewSymDense(n, nil)
	switch how {
	case OLS, Structural:
		for i := range n {
			w.SetSym(i, i, 1)
			if how == Structural {
				w.SetSym(i, i, mat.Sum(h.sums.RowView(i)))
			}
		}
		return w, nil
	case Variances, MinT:
	default:
		return nil, fmt.Errorf("forecast: Reconcile: there is no way %d", int(how))
	}
	known, err := h.known(how, residuals)
	if err != nil {
		return nil, err
	}
	t := float64(len(known[0]))
	for i, a := range known {
		for j := i; j < n && (j == i || how == MinT); j++ {
			w.SetSym(i, j, dot(a, known[j])/t)
		}
	}
	if how == MinT {
		shrink(w, known)
	}
	return w, nil
}

// known returns the residuals at the places where all are known.
func (h *Hierarchy) known(how Reconciliation, residuals [][]float64) ([][]float64, error) {
	if len(residuals) != len(h.names) {
		return nil, fmt.Errorf("forecast: Reconcile by %v takes the residuals of all %d series, and there are %d", how, len(h.names), len(residuals))
	}
	known := make([][]float64, len(residuals))
	for t := range residuals[0] {
		all := true
		for i, r := range residuals {
			if len(r) != len(residuals[0]) {
				return nil, fmt.Errorf("forecast: Reconcile: %d residuals of %q, and %d of %q", len(r), h.names[i], len(residuals[0]), Total)
			}
			all = all && r[t]-r[t] == 0
		}
		for i, r := range residuals {
			if all {
				known[i] = append(known[i], r[t])
			}
		}
	}
	if len(known[0]) < 3 {
		return nil, fmt.Errorf("forecast: Reconcile by %v: %w: residuals of all series are known at %d places", how, ErrShort, len(known[0]))
	}
	return known, nil
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

// shrink moves covariances towards 0, the more the less is known of the correlations: Schäfer and Strimmer, Statistical Applications in Genetics and
// Molecular Biology 4, 2005, with residuals around 0.
func shrink(w *mat.SymDense, known [][]float64) {
	t := float64(len(known[0]))
	n := len(known)
	scaled := make([][]float64, n)
	for i, r := range known {
		for _, v := range r {
			scaled[i] = append(scaled[i], v/math.Sqrt(w.At(i, i)))
		}
	}
	var varied, squares float64
	for i := range n {
		for j := range i {
			r := w.At(i, j) / math.Sqrt(w.At(i, i)*w.At(j, j))
			sum := 0.0
			for k, v := range scaled[i] {
				p := v * scaled[j][k]
				sum += p * p
			}
			varied += (sum - t*r*r) / (t * (t - 1))
			squares += r * r
		}
	}
	lambda := 1.0
	if squares > 0 {
		lambda = max(0, min(1, varied/squares))
	}
	for i := range n {
		for j := range i {
			w.SetSym(i, j, (1-lambda)*w.At(i, j))
		}
	}
}
