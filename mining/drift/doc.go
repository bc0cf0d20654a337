// Package drift says when a stream of numbers has changed: the errors of a model, a price, the share of visitors who
// buy.
//
// A [Detector] is told one value after another, and answers after each whether it sees a
// change. After a detection it begins anew with the next value, unless its documentation says otherwise.
//
//	errors := drift.NewADWIN()
//	for _, o := range orders {
//		wrong := mining.Class(model.Probabilities(o.X, p)) != o.Class
//		if errors.Add(drift.Bit(wrong)) {
//			model = fresh()
//		}
//	}
//
// Which one: [ADWIN] for numbers of any kind, with a guarantee on false alarms for those between 0 and 1, or in a [Range]
// that is told; [PageHinkley] where a shift
// of known size has to be seen soon; [DDM], [EDDM], [HDDMA] and [HDDMW] for errors, 0 and 1; [KSWIN]
// where the distribution may change and its mean stay; [Stability] beside a reference that does not move, such as
// what a model was fitted on.
//
// All of them hold for missing values what package mining promises: a value that is NaN or infinite is
// not added, and nothing is detected at it ([Stability] counts it). Values beyond ±1e100 count as ±1e100. No detector allocates
// for a value once it is warm. One goroutine at a time uses a detector.
//
// # When not to use it
//
// A daily or weekly pattern is not drift, and each of these detects it: take it out before, or watch the residuals of
// a forecast. A single strange value is not drift: see package anomaly.
package drift
