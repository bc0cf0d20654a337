// Package hbasesink writes to tables of HBase by its REST gateway.
//
// # The model
//
// [Puts] writes a row for each event, [Changes] has a table follow changes of rows, and [CheckAndPuts] writes a row only if it is as it
// should be. The caller brings an [net/http.Client], with its own TLS, SPNEGO and proxies, and the address of a gateway; a user and a
// password in that are given as Basic authentication, or what [Authorize] says. Values are structs, with the tags of package hbasesource.
//
//	totals.To(hbasesink.Puts(client, "http://gateway:8080", "totals", Total.Key))
//
// Keys are made by a function, whose helpers are [Salted], [Reversed] and [NewestFirst].
//
// # What is guaranteed
//
//   - Delivery: each event at least once; and as its row has a key and a time that are the event's own, to write it again changes nothing: the
//     same row with the same time overwrites itself, and an older one does not win. So a table ends as if each had been written once, as long as what
//     makes the keys and times is the same in a replay. With [ServerTime] that is so only when a replay is over. There are no increments.
//   - Visibility: rows can be seen as soon as a batch is written, and not with the checkpoint.
//   - Order: rows of one instance with one key and one time are written in their order; with several times these count.
//   - Failure: what passes is sent again for [Retry]; then, and where it is no row's fault, the run ends with a [*WriteError]. A row that the gateway refuses (too
//     large a value, a family that is not there) is a failure of its event, with [stream.SkipFailures] and [stream.Divert]: a request with such a
//     row is put again in halves, until it is found. Tokens and passwords are in no error.
//
// # Limits and options
//
//	Batch       1,000 rows a request, of 4 MiB
//	AtOnce      8 deletes or checks under way
//	Retry       30 s
//	Timeout     1 min for an answer
//	ServerTime  the event's time
//
// A request of puts is not one step in HBase: others may see a part. A batch of events is written before the next one is taken, so small batches make small
// requests; see stream.BatchSize. The gateway deletes one row a request, which is some 1,000 a second.
//
// For a table that is loaded once, bulk load (HFiles) is faster.
package hbasesink
