// Package refit has models that stand behind others learn tables: by their own Fit, or, where
// they have none, from what they were when they were new.
package refit

import (
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/mining"
)

// A Model is one that may have a Fit or not.
type Model interface {
	mining.Learner
	mining.Saved
}

// Fresh returns what Fit needs of a model that is new: nothing of a [mining.Fitter], and its
// bytes otherwise. It panics if the model cannot be saved.
func Fresh(m Model, who string) []byte {
	if _, ok := m.(mining.Fitter); ok {
		return nil
	}
	b, err := m.AppendBinary(nil)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", who, err))
	}
	return b
}

// Fit has a model learn a table. One without a Fit begins as fresh, and learns the table once, in its
// order. After an error the model may have changed: see Guard.
func Fit(m Model, fresh []byte, t *mining.Table, who string) error {
	if f, ok := m.(mining.Fitter); ok {
		return f.Fit(t)
	}
	if _, ok := m.(mining.WeightedLearner); !ok && t.Weight != nil {
		return fmt.Errorf("%s: %T cannot weight events, and the table has weights", who, m)
	}
	if err := m.UnmarshalBinary(fresh); err != nil {
		return err
	}
	mining.Learn(m, t, 1, 0)
	return nil
}

// Guard calls fit, as Refused does. If it returns an error, whole becomes what it was before.
func Guard(whole mining.Saved, fit func() error) error {
	before, err := whole.AppendBinary(nil)
	if err != nil {
		return err
	}
	if err = Refused(fit); err != nil {
		if broken := whole.UnmarshalBinary(before); broken != nil {
			return errors.Join(err, broken)
		}
	}
	return err
}

// Refused calls fit. The panics by which models refuse an event, whose value is a string, are errors. Others stay panics.
func Refused(fit func() error) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case string:
			err = errors.New(r)
		default:
			panic(r)
		}
	}()
	return fit()
}
