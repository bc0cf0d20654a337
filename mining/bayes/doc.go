// Package bayes has naive Bayes classifiers: the probability of a class is that of its share of the events, times
// those of the features, as if they did not depend on each other in a class.
//
//	P(class | x) ∝ P(class) · Π P(x at a place | class)
//
//	model       | a feature is                     | P(x | class)
//	Gaussian    | a number                         | normal, of the class's mean and variance
//	Multinomial | a count: of a word in a text     | shares of the class's counts, smoothed
//	Bernoulli   | there (above 0) or not           | share of the class's events that have it, smoothed
//	Complement  | a count; classes may be uneven   | as Multinomial, of all other classes
//
// All learn by adding up: one event at a time or a table, the answer is the same, that of scikit-learn's
// class of the name. Models of parts merge: exactly where they count with whole weights,
// and but for rounding otherwise.
//
// # Missing values
//
// A value that is missing is left out: of what is learnt, and of the product for every class. A class that never came has
// the probability 0. Before the first event all classes are as likely.
//
// # When not to use it
//
// Where features go together (they mostly do) the probabilities are too near to 0 and 1: calibrate them (package
// calibrate), or use them for order alone.
package bayes
