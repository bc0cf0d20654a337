// Package online makes models operators of a pipeline: they score each event, and then learn from it.
//
//	task := online.Classify(
//		func() *linear.Logistic { return linear.NewLogistic(6) },
//		Order.Features, // func(Order, *mining.Vector)
//		Order.Returned, // func(Order) float64: 0, 1, or NaN as long as nobody knows
//	)
//	scored := orders.KeyBy(online.All).Apply(task.PerKey, stream.InOrder())
//
// A [Task] says what a model does; its method says how many models there are:
//
//	orders.KeyBy(online.All).Apply(task.PerKey)   // one, in one instance
//	orders.KeyBy(Order.Shop).Apply(task.PerKey)   // one for each key; see MaxKeys, stream.TimeToLive
//	orders.Apply(task.PerShard)                   // one for each shard
//	orders.Window(w).Aggregate(Fitted(...))       // one for each window, learnt by all shards and merged
//
// A [Scored] has the value, what the model said, the label, and which model it was. What is made of that are ordinary
// operators: errors go to [Watch], which sees drift, and to a window's aggregate, which is the evaluation.
//
// Models come from outside by a [Slot], which a service sets while the pipeline runs, and as events by
// [Task.Served]. Labels that come late find what was scored by [Labels].
//
// # What is guaranteed
//
//   - Test, then train: a score is what the model said before it learnt from that event.
//   - Order: a model sees the events of its key in the order in which they come, and with stream.InOrder by their
//     times. Then neither the size of batches nor the number of shards nor the speed of events changes a digit.
//   - Models are state: they are saved with each checkpoint, and a run that was killed goes on with the same scores,
//     bit for bit. Another kind of model under the name of an operator is an error when the run begins.
//   - Failures: an event that features, label or model panic on is neither scored nor learnt from, and goes
//     where the operator's policy sends it.
//   - Memory: one model for each key that is held, and one vector. A score of one or two classes allocates nothing once warm.
//   - A model is used by one goroutine at a time, and is not shared.
//
// # When not to use it
//
// A model that is only fitted now and then, from a table, needs no operator to learn in: fit it where the table is, and have
// the pipeline score with it (ScoreOnly, and a Slot). All models of an instance are written at each checkpoint: a
// hundred thousand keys with large trees are better one model with the key among its features.
package online
