// Package basket finds what is bought together.
//
// From a table of baskets, [Baskets.Frequent] finds all sets of items that many baskets hold, and
// [Itemsets.Rules] the rules "who buys this also buys that" among them, with the measures by which they
// are judged:
//
//	var b basket.Baskets[string]
//	for _, order := range orders {
//		b.Add(order.Products...)
//	}
//	sets, err := b.Frequent(basket.MinSupport(0.01))
//	for _, r := range sets.Rules(0.5) {
//		fmt.Println(r.If, "->", r.Then, r.Confidence, r.Lift)
//	}
//
// On a stream, [AlsoBought] counts pairs, forgets what is old, and suggests what goes with a
// cart at any time, in bounded memory.
//
// # When not to use it
//
// Rules say what goes together, not what causes what. A recommendation for one
// customer, from all that customers have bought, is package recommend's.
package basket
