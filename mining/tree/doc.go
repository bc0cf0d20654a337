// Package tree has decision trees that learn from a stream, one event at a time.
//
// A [Hoeffding] tree splits a leaf once enough events came to be sure, but for a stated chance, which
// feature splits it best. A [Forest] is many such trees, each of which sees the events in other
// numbers and other features at its leaves; a tree that gets worse, because the world
// changed, is replaced by one that grew up since the first signs of it. A [Regressor] is a tree
// that predicts a number.
//
//	model := tree.NewHoeffding(3, 2, tree.Grace(50))
//	for _, o := range orders {
//		x := mining.Dense(o.Amount, float64(o.Items), float64(o.Hour))
//		p := model.Probabilities(x, nil) // before it knows the answer
//		model.Learn(x, o.Returned)
//	}
//
// # Missing values, and others
//
// A value that is missing takes no part at a leaf. At a split on its feature the event goes to the
// branch that more events took. Values are clamped to ±1e100.
//
// # When not to use it
//
// Where all events are at hand, and may be learnt again each night, package mining/boost is
// more accurate. Trees that learn from a stream are for what changes, and for what is too much to keep.
package tree
