// Package codec turns values into bytes and back: what a source reads from
// files and messages, and what a sink writes to them.
//
// # The model
//
// A [Format] says how values of a type stand in a file. It is plain data, and
// any number of goroutines may use it. For each file, or each part of a file
// that is read by itself, it makes a [Decoder], which one goroutine uses: Split
// finds the next record in a buffer, as a bufio.SplitFunc does, and Decode
// makes a value of it. An [Encoder] appends whole records to a buffer.
//
//	format             value                 a record is          may be split
//	Lines, RawLines    string, []byte        a line               yes
//	JSON               any type              a line               yes
//	CSV                a struct              a row, quoted or not no
//	Logfmt             a struct              a line               yes
//	Access             AccessRecord          a line               yes
//	NginxLog           a struct              a line               yes
//	ApacheLog          a struct              a line               yes
//	Multiline          of another format     some lines           no
//	Transcode          of another format     as there             but for UTF-16
//	Binary             any type, for state   length and bytes     no
//
// A format that may be split ([Splittable]) lets several readers share one
// file: each starts behind the first line end of its part. A format with a
// header ([Headed]) has its decoders see the first record of a file before
// any other. All but Binary, and Transcode from UTF-16, are lines of text ([Textual]).
//
// A server's log is best read by what the server was told to write: [JSON] where
// it writes objects, [NginxLog] or [ApacheLog] by its own format, and [Access] where
// nobody knows, for it takes what the usual formats have in common.
//
// # What is guaranteed
//
// Order: records come and go in the order of the file. Values: a decoded value
// shares no memory with the buffer, and nothing of the record before it. What
// an encoder writes, the format's decoder reads as an equal value; where a
// format has no room for a difference (CSV has an empty cell for a nil pointer
// and for a pointer to an empty string) its doc says so.
//
// Failure: Decode returns [ErrSkip] for what holds no value, and else an error
// that names the column or field. The decoder then goes on with the next
// record: what becomes of a bad one is for the caller to say. An error of
// Split means that the rest of the file makes no sense. No input panics. How
// long a record may be is the caller's to bound: Split asks for more data as
// long as it sees no end.
//
// A mistake in a type (a channel in a state, two fields for a column, a duration
// in JSON) panics when the format is made, with the name of the field.
//
// Text: what is not UTF-8 is kept. Access, NginxLog, ApacheLog and JSON escape it
// (see [RawBytes] and [JSON] for other ways), Lines, CSV and Logfmt pass it on as it
// is. [Transcode] reads files in other charsets, and may replace it.
//
// # When not to use it
//
// Binary is for Freshet's own files and state, not for other programs; give
// them JSON or CSV, or a Format of your own: the three interfaces are all that
// sources and sinks know.
package codec
