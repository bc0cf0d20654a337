// Package eval says how well a model has learnt, and whether it is better than another.
//
// Figures come in four shapes, which share their code:
//
//   - of a batch: [Confuse], [Lose], [Rank], [Calibrate], [Measure] take labels and predictions,
//     and what they return is asked for the figures;
//   - of a stream: the same values ([Confusion], [Losses], [Binned], [Calibration], [Errors], [Pinball], [Intervals], [Lists])
//     take one pair after another by Add, are merged by Merge and saved by AppendBinary;
//   - of windows: [ConfusionOf] and the others are aggregators of package window; [Rolling] holds the last n pairs;
//   - of a past that fades: Scale.
//
// A label is a number, or the number of a class, as in package mining.
//
//	c := eval.Confuse(2, labels, predicted, nil)
//	fmt.Println(c.Accuracy(), c.F(eval.Macro, 1), c.MCC())
//
// A figure of nothing is NaN. So is one that does not exist: an AUC without a negative event. Where a division by
// zero has an answer, its method states it: precision without a prediction is 0. A pair whose label or prediction
// is NaN or infinite is not scored but counted: Unknown tells how many there were. A weight is
// 0 or more, and what else is wrong with arguments panics.
//
// Protocols say which events judge a model: [Classification] and [Regression] test, then train, on a stream; [Backtest]
// has forecasters predict what came; [KFold] and others split a table for [CrossValidate]. Each report has the
// baselines beside the models: a model that is not better than the last label has learnt nothing. [McNemar] and others say whether
// a difference is real.
//
// # When not to use it
//
// A figure says nothing of events that are not like those it was measured on. What an experiment with
// customers has shown is for package mining/experiment.
package eval
