package miningtest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/miningtest"
)

// A narrow is a Mean of three features at most, that looks at them if it learns.
type narrow struct{ Mean }

func (m *narrow) Learn(x mining.Vector, y float64) {
	if mining.Known(y) {
		x.Within(3, "narrow")
		m.Mean.Learn(x, y)
	}
}

// A generous takes any weight.
type generous struct{ Mean }

func (m *generous) LearnWeighted(x mining.Vector, y, weight float64) {
	if weight > 0 {
		m.Learn(x, y)
	}
}

func TestRefusing(t *testing.T) {
	r := new(reports)
	miningtest.Check(r, miningtest.Regressor(3, func() *narrow { return new(narrow) }))
	require.Contains(t, strings.Join(r.all, "\n"), "with an unknown label it does not")
	r = new(reports)
	miningtest.Check(r, miningtest.Regressor(3, func() *generous { return new(generous) }))
	require.Contains(t, strings.Join(r.all, "\n"), "a weight of -1")
}
