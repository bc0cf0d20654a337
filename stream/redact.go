package stream

// Redact keeps what is in records out of errors. The cause of a failure often shows it: a number that cannot be parsed, a row that a database
// refuses, the value that a function panics with. With Redact, f is called with the text of each such cause, and what it returns
// stands in its place: in what Run returns, in the log, in what observers are told, an audit log among them, and in the Err of a
// Failed. Who failed, and where, stays: the operator, the file and the line. The key of a window is left out, and so are
// places and offsets of readers that are a KeyRevealer, in Stats as well. What has gone wrong with a checkpoint's keys or files is told in fixed words.
//
//	stream.Redact(func(string) string { return mask.Redacted })
//
// Errors.Is finds in such an error what it did before. Errors.As finds OperatorError, PanicError, with f applied to them, RewindError,
// LostResultsError and checkpoint.UnreadableError, and nothing else. F may be called by several goroutines at once. Where it panics, no text is shown. By default texts
// are shown as they are.
//
// The values of a Failed are not changed: see package mask. What a function of the caller's logs itself is as it logs it. Redact panics if f is nil.
func Redact(f func(text string) string) RunOption {
	given("Redact", "the function f", f)
	return func(r *runOptions) { r.Redact = f }
}
