package online

import (
	"fmt"
	"sync"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/window"
)

// Mergeable is a model that can take in what another one has learnt, which is left as it is. The other has the same
// options.
type Mergeable[M any] interface {
	mining.Saved
	mining.Learner
	Merge(M)
}

// Fitted returns the aggregator that learns a model from the events of a window:
//
//	daily := orders.Window(window.Tumbling(24 * time.Hour)).Aggregate(online.Fitted(build, features, label))
//
// Each shard learns from what it sees, and what they have learnt is merged: a Pane of a model, which is the receiver's. An event whose label is not known
// teaches nothing. Build and features are as [Classify] has them, and may be called by several goroutines at once.
//
// It obeys the laws of window.Aggregator, so that shards and slices change nothing, as far as the model's Merge does:
// up to the last digits for models that are sums: the naive Bayes models of package bayes, and the steps Standard, MinMax, Impute, Frequency
// and Target of package prepare. The other models here have no Merge, and those of package linear neither: what they learn depends on
// the order of events. A model of yours that does is only about the same.
//
// It panics if a function is nil.
func Fitted[M Mergeable[M], T any](build func() M, features func(T, *mining.Vector), label func(T) float64) window.Aggregator[T, *Fit[M], M] {
	need(build != nil, "Fitted: the function build is nil")
	need(features != nil, "Fitted: the function features is nil")
	need(label != nil, "Fitted: the function label is nil")
	return &fitted[M, T]{build: build, features: features, label: label}
}

// A Fit is a model that is being learnt in a window: nil of no event.
type Fit[M any] struct {
	Model M `binary:"1"`
}

type fitted[M Mergeable[M], T any] struct {
	build    func() M
	features func(T, *mining.Vector)
	label    func(T) float64
	vectors  sync.Pool // of *mining.Vector
}

func (f *fitted[M, T]) New() *Fit[M] { return nil }

func (f *fitted[M, T]) Add(acc *Fit[M], v T) *Fit[M] {
	x, _ := f.vectors.Get().(*mining.Vector)
	if x == nil {
		x = new(mining.Vector)
	}
	x.Reset()
	f.features(v, x)
	y := f.label(v)
	if acc == nil {
		acc = &Fit[M]{f.build()}
	}
	acc.Model.Learn(*x, y)
	f.vectors.Put(x)
	return acc
}

func (f *fitted[M, T]) Merge(a, b *Fit[M]) *Fit[M] {
	if b == nil {
		return a
	}
	if a == nil {
		a = &Fit[M]{f.build()}
	}
	a.Model.Merge(b.Model)
	return a
}

// Result returns a copy, as the window may go on.
func (f *fitted[M, T]) Result(acc *Fit[M]) M {
	m := f.build()
	if acc == nil {
		return m
	}
	saved, err := acc.Model.AppendBinary(nil)
	if err == nil {
		err = m.UnmarshalBinary(saved)
	}
	if err != nil {
		panic(fmt.Errorf("online: Fitted: %w", err))
	}
	return m
}
