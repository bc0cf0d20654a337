// Package prepare makes features fit for models: scales them, fills in what is missing, turns
// categories and words into places, and multiplies features with each other.
//
// Strings become numbers at the edge, in the user's function that fills a vector:
//
//	func features(o Order, x *mining.Vector) {
//		x.Append(o.Amount, prepare.Category(o.Country)) // a category, for OneHot, Target or Frequency
//		words.Words(x, o.Comment)                       // hashed words, for a model as they are
//	}
//
// A [Step] makes a vector of a vector. Steps stand in front of a model, and learn with it:
//
//	scale := prepare.NewStandard(6)
//	model := prepare.NewClassifier(linear.NewLogistic(scale.Places()), scale)
//
//	step       | makes of a value                                   | Merge
//	Standard   | its distance from the mean, in standard deviations | exact but for rounding
//	MinMax     | where it is between the least and the greatest     | exact
//	Robust     | its distance from the median, in quartile ranges   | no: it sees a window
//	Impute     | itself, or what stands for it where it is missing  | mean and most frequent
//	OneHot     | a 1 at the place of its category                   | no: the first to come get the places
//	Target     | the mean label of its category, smoothed           | exact but for rounding, while categories fit
//	Frequency  | the share of its category                          | exact, while categories fit
//	Polynomial | products with others                               | learns nothing
//
// # Order of learning
//
// An event is predicted with what steps know before it. When it is learnt, each step learns
// it first and then hands it on, but for Target, which hands it on first: an event's own label is no feature.
// That is river's order. Fit of a pipeline has each step learn all of the table before it hands on any of it, and Target hands on
// means that were made without the event and its neighbours (out of fold).
//
// # Missing values
//
// Steps hand a missing value on as missing, and learn nothing of it, unless they say otherwise. OneHot has a place
// for what is missing or not known.
package prepare
