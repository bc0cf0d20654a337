// Package experiment says whether a difference is more than chance: tests and intervals for experiments
// with two arms and more, and for the comparison of models.
//
// An arm is counted by a [Rate] (who bought, of how many), a [stats.Summary] (how much each spent) or a
// [stats.Joint] (that, beside what each spent before). They are accumulators: a pipeline has one of
// each arm, merges shards, and asks at any time.
//
//	question                                     answer
//	do rates differ                              Proportions, Newcombe, Fisher, ChiSquare; of one arm Rate.Wilson, Rate.ClopperPearson, Binomial
//	do means differ                              Welch, Student; of pairs Paired, OneSample; with what was known before Cuped
//	do distributions differ                      MannWhitney, KolmogorovSmirnov; of pairs Wilcoxon; of yes or no on the same cases McNemar
//	is there a correlation                       Correlation
//	how sure is any statistic                    Bootstrap, BootstrapDifference
//	how many values are needed                   Design
//	may I look while it runs                     Sequential (at any time), Group (at planned looks)
//	is b better, and what does a mistake cost    Believe
//	are the arms as large as they should be      SampleRatio
//	which of many tests                          BenjaminiHochberg, Holm, BenjaminiYekutieli
//
// A test of two samples that are not to be looked at before its end is valid once. Who looks each day
// and stops at P < 0.05 is wrong far more often than in 5 of 100 experiments: that is what Sequential
// and Group are for.
//
//	sequential := experiment.NewSequential(0.01)
//	for visit := range visits {
//		sequential.Add(visit.Arm, visit.Bought)
//		if sequential.Decided(0.05) {
//			...
//		}
//	}
//
// Where there are too few values to say anything (no values, one where a variance is needed, none that
// differ), P is 1, and an interval holds everything. One goroutine at a time uses a value of this
// package; functions may be called by several.
//
// # When not to use it
//
// Users who influence each other, arms that were changed on the way, and metrics that were picked after the
// fact are beyond all of these tests.
package experiment
