// Package over says what is worked out of each row from its place among others: its rank, the row
// before it, the sum of the last three. It is SQL's OVER clause, and its functions have the names that they have there.
//
// A partition is rows that belong together, in an order. [Select] puts columns together into a
// [Selection], which has one result for each row:
//
//	over.Select(
//		over.Row(func(r *Tick, p Price) { r.Price = p }),
//		over.Lag(1, func(r *Tick, p Price, some bool) { r.Before = p.Cents }),
//		over.Aggregate(over.Rows(2, 0), window.Sum(Price.cents), func(r *Tick, sum int64) { r.LastThree = sum }))
//
// It is given to two operators of package stream:
//
//   - Keyed.Over, on streams. The partition is the events of a key, in the order of their
//     event times, and of their places in their partitions of the source where times are equal. Each event has one
//     result, for good, once the watermark says that no event can come which would change it.
//   - Ordered.Over, on tables. The partition and the order are what Table.OrderBy says. When rows come, change
//     and go, results of others change with them.
//
// Rows of which none comes before the other are peers: events of one time, and rows of a table that the
// order finds equal. Peers have the same rank. So that results do not depend on chance, peers have an order too: that of
// their places on streams, that of their keys in tables.
//
// Columns hold nothing themselves, and may be used by several operators at once.
package over
