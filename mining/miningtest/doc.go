// Package miningtest checks models: that they keep what package mining promises for every
// one. Hand it each model of your own, in a test:
//
//	func TestPerceptron(t *testing.T) {
//		miningtest.Check(t, miningtest.Classifier(3, func() *Perceptron { return New(3) }))
//	}
//
// A model that learns from tables has FittedClassifier or FittedRegressor instead.
//
// The events are random but seeded: they are the same on every run. The checks can show
// that a promise is broken, and cannot prove that it is kept, nor that a model is any
// good: hold it to figures of others beside.
package miningtest
