package shim

import "strings"

// OfWorker is what a worker's last words stand behind.
const OfWorker = "org.freshet.WorkerException: "

// Cause returns what a trace of Java's comes down to: a worker's last words if there are any, and else what the innermost cause says.
func Cause(trace string) string {
	if at := strings.LastIndex(trace, OfWorker); at >= 0 {
		return message(trace[at+len(OfWorker):])
	}
	const inner = "\nCaused by: "
	if at := strings.LastIndex(trace, inner); at >= 0 {
		trace = trace[at+len(inner):]
	}
	return message(trace)
}

// message is a trace up to the first line of code.
func message(trace string) string {
	for _, end := range []string{"\n\tat ", "\n\t... ", "\nCaused by: "} {
		trace, _, _ = strings.Cut(trace, end)
	}
	return strings.TrimSpace(trace)
}
