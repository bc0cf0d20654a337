package miningtest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/miningtest"
)

// A fitted is a Mean that learns from tables.
type fitted struct{ Mean }

func (f *fitted) Fit(t *mining.Table) error {
	if err := t.CheckFor(3, 0, "fitted"); err != nil {
		return err
	}
	f.Mean = Mean{}
	for i, x := range t.X {
		f.Learn(x, t.Y[i])
	}
	return nil
}

func fittedOf() miningtest.Model[*fitted] {
	return miningtest.FittedRegressor(3, func() *fitted { return new(fitted) })
}

func TestFitted(t *testing.T) { miningtest.Check(t, fittedOf()) }

func TestFittedBroken(t *testing.T) {
	for promise, breaks := range map[string]func(m *fitted, t *mining.Table) error{
		"fits a table": func(m *fitted, t *mining.Table) error {
			if err := m.Fit(t); err != nil {
				return err
			}
			return (&mining.Table{}).Check("fitted")
		},
		"is as it was after an error": func(m *fitted, t *mining.Table) error {
			err := m.Fit(t)
			if err != nil {
				m.n++
			}
			return err
		},
		"forgets what it had learnt": func(m *fitted, t *mining.Table) error {
			seen := m.n
			err := m.Fit(t)
			if err == nil && seen > 0 {
				m.n++
			}
			return err
		},
		"refuses a bad table: a feature too many": func(m *fitted, t *mining.Table) error {
			narrow := *t
			narrow.X = nil
			for _, x := range t.X {
				narrow.X = append(narrow.X, mining.Dense(x.Value[:min(3, len(x.Value))]...))
			}
			return m.Fit(&narrow)
		},
		"refuses a bad table": func(m *fitted, t *mining.Table) error {
			_ = m.Fit(t)
			return nil
		},
		"does not write to a table": func(m *fitted, t *mining.Table) error {
			err := m.Fit(t)
			for _, x := range t.X {
				clear(x.Value)
			}
			return err
		},
		"learns nothing from an unknown label": func(m *fitted, t *mining.Table) error {
			err := m.Fit(t)
			if err == nil {
				m.sum += float64(len(t.Y)) - float64(m.n)
			}
			return err
		},
		"is the same for the same seed": func() func(m *fitted, t *mining.Table) error {
			fits := 0.0
			return func(m *fitted, t *mining.Table) error {
				err := m.Fit(t)
				fits++
				m.sum += fits
				return err
			}
		}(),
	} {
		m, r := fittedOf(), new(reports)
		m.Fit = breaks
		miningtest.Check(r, m)
		require.Contains(t, strings.Join(r.all, "\n"), promise)
	}
}
