// Package mining learns from streams and from tables: what it is made of, which the
// packages below it share.
//
// A [Vector] is what a model sees of an event: numbers, each at a place. A function of the
// user's makes it of a value, once, at the edge; behind it there are no maps and
// nothing is allocated for an event. A label is a float64: a number to be predicted, or the number
// of a class, 0, 1, 2, ... A [Table] holds vectors with their labels.
//
// A model is a plain Go value. It learns one event at a time ([Learner]) or from a table
// ([Fitter]), and then it predicts a number ([Regressor]), gives each class a probability
// ([Classifier]) or says how strange an event is ([Outlier]). It can be written down and go on
// later ([Saved]).
//
//	model := linear.NewLogistic(2, linear.Rate(0.1))
//	for _, o := range orders {
//		x := mining.Dense(o.Amount, float64(o.Items))
//		fmt.Println(model.Probability(x)) // before it knows the answer
//		model.Learn(x, o.Returned)
//	}
//
// # What holds for every model
//
//   - Seeded: what is drawn at random is drawn from a seed among the options, so that two models
//     that see the same events are the same, bit for bit.
//   - Saved: AppendBinary and UnmarshalBinary hold all of it, options included. A model that was
//     restored goes on bit for bit as the one that was saved. Bytes that are damaged, of another kind
//     or of a later version are an error, and leave the model as it was.
//   - Missing values: a feature that is NaN or infinite is missing, and each model says what it makes
//     of one. A label that is NaN or infinite is unknown: nothing is learnt from its event. No
//     event makes a model answer NaN.
//   - Before it has learnt anything, a model gives the answer that its documentation states.
//   - Memory is bounded, by what its documentation states, however many events come.
//   - A mistake of the programmer's panics: a vector with a place that the model does not have, a
//     class that it does not have, an option out of range. In a pipeline that is a failure of the
//     event, which goes where the operator's policy sends it.
//   - One goroutine at a time uses a model. Nothing that it is handed is kept.
//
// Package miningtest checks all of this, for a model of the user's own, too. Package
// mining/online makes models operators of a pipeline.
//
// # When not to use it
//
// There is nothing here for pictures, speech or language models, and no processor but
// the CPU: score such models where they are served, and call them by Enrich.
package mining
