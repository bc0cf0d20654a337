// Package recommend says what to show to whom.
//
// [History] notes who bought what. From it,
//
//   - [Popular] is what all buy, lately: the baseline, and the answer for a customer whom nobody knows;
//   - [ItemItem] is what goes with what a customer has: it learns with each purchase, and says why;
//   - [ALS] and [BPR] find factors of taste behind many customers' purchases;
//   - [Factors] learns ratings one at a time.
//
// Each answers by [Recommendation]s: the best first, none that the customer has, and none that the shop's filter
// refuses: what is sold out, say.
//
// [Thompson] and [LinUCB] choose what to show where only trying tells, and learn from each answer. [Evaluate] says what another
// policy would have earned from what was logged of the one that ran.
//
// Every model says that it is good on what its customers did before. Split by time, and look at eval's NDCG, beside Popular.
//
// One goroutine at a time may teach a model; several may ask for recommendations meanwhile only where that is said.
package recommend
