// Package beatssource takes what Beats push: Filebeat, Winlogbeat, Metricbeat and all that speaks
// the protocol of their Logstash output, which is version 2 of Lumberjack. For Logstash itself
// there is [github.com/freshet-go/freshet/source/tcpsource]: its lumberjack output speaks version
// 1, which is refused.
//
// # The model
//
// [Listen] is a [pushsource.Source], a server. A client announces a window, sends as many events,
// each a JSON object, one by one or compressed, and waits until the last is acknowledged. A
// window is a parcel, or several where it is large: 4,096 events or 1 MiB at most, and what has
// come when a client stops in its middle. An event is decoded by a codec, straight into the
// caller's type, whose tags say which fields there are:
//
//	type Line struct {
//		Time    time.Time                  `json:"@timestamp"`
//		Message string                     `json:"message"`
//		Host    struct{ Name string `json:"name"` } `json:"host"`
//		Fields  struct{ Shop string `json:"shop"` } `json:"fields"` // as fields: of filebeat.yml says
//		Log     struct {
//			Offset int64 `json:"offset"`
//			File   struct{ Path string `json:"path"` } `json:"file"`
//		} `json:"log"`
//	}
//
//	lines := p.From(beatssource.Listen(pushsource.Server{Addr: ":5044"}, codec.Message(codec.JSON[Line]())))
//
// Values share no memory with what was received. An event that is none is rejected, as those of
// any source are: the pipeline stops, or skips it, or diverts it, by its options. It is
// acknowledged like the others, for the client would only send it again.
//
// # What is guaranteed
//
// At least once. An event is acknowledged when a checkpoint that has it is durable, or in a run
// without checkpoints when the sinks have flushed its results. Beats keep and send again what is
// not acknowledged; while it waits they hear each three seconds that it is not forgotten, and do
// not give up. Events of one connection are in their order; Beats open several with loadbalance
// and worker, and after a break send again what others have overtaken.
//
// The protocol has no ids of windows. So the windows under way come twice when the connection
// breaks, or the process dies, between their checkpoint and the acknowledgement: pipelining ×
// bulk_max_size events for each connection at most. A run that stops in order acknowledges all
// that it has read before it hangs up. Where twice is too often, a key has to tell: a line of a
// file is known by path and offset, with
// [github.com/freshet-go/freshet/stream.Keyed.Deduplicate].
//
// # How fast
//
// A client has pipelining × bulk_max_size events under way, and sends no more before the
// acknowledgement, which is a checkpoint later: with the defaults of Filebeat, 2 × 2,048, and a
// checkpoint each 10 s that is 400 events a second. [pushsource.Server].AckWithin asks for a
// checkpoint sooner: 200 ms make it 20,000. Larger windows and more connections (worker) do the
// rest. What the server itself can take is above 500,000 short events a second and core; JSON is
// most of it.
//
// # Limits
//
// No memory follows a number that a client announces: a window is at most [MaxWindow] events, an
// event, and all events of a compressed frame together, Server.MaxMessage bytes, and more than 1
// MiB is inflated only up to [MaxRatio]. A compressed frame is decoded while it is inflated and
// holds no other. Raise MaxMessage for clients with events of several KiB, or lower their
// bulk_max_size: what is larger is refused each time that it is sent again.
//
// A client that breaks a rule, is slow in the middle of a message or speaks something else is
// hung up on, counted and logged, with what to configure instead; others do not notice. All
// messages together take Server.Memory, counted as JSON: what a value takes is for its type to
// say, a map several times as much. Each connection takes 160 KiB beside it, while it sends
// something compressed, and what TLS takes. The process has twice that, as the garbage collector
// lets it grow.
//
// # Configuration
//
// In filebeat.yml:
//
//	filebeat.inputs:
//	  - type: filestream
//	    id: shop
//	    paths: [/var/log/nginx/access.log]
//	    fields: {shop: books}
//	output.logstash:
//	  hosts: ["freshet.example:5044"]
//	  bulk_max_size: 2048      # events in a window
//	  pipelining: 2            # windows under way
//	  compression_level: 3
//	  ssl.certificate_authorities: [/etc/pki/ca.pem]
//	  ssl.certificate: /etc/pki/web-1.pem   # where Server.TLS asks for one
//	  ssl.key: /etc/pki/web-1.key
//
// The server asks clients for certificates by its [crypto/tls.Config]:
//
//	pushsource.Server{Addr: ":5044", TLS: &tls.Config{
//		Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool,
//	}}
//
// # When not to use it
//
// Where the lines are on the same machine, [github.com/freshet-go/freshet/source/logfile] follows
// the files themselves, and no event comes twice.
package beatssource
