// Package window says which windows there are, when they close, and what is
// made of the events in them. It is pure: values and functions, with no
// stream, no clock and no goroutine.
//
// A Spec is a windowing: tumbling, sliding, cumulating, session, count or
// global, or the days, weeks, months, quarters and years of a time zone, with its
// offset, its allowed lateness and its triggers. Windows of time are half-open,
// [start, end), aligned to the Unix epoch or the calendar, and right for times
// before 1970.
//
// An Aggregator is what is made of the events: a sum, a maximum, the most
// sold products. Aggregators obey laws, so that events may be aggregated in
// parts and the parts be merged in any order; windowtest.Laws checks them, for
// yours too.
//
// The middle one of an Aggregator's types is what it adds up in. Mostly it is
// inferred. It has a name for where it is not, as in the result of a function that
// returns an Aggregator: Compensated, Averaged, Placed, Counted, Two.
//
//	daily := window.Tumbling(24*time.Hour, window.Lateness(time.Hour))
//	top := window.TopK(10, Order.Product, Order.Units)
//
// Package stream puts the two to work: orders.Window(daily).Aggregate(top).
//
// Where all you need is a total over a slice that is in memory, a loop is
// shorter.
package window
