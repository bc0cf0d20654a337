// Package neighbors answers by the events that were most alike: the k nearest of the last ones that came.
//
//	m := neighbors.NewClassifier(2, 2, 5, 1000) // 2 features, 2 classes, 5 nearest of the last 1,000
//	m.Learn(x, 1)
//	p := m.Probabilities(x, nil)
//
// Learn keeps a copy of an event in a window, which forgets the oldest; so it follows a stream that
// drifts. An answer looks at the whole window: time O(window·features), memory 8·window·(features+1) bytes, and
// no allocation once warm.
//
// Distances want features of like size: put prepare.Standard in front.
//
// # Ties
//
// Of events equally far the newer ones are nearer. Of classes with equally many votes all have the same
// probability. With fewer events than k all of them answer; with none, each class is as likely, and a number is 0.
//
// # Missing values
//
// Euclidean and Manhattan look at the places that both events have, and scale what is missing up, as scikit-learn's
// nan_euclidean_distances does; an event that shares no place is farthest. For Cosine what is missing is 0.
package neighbors
