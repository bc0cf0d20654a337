// Package pushsource is what sources have in common to which clients push their events
// over a network: Fluentd's Forward protocol, Lumberjack, syslog, lines over TCP. Use
// those in fluentsource, beatssource, syslogsource and tcpsource; to speak another protocol write
// a [Protocol] of your own.
//
// # The model
//
// A [Server] says where to listen and what clients may do. A [Protocol] turns what one
// client sends into parcels. A [Parcel] holds events and is acknowledged as one.
// [New] makes a [stream.Source] of both, with one partition, in which the parcels of each client
// are in their order.
//
// # What is guaranteed
//
// A parcel is acknowledged when a checkpoint that has it is durable; in a run without
// checkpoints, when the sinks have flushed its results. A client that hears nothing
// sends it again, to this run or to the next one: nothing that a client keeps until it
// is acknowledged is lost. Where parcels have ids, one that comes again is acknowledged and
// not read twice, as long as it is among the last that the offset remembers; so with a
// transactional sink the results are exact. A protocol without acknowledgements loses what
// was received and is in no checkpoint when the process dies. A run that is told to stop takes nothing
// more from its clients, and reads what they have delivered before: it is in the results.
//
// Clients wait as long as the pipeline does: a full pipeline is not read from, and TCP
// makes the sender wait.
//
// # Limits
//
// The memory of all messages that are received or queue for the pipeline stays below
// [Server].Memory, and each connection has 64 KiB more, for its buffer and for small
// messages, and what TLS takes. Parcels that were read and wait to be acknowledged take as much as a
// quarter of Memory; beyond that, and beyond Server.Unacked for one client, no more are read. No allocation follows a number that a client announces. A client that is too slow, sends
// too much, or nonsense, is hung up on; no other notices. Such clients are counted, see
// [Source.Stats], and logged at most once a minute.
package pushsource
