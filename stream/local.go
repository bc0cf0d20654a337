package stream

// Local is what a Source or a Sink may have that is of one process: a channel, a slice in memory,
// the terminal. A run in the process that built the pipeline takes no notice of it. In another process there is another one, or
// none: so package flink refuses to run it elsewhere, unless the caller allows it by the operator's name.
type Local interface {
	// Local says why, as the end of a sentence: "what it collects is in the memory of one process".
	Local() string
}

// localOf returns why a source or a sink is of one process, or "" if it is not.
func localOf(v any) string {
	if l, ok := v.(Local); ok {
		return l.Local()
	}
	return ""
}
