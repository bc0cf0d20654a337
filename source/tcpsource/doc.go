// Package tcpsource takes lines that clients send over TCP, or over a unix socket, and decodes
// them by any format of lines: JSON as Logstash's tcp output and logback's encoder send it,
// access logs, logfmt, plain text.
//
// # The model
//
// [Listen] is a [pushsource.Source], a server. A connection is to the format what a file is, with
// a decoder and, for formats that have one, a header of its own. Lines end with "\n" or "\r\n";
// the last needs no end where the client ends in order. Lines that have come are handed over at
// once and together, whatever follows: no line waits for another. Values share no memory with
// what was received.
//
//	entries := p.From(tcpsource.Listen(pushsource.Server{Addr: ":5000"}, codec.JSON[Entry]()), stream.SkipFailures())
//
// Lines of one connection are in their order. A record that is none is rejected, as those of any
// source are: the pipeline stops, or skips it, or diverts it, by its options. Where anybody may
// connect, stopping is not what you want.
//
// The end of some records is known only by the next, see [codec.Multiline]. Where nothing follows
// for Server.FrameTimeout, the last is whole.
//
// # What is guaranteed, and what is not
//
// Nobody tells a client what has arrived: the protocol has no acknowledgements. A client that has
// written a line has given it to its own kernel, and forgets it. So lines are lost
//
//   - when the process dies: those that were received and are in no checkpoint, and those that the
//     kernels of both sides hold, with Linux's defaults up to some MiB for each connection;
//   - when the run stops, in order too: those that the kernels hold. Those that queue for the pipeline
//     are read, within StopTimeout, and are in the results and in the last checkpoint;
//   - when the connection breaks: those that the client had written, and the rest of a line that
//     was cut.
//
// For TCP a client that dies ends in order, as its kernel says goodbye. So what it had written of
// its last line is a record: JSON that was cut is rejected, and text is not noticed. TLS, as Go
// has it, makes no difference.
//
// Nothing comes twice, unless a run goes on from a checkpoint: no client sends anything again. A
// full pipeline makes clients wait, and loses nothing by that; what a client does meanwhile is
// its own matter: logback's appender drops by default when its queue is full. Where no line may
// be lost, have Beats send to [github.com/freshet-go/freshet/source/beatssource], or follow the
// file.
//
// # Limits
//
// A line of more than [MaxLine] bytes is rejected with its first KiB, and the rest is passed
// over, without being held. One that is not whole after Server.FrameTimeout, or half a line after
// which nothing comes, ends the client, and no other notices. All lines that are received or
// queue take Server.Memory, counted as text, and each connection 80 KiB beside it, and what TLS
// takes. The process has twice that, as the garbage collector lets it grow.
//
// # Configuration
//
// In logstash.conf (older versions of the plugin have ssl_enable, ssl_cacert and ssl_verify
// instead):
//
//	output {
//	  tcp {
//	    host => "freshet.example"
//	    port => 5000
//	    codec => json_lines
//	    ssl_enabled => true
//	    ssl_certificate_authorities => "/etc/pki/ca.pem"
//	  }
//	}
//
// In logback.xml, with net.logstash.logback:logstash-logback-encoder:
//
//	<appender name="freshet" class="net.logstash.logback.appender.LogstashTcpSocketAppender">
//	  <destination>freshet.example:5000</destination>
//	  <appendTimeout>-1</appendTimeout> <!-- wait where the queue is full; by default events are dropped -->
//	  <keepAliveDuration>1 minute</keepAliveDuration> <!-- a blank line, by which it notices that the connection is gone -->
//	  <encoder class="net.logstash.logback.encoder.LogstashEncoder"/>
//	</appender>
//
// An Entry is what they send; what has no field is passed over:
//
//	type Entry struct {
//		Time    time.Time `json:"@timestamp"`
//		Message string    `json:"message"`
//		Level   string    `json:"level"`
//		Logger  string    `json:"logger_name"`
//		Trace   string    `json:"stack_trace"`
//	}
package tcpsource
