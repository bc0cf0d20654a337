package stream

import (
	"cmp"
	"slices"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/keyhash"
	"github.com/freshet-go/freshet/window"
)

// LastPanes returns agg for panes of which a later one takes the place of an
// earlier one of its key: those of windows with an allowed lateness or early
// panes, in windows of their own that Spec.OfPanes has returned. A late pane then gives the
// result of its window anew, with the pane and without the one before. It is for panes of
// sessions too, whose windows it knows.
//
// It holds the last pane of each key until the window is forgotten, and
// adds them to agg for each result, in an order that depends on the keys alone.
func LastPanes[K comparable, R, A, V any](agg window.Aggregator[Pane[K, R], A, V]) window.Aggregator[Pane[K, R], map[K]Pane[K, R], V] {
	given("LastPanes", "the Aggregator", agg)
	hash, err := keyhash.Of[K]()
	if err != nil {
		panic("stream: LastPanes: " + err.Error())
	}
	l := lastPanes[K, R, A, V]{Aggregator: agg, hash: hash}
	l.stamped, _ = agg.(window.Stamped[Pane[K, R], A])
	return l
}

type lastPanes[K comparable, R, A, V any] struct {
	window.Aggregator[Pane[K, R], A, V]
	stamped window.Stamped[Pane[K, R], A]
	hash    func(K) uint64
}

func (lastPanes[K, R, A, V]) New() map[K]Pane[K, R] { return nil }

func (lastPanes[K, R, A, V]) Add(acc map[K]Pane[K, R], p Pane[K, R]) map[K]Pane[K, R] {
	if acc == nil {
		acc = map[K]Pane[K, R]{}
	}
	if old, ok := acc[p.Key]; !ok || p.Index > old.Index {
		acc[p.Key] = p
	}
	return acc
}

func (l lastPanes[K, R, A, V]) Merge(a, b map[K]Pane[K, R]) map[K]Pane[K, R] {
	for _, p := range b {
		a = l.Add(a, p)
	}
	return a
}

func (l lastPanes[K, R, A, V]) Result(last map[K]Pane[K, R]) V {
	type placed struct {
		hash uint64
		pane Pane[K, R]
	}
	all := make([]placed, 0, len(last))
	for k, p := range last {
		all = append(all, placed{l.hash(k), p})
	}
	slices.SortFunc(all, func(a, b placed) int { return cmp.Compare(a.hash, b.hash) })
	acc := l.Aggregator.New()
	for i := range all {
		if p := &all[i]; l.stamped == nil {
			acc = l.Aggregator.Add(acc, p.pane)
		} else {
			at := engine.Clamp(p.pane.End) - 1
			acc = l.stamped.AddAt(acc, p.pane, window.Position{Time: at, Seq: paneSeq(p.hash)})
		}
	}
	return l.Aggregator.Result(acc)
}

// windowOf returns the window that a pane says it is of.
func (lastPanes[K, R, A, V]) windowOf(p *Pane[K, R]) window.Window {
	return window.Window{Start: engine.Clamp(p.Start), End: engine.Clamp(p.End)}
}

// A paneWindows knows the windows of panes of type T: see LastPanes.
type paneWindows[T any] interface{ windowOf(*T) window.Window }

// checkPanes panics if windows of panes are to be aggregated so that panes would be
// counted twice, or that no window has them.
func checkPanes(spec window.Spec, kind string, last bool) {
	switch {
	case last && !spec.ForPanes():
		panic("stream: " + kind + ": LastPanes is for the windows of panes: see Spec.OfPanes")
	case last && spec.Parts():
		panic("stream: " + kind + ": the panes of these windows are parts, of which LastPanes would keep the last one")
	case !last && spec.Replaced():
		panic("stream: " + kind + ": of the panes in these windows a later one takes the place of an earlier one: Aggregate them by LastPanes")
	case !last && spec.ForPanes() && spec.Kind() == window.KindSession:
		panic("stream: " + kind + ": Aggregate panes of sessions by LastPanes, which knows their windows")
	}
}
