// Package pattern looks for sequences of events of a key: three small payments and then a large one, an order that no
// delivery follows, a price that falls and falls and rises.
//
//	tries := pattern.Begin("small", func(p Payment) bool { return p.Cents < 200 }).Times(3).
//		Next("large", func(p Payment) bool { return p.Cents > 50_000 }).
//		Within(10 * time.Minute)
//	alerts := pattern.Match(payments.KeyBy(Payment.Card), tries)
//
// A [Pattern] is a value: steps with a name and a condition, in the order in which their events have to come. [Match] adds the operator
// that looks for it. A [Matched] is what it gives: the key, and the events of each step.
//
// # What matches
//
// A step says which events may lie between its first event and the one before it:
//
//	Next            none                                   strict contiguity
//	FollowedBy      those that do not meet its condition   relaxed
//	FollowedByAny   any                                    non-deterministic relaxed
//	NotNext         the next event is none of these
//	NotFollowedBy   none of these comes
//
// and how many it takes: Times, TimesBetween, OneOrMore, TimesOrMore, Optional, Greedy, Until. Between the events of one step lie
// such that do not meet its condition; see Consecutive and AllowCombinations. Where adds a condition that sees what has
// matched so far.
//
// Every sequence of events that fits is a match, also where it shares events with others. Skip leaves some out. These
// are the semantics of Flink CEP, and where SQL:2016's MATCH_RECOGNIZE has the same words, of both; docs/guide/patterns.md has a
// table of what is not the same.
//
// # What is guaranteed
//
//   - Order: events are taken in the order of their event times, those of one time in the order of their places in their partitions, lower
//     partitions first. What matches does not depend on the order of arrival, the size of batches, the number of shards, or restarts.
//   - State: what partial matches hold, in a buffer that they share, by key. It is bounded by Within, which ends partial
//     matches, and by Limit, beyond which events are failures. It is part of each checkpoint.
//   - Failures: an event on which a condition panics has not been there.
//   - Concurrency: conditions are called by the goroutine of each shard, and must not share what they change.
//
// # When not to use it
//
// A pattern of one key that is a counter or a flag is Process. Two events that belong together by an id are a join. A group of
// steps cannot be repeated as a whole, as in SQL's (A B)+, and steps are not alternatives: A | B is one step with both conditions.
package pattern
