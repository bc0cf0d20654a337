// Package syslogsource has sources of what syslog daemons, web servers and devices send: over UDP, TCP, TLS and RELP, in the format of
// RFC 5424 or RFC 3164.
//
// # The model
//
// [Listen], [ListenUDP] and [ListenRELP] return a source with one partition, which is a server to which clients
// connect; limits, TLS and backpressure are those of package pushsource. Each gives a [Message]: facility and severity, time, host, program, and
// the text. What is in the text is for a codec to say, downstream: see the example of Listen for access logs.
//
// Messages of one client are in their order, those of several in no particular one; EventTime
// takes Message.Time.
//
// # What is guaranteed
//
//   - UDP: what arrives is read. Datagrams are lost on the way, and where they come faster than the pipeline takes
//     them. Those that were lost here are counted: Stats().Lost.
//   - TCP and TLS: the sender waits as long as the pipeline does. What is in no checkpoint when the
//     process ends is lost, and so is what had not arrived when a connection breaks.
//   - RELP: a message is answered when a checkpoint has it, or in a run without checkpoints when the sinks have flushed. The sender
//     keeps what was not answered and sends it again: at least once. A message whose answer was lost comes twice, and
//     nothing tells it from a new one, but what the sender writes into it.
//
// What RELP saves is what the sender still has. rsyslog takes a message out of its queue on disk when it has sent it, and keeps
// what is not answered in memory. Stopped, it waits for the answers, given the time (queue.timeoutShutdown); stopped while there is no
// collector, or killed, it loses its window, and of a file what it had read ahead. What it was told is safe is safe.
//
// # What is read
//
// RFC 5424 as it is written, and more where senders do more: names of any length and in UTF-8, nine digits of a second's fraction, a leap second,
// text that is not UTF-8.
//
// RFC 3164 describes what was seen in 2001: "<34>Oct 11 22:14:15 host tag[pid]: text" and anything else behind a priority. A host or
// a tag may be missing, the time may be of RFC 3339 (RSYSLOG_ForwardFormat), or have a year or a fraction. A message whose time is none of
// these is text from its priority on. A tag ends in a colon and a space, or has a process in brackets; any other word is text, and
// so is JSON. rsyslog reads it so, too, but takes the first word for a tag whatever it is. See [Zone] and [Ahead] for what such a
// time leaves open.
//
// What has no priority is rejected, and so is a header of RFC 5424 that is wrong: by default that ends the run. A server that is
// open to a network wants SkipFailures or Divert of package stream, or the option [PlainText].
//
// # Limits
//
// A message has 256 KiB at most, or Server.MaxMessage. A longer one is rejected with its first KiB, and what follows it is read again: behind its
// count, or behind the next line end. Lines of text that begin with digits, a space and '<' cannot be sent without a count.
//
// What lives in memory stays below Server.Memory, a quarter of it for what waits to be answered, and 75 KiB a connection. The process takes up to twice that, with the default of GOGC, as
// its garbage may be as large.
//
// # To paste
//
// rsyslog.conf, to RELP (package rsyslog-relp). The window is what is sent in an interval of checkpoints:
//
//	module(load="omrelp")
//	action(type="omrelp" target="collector" port="2514" template="RSYSLOG_SyslogProtocol23Format"
//	       windowSize="10000" timeout="90" action.resumeRetryCount="-1" action.resumeInterval="5"
//	       queue.type="LinkedList" queue.filename="forward" queue.maxDiskSpace="1g" queue.saveOnShutdown="on"
//	       queue.timeoutShutdown="10000" queue.timeoutActionCompletion="10000")
//
// With TLS it needs a certificate of its own, as it offers nothing that Go speaks without: tls="on" tls.caCert="/etc/ssl/ca.pem"
// tls.myCert="/etc/ssl/me.pem" tls.myPrivKey="/etc/ssl/me.key" tls.authMode="name" tls.permittedPeer="collector".
//
// To TCP with a count, so that messages of several lines stay whole, and to TLS (package rsyslog-gnutls):
//
//	action(type="omfwd" target="collector" port="601" protocol="tcp" TCP_Framing="octet-counted"
//	       template="RSYSLOG_SyslogProtocol23Format" action.resumeRetryCount="-1")
//	action(type="omfwd" target="collector" port="6514" protocol="tcp" TCP_Framing="octet-counted"
//	       template="RSYSLOG_SyslogProtocol23Format" action.resumeRetryCount="-1"
//	       StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name"
//	       StreamDriverPermittedPeers="collector" StreamDriver.CAFile="/etc/ssl/ca.pem")
//
// nginx.conf, which speaks UDP only (a relay on the same machine that speaks RELP loses less):
//
//	access_log syslog:server=127.0.0.1:514,facility=local7,tag=shop,severity=info combined;
//
// Apache, through a program that reads its log:
//
//	CustomLog "|/usr/bin/logger --tcp --octet-count --server collector --port 601 -t shop -p local7.info" combined
//
// # When not to use it
//
// Where the log is a file on this machine, a source of files reads it without losing a line. Where each line is JSON and nothing
// else, tcpsource is simpler.
package syslogsource
