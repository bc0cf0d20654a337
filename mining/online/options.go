package online

import (
	"fmt"
	"reflect"

	"github.com/freshet-go/freshet/mining"
)

// An Option sets what a Task does.
type Option func(*config)

type config struct {
	scoreOnly, learnOnly bool
	most                 int // models by key; 0 for no bound
	slot                 slotted
}

// ScoreOnly has a model score and never learn. The default is both.
func ScoreOnly() Option { return func(c *config) { c.scoreOnly = true } }

// LearnOnly has a model learn, and nothing come out. The default is both.
func LearnOnly() Option { return func(c *config) { c.learnOnly = true } }

// MaxKeys bounds how many models a task PerKey holds. Where one more would be needed, the one whose latest
// event is the longest ago, in the order in which events came, is forgotten: its key begins anew with its next event. Each of n instances holds
// one n-th of them, rounded up, so that with other shards other models are forgotten. By default a model is held for each
// key, until stream.TimeToLive has passed, if that is given. It panics if keys is not positive.
func MaxKeys(keys int) Option {
	if keys <= 0 {
		panic(fmt.Sprintf("online: MaxKeys(%d): the number of models is not positive", keys))
	}
	return func(c *config) { c.most = keys }
}

// Swap has models be replaced by what a [Slot] is set to. The Slot may be that of several tasks. It is for models of
// the type of the task's: anything else panics when the task is made.
func Swap[M mining.Saved](slot *Slot[M]) Option {
	if slot == nil {
		panic("online: Swap: the Slot is nil")
	}
	return func(c *config) { c.slot = slot }
}

// configure applies options to a task of models of a type.
func configure(who string, of reflect.Type, opts []Option) (c config) {
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("online: %s: option %d of %d is nil", who, i+1, len(opts)))
		}
		o(&c)
	}
	switch {
	case c.scoreOnly && c.learnOnly:
		panic("online: " + who + ": ScoreOnly and LearnOnly leave nothing to do")
	case c.slot != nil && c.slot.of() != of:
		panic(fmt.Sprintf("online: %s of a %v: Swap of a Slot of %v", who, of, c.slot.of()))
	}
	return c
}

func need(ok bool, what string) {
	if !ok {
		panic("online: " + what)
	}
}

func same[T any](v T) T { return v }
