// Package calibrate makes honest probabilities of scores: of the events with 0.7, seven in ten are to be of the
// class. It takes events that the model did not learn from; of those that it did, it
// would learn to believe the model.
//
//	[Platt]     | a sigmoid of the score: two numbers, for few events or a score that is a sigmoid's
//	[Isotonic]  | any function that does not fall: for a thousand events and more
//	[Classifier] | a classifier whose probabilities one of these corrects
package calibrate
