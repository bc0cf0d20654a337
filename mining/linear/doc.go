// Package linear has models that add up features, each times its weight: logistic and softmax
// regression, linear regression, support vectors, passive-aggressive, and FTRL-Proximal.
//
// All learn one event at a time, by a step down the gradient of a loss, in time that
// grows with the values of the event and not with what came before:
//
//	model                    | labels          | loss                          | from a table (Fit)
//	Logistic                 | 0, 1            | log                           | Newton, L2: C of scikit-learn
//	Softmax                  | 0, 1, ..., K-1  | cross-entropy                 | Newton, L2
//	Regression               | numbers         | squared, Huber, quantile      | QR, ridge (squared loss)
//	SVM                      | 0, 1            | hinge                         |
//	PassiveAggressive        | 0, 1            | hinge, PA, PA-I, PA-II        |
//	PassiveAggressiveNumbers | numbers         | ε-insensitive, PA, PA-I, PA-II |
//	FTRL                     | 0, 1            | log, per-place rates, L1 + L2 |
//
// A model that was fitted goes on learning from events where the fit is.
//
// # Features
//
// A value that is missing (NaN or infinite) counts as 0: scale features first, so that 0
// is their mean, or impute them (package prepare). A value beyond ±1e15 counts as ±1e15. Fit
// refuses a table with missing values: there it is nearly always a mistake.
//
// Gradient steps want features of like size. Put prepare.Standard in front.
//
// # Why that answer
//
// Contributions of Logistic, SVM, Regression, PassiveAggressive and FTRL says what each place added to
// the score of an event: weight times value. They and the intercept add up to the score. Of
// standardized features that is how much the event's difference from the mean event counts.
//
// # Before it has learnt anything
//
// All weights are 0: each class is as likely as the others, and a number is predicted as 0.
package linear
