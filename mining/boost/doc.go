// Package boost has gradient-boosted trees, which learn from a table: many small decision trees, each
// of which corrects what those before it got wrong. They are what to try first on a table of numbers: they need no scaling,
// find thresholds and interactions by themselves, and take missing values as they are.
//
//	model := boost.NewClassifier(6, 2, boost.Rate(0.05), boost.MaxLeaves(15))
//	if err := model.Fit(customers); err != nil {
//		return err
//	}
//	p := model.Probabilities(x, nil)[1]
//
// A [Classifier] gives classes probabilities, and a [Regressor] predicts a mean, a median, another quantile
// or a count.
//
// # How it works
//
// The values of each feature are put into at most 255 bins, with about as many events in each. A tree grows from the
// leaf whose split gains most, or level by level ([DepthWise]); the sums of a leaf over the bins are found by passing over its events,
// or, of the larger of two leaves, as the difference of its parent's and its sibling's. Fit takes
// O(features × events × log events) time once, and O(features × events × depth) for a tree, and
// holds 8 bytes and then one for each value. The same table, options and seed make the same model, bit for bit,
// whatever the number of goroutines.
//
// It is Friedman, "Greedy Function Approximation: A Gradient Boosting Machine", Annals of Statistics 2001, with the
// second derivatives of Chen and Guestrin, "XGBoost: A Scalable Tree Boosting System", KDD 2016, and the histograms and
// the growth of Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", NIPS 2017. With
// the same options the trees are those of scikit-learn's HistGradientBoosting, but for rounding: there, slopes are
// float32. It departs in what follows. Bins do not depend on weights. Where a feature was never missing at a split, a missing
// value goes to the side with more events even if it was missing elsewhere. Early stopping drops the rounds behind the best. There are no
// categories: encode those (package mining/prepare).
//
// # Missing values
//
// A missing value is in a bin of its own. Each split sends it where the gain is greater, and if none
// was missing where it was learnt, to the side with more events. A place without a value holds 0, and is not missing.
//
// # When not to use it
//
// For what changes while the model runs: it has to be fitted again, and package mining/tree learns on.
// With less than some hundred events a linear model (package mining/linear) is as good, and can be read.
package boost
