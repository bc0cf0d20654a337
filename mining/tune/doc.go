// Package tune finds good settings of a model, and decides which of two models serves a live stream.
//
// A [Space] says what there is to set: it gives a typed handle for each parameter. An objective is a function of yours that
// reads its settings by these handles, builds and judges a model, and returns a figure. [Search] calls it with one
// [Trial] after another, or with several at once, and a strategy says what to try: [Grid], [Random], [TPE], [SuccessiveHalving]
// or [Hyperband].
//
//	var space tune.Space
//	rate := space.Log("rate", 1e-4, 1)
//	loss := space.Choice("loss", "log", "hinge")
//	l1 := space.When(loss.Is("log")).Float("l1", 0, 1)
//	found, err := tune.Search(ctx, &space, tune.TPE(), func(ctx context.Context, t *tune.Trial) (float64, error) {
//		return judge(rate.Of(t), loss.Of(t), ...) // the loss: less is better
//	}, tune.Trials(100), tune.Workers(8))
//	fmt.Println(rate.Of(found.Best))
//
// The same seed finds the same, whatever the number of workers and however long each trial takes: a trial is proposed from the
// results of earlier ones by number, never by which were done first. A journal lets a search go on where it was
// stopped or killed, and come to the same.
//
// What fails is counted and told, and is never the best: an error, a panic, a figure that is NaN or infinite.
//
// [Duel] has a challenger stand beside the champion on a live stream, and tells when to switch, by a sequential [Test] that may be
// looked at after every event.
//
// # When not to use it
//
// What is best of many trials looks better than it is: judge it once more on events that no trial has seen. A dozen
// trials by hand are often enough.
package tune
