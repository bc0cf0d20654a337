// Package anomaly says how strange an event is beside those before it.
//
// What looks at all features of an event is a [mining.Outlier], with Learn and Score: [Gaussian], [Mahalanobis], [HalfSpaceTrees] and
// [IsolationForest]. What looks at one number is a [Univariate], with Add and Score: the control
// charts [EWMA] and [CUSUM], [Robust], [Smoothing]. [Residual] looks at a number beside what somebody forecast. A [Threshold]
// says above which score an event is one of the strangest share.
//
//	amounts, unusual := anomaly.NewRobust(), anomaly.NewThreshold(0.999)
//	for _, o := range orders {
//		if score := amounts.Score(o.Amount); unusual.Add(score) {
//			fmt.Println(o, score)
//		}
//		amounts.Add(o.Amount)
//	}
//
// Ask for the score first and let the model learn after it: an event that was learnt is less strange. For each product or shop one
// model of its own is a map from its key to models, or the state of a keyed operator: they are small, but for the trees.
//
// Which one: a chart where a number has a target; Robust where it has outliers that must not move what is usual; Smoothing where it has
// a level or a season that moves; Gaussian for features apart, Mahalanobis where it is strange how they
// come together; trees where nothing is known of the distribution: half-space trees on a stream, the isolation forest on a table.
//
// All hold what package mining promises. A missing value is usual: it is not learnt, and its score is that of a value which says
// nothing. Values beyond ±1e100 count as ±1e100. Nothing is allocated for an event, but by the isolation forest while it fits.
//
// # When not to use it
//
// Where labels of what was wrong are there, a classifier of package mining learns more from them. A lasting change is not an anomaly: see
// package drift.
package anomaly
