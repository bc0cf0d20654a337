// Package fluentsource takes what Fluentd, Fluent Bit and the loggers that speak as they do
// forward: it is a server for their Forward protocol, version 1.
//
//	type Hit struct {
//		Tag    string         `fluent:"@tag"`
//		At     time.Time      `fluent:"@time"`
//		Host   string         `fluent:"host"`
//		Status int            `fluent:"code"`
//		Took   time.Duration  `fluent:"took" unit:"ms"`
//		Pod    string         `fluent:"kubernetes.pod_name"`
//		Rest   map[string]any `fluent:"@rest"`
//	}
//	hits := p.From(fluentsource.Listen[Hit](pushsource.Server{Addr: ":24224"}))
//
// # The model
//
// A client sends chunks of entries, each a time and a record. [Listen] decodes an entry into a struct by
// its tags, with no map in between; whoever does not know the fields takes an [Event]. A chunk is acknowledged
// as one. How the server listens, whom it lets in at once and when it acknowledges is
// package pushsource's, and so is the rest of what is guaranteed.
//
// All modes are taken: Message, Forward, PackedForward and CompressedPackedForward; entries with
// metadata; times as integers, floats and EventTime; payloads and names as str or bin. A client shows
// that it knows [SharedKey] and is a [User], if these are given. TLS is [pushsource.Server].TLS.
//
// # Fields
//
// A tag names a key of the record. With dots between keys it is a path: what it names may lie in maps
// inside the record, or be one key with these dots. A struct as a field is a map of its own
// tags; fields without a tag stay zero. These tags are no keys:
//
//   - @tag, a string: the tag of the event
//   - @time, a time.Time in UTC: the time of the entry
//   - @metadata, a map or struct: what newer clients send beside the time
//   - @rest, a map[string]any: what no other field takes, also of maps that are taken in part
//
// A field is one of these, or a pointer to one, which is nil where the key is missing:
//
//   - string, []byte: text or bytes. They are not checked to be UTF-8.
//   - bool: true, false, or text that [strconv.ParseBool] takes
//   - integers: an integer, a float without a fraction, or text that is one, as
//     Fluentd's parsers leave numbers. What does not fit does not wrap around.
//   - floats: a number, or text that is one
//   - time.Time: EventTime, a number of seconds, text as RFC 3339 or as a tag `layout:"2006-01-02"` says
//   - time.Duration: text such as "1.5s"; with a tag `unit:"ms"` (s, ms, us, ns) a number, too
//   - types with UnmarshalText, such as netip.Addr: text
//   - slices, maps with string keys, structs with tags, and any, which holds what [Event] says
//
// A nil is as if the key was missing. Of a key that comes twice the last counts. A record that does not fit is handed in as
// one that is no event, in MessagePack, with a [*FieldError] that names the field, or another cause. What becomes of it is for
// the pipeline to say: by default the run stops; see [stream.SkipFailures] and [stream.Divert]. The others of its
// chunk are taken.
//
// # What is guaranteed
//
// A client that asks for acknowledgements and sends again what is not acknowledged, as Fluentd does with
// require_ack_response and Fluent Bit with Require_ack_response, loses nothing of what it keeps, however this end dies; a
// buffer that outlives the client's own death is the client's to have, such as Fluentd's of @type file. A chunk that
// it sends again under the same id is acknowledged and not taken twice, as long as the id is among the last
// Server.Remember. In a run with [stream.Checkpoints] that holds across restarts. Events of one
// connection are in their order. A client without acknowledgements may lose what was on its way.
//
// The ids of Fluent Bit are hashes of what is in a chunk. They are taken together with the client's address and the tag: what comes
// from another address after a break is taken twice. Two chunks of one address and tag that are equal to the last byte, times
// included, are one. Where Fluent Bit makes the tag from the record (Tag $...), all its chunks have one id: they are acknowledged, none
// is lost, and what it sends again is taken twice.
//
// # Limits
//
// Entries are decoded as their bytes come, from the connection's buffer of 32 KiB; only one that is larger is
// put together in memory first. [RecordSize], [Entries], [Depth] and [Inflation] bound what a message may be,
// and Server.MaxMessage its bytes, 64 MiB: those on the network, behind decompression, and what maps and slices take in memory. A
// chunk of Fluentd is as large as its buffer's chunk_limit_size says. A client that sends more, or what is not the protocol, is hung up
// on, and its chunk is not acknowledged. The strings that recur are kept once, for each message under way
// up to 32 KiB of them.
//
// Metrics and traces of Fluent Bit are passed over, see [RefuseSignals], and so are the entries with the times -1 and -2, by
// which it says where a group begins and ends.
//
// # In fluent.conf
//
//	<match web.**>
//	  @type forward
//	  require_ack_response true
//	  ack_response_timeout 120      # more than the time between checkpoints
//	  compress gzip                 # or text
//	  <server>
//	    host shop.example.com
//	    port 24224
//	  </server>
//	  <security>                    # with SharedKey
//	    self_hostname web-1
//	    shared_key ...
//	  </security>
//	  <buffer>
//	    chunk_limit_size 8m
//	    flush_interval 1s
//	    retry_forever true
//	  </buffer>
//	</match>
//
// # In fluent-bit.conf
//
//	[OUTPUT]
//	    Name                 forward
//	    Match                web.*
//	    Host                 shop.example.com
//	    Port                 24224
//	    Require_ack_response On
//	    Compress             gzip
//	    Shared_Key           ...
//	    Self_Hostname        web-1
//	    Retry_Limit          no_limits
//
// # When not to use it
//
// JSON over the same port, which Fluentd takes, is refused: say MessagePack. Payloads that are compressed by zstd are
// refused, too. For log files on the same machine use package logfile, which needs no agent.
package fluentsource
