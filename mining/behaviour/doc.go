// Package behaviour answers what customers do, from the times at which they did it.
//
//   - [Sessions] splits a user's events where they pause; on a stream window.Session does.
//   - [Funnel] says how many get from step to step, and how long that takes.
//   - [Retention] says how many of those who came first in a month come again in later ones.
//   - [Paths] counts what follows what.
//   - [Attribute] shares an order among the channels that led to it.
//   - [BGNBD] and [GammaGamma] predict how often, and for how much, a customer will buy: lifetime value.
//   - [KaplanMeier] and [Cox] are of times until something happens, where for some it has not happened yet.
//
// What is kept of each user is bounded, and merges: parts of a stream that were seen on several shards make the whole. The
// fits take slices and return an error for what cannot be fitted. One goroutine at a time uses a value.
//
// # When not to use it
//
// None of these says why. Whether a change to the shop caused a change of behaviour an experiment says: package
// mining/experiment.
package behaviour
