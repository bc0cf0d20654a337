// Package fluentsink forwards events to Fluentd, Fluent Bit, or whatever else takes its
// Forward protocol, with acknowledgements.
//
//	type Sale struct {
//		At     time.Time `fluent:"@time"`
//		Shop   string    `fluent:"shop"`
//		Amount float64   `fluent:"amount"`
//		Clerk  *string   `fluent:"clerk.name"` // absent where it is nil
//	}
//	sales.To(fluentsink.New[Sale]("logs.example.com:24224", "shop.sales",
//		fluentsink.SharedKey(key), fluentsink.TLS(&tls.Config{})))
//
// # The model
//
// An event is an entry: a time and a record. Tags say what is in the record, as they do for
// package fluentsource: a key, a path of keys with dots between them for maps inside maps, and
// @tag, @time, @metadata and @rest. A batch of the pipeline becomes a chunk, or several where it
// is large or has several tags. A chunk has an id, and is kept until the server has
// acknowledged it.
//
// # What is guaranteed
//
// An event is acknowledged by the server before the sink's Flush returns, and so before a checkpoint has
// it. When a connection breaks, or no acknowledgement comes, what is not acknowledged is
// sent again under the same ids, after waits that double from 50 ms to 5 s, half of them by chance. That is
// at least once: a server that remembers ids, as fluentsource does, takes a chunk once; Fluentd takes
// it twice where its acknowledgement was lost, and so does any server what a run has written again
// after a restart. The chunks of one instance arrive in their order, unless some are sent again.
//
// If nothing is acknowledged for as long as [Retry] says, or the server refuses the key, the run ends
// with a [*sink.WriteError], which [stream.Restarts] takes up. An event of which
// no record can be made is a failure of the event.
//
// # In fluent.conf
//
//	<source>
//	  @type forward
//	  port 24224
//	  <security>            # with SharedKey
//	    self_hostname logs.example.com
//	    shared_key ...
//	  </security>
//	</source>
//
// # When not to use it
//
// Where the other end has no acknowledgements, as some that only speak Message mode, every chunk
// would time out.
package fluentsink
