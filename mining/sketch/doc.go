// Package sketch summarizes streams in little memory, with a bound on how far from the truth it is.
//
// Every summary is a window.Aggregator, and a plain value of its own:
//
//	visits.KeyBy(Visit.Page).Window(window.Tumbling(time.Minute)).Aggregate(sketch.Distinct(Visit.User))
//
//	users := sketch.NewHLL()
//	users.Add(sketch.Hash("u17"))
//	fmt.Println(users.Estimate())
//
//	question                          | aggregator                    | summary       | error
//	how many different ones           | Distinct                      | HLL           | 1.6 % (one standard deviation)
//	and of unions and intersections   | Set                           | Theta         | 1.6 %
//	which ones are most frequent      | TopK                          | Frequent      | 2/1024 of all, never more
//	how frequent is this one          | Frequency                     | CountMin      | e/2048 of all, in 98 % of the questions
//	was this one there                | Membership                    | Bloom         | never no for yes; yes for no in a share that is chosen
//	which value has rank q            | Quantiles                     | Values        | 1 % of the value
//	which rank has a value            | Ranks                         | KLL           | 1.65 % of the rank
//	some of them, at random           | Sample, SampleBy, SampleRecent | Reservoir    | none
//
// Parts merge: HLL, Theta, CountMin, Bloom, Values and Reservoir to exactly what the whole would be, so that results do not depend on shards or
// the order of events; Frequent and KLL to something within the same bound. All of it is seeded. Bytes of a
// saved summary that are damaged are an error.
//
// Keys are strings and integers. They are hashed to 64 bits without being copied: XXH64 for strings, and a mixer for integers. Of a billion different keys two have
// the same hash in one run of 37. Nobody who may choose keys should know that: the hash is not keyed.
//
// A value that is NaN or infinite is missing and not added; Quantiles and Ranks of nothing are NaN.
//
// # When not to use it
//
// Where all of the keys fit into memory, window.Distinct and window.TopK are exact. Money that is owed is not estimated.
package sketch
