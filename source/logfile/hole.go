package logfile

import (
	"bytes"

	"github.com/freshet-go/freshet/stream/codec"
)

// passHole passes over the NULs that a file begins with, and reports false if there may be more of them. They are
// no text, but a hole: where a file was truncated under a writer that has not opened it
// for appending, that goes on at the byte where it was. The place stays at the start until the end
// of the hole is found.
func (r *reader[T]) passHole(ended bool) bool {
	input := r.log.in
	data := input.data()
	n := len(data) - len(bytes.TrimLeft(data, "\x00"))
	if n == 0 && input.at == 0 {
		return true
	}
	input.cut(n)
	if n == len(data) && !ended {
		return false
	}
	r.at = input.at
	if !r.holed {
		r.holed = true
		r.logger.Warn("a log file begins with NULs, which are passed over: its writer has to open it for appending if it is to be truncated",
			"file", r.name, "bytes", r.at)
	}
	return true
}

// resyncs reports whether the format finds where to go on behind a record whose end it has not found, although it is no
// [codec.Textual].
func (r *reader[T]) resyncs() bool {
	_, ok := r.decoder.(codec.Resyncer)
	return ok
}

// nextLine returns how many bytes stand before the next line, if its begin is found in data, or how many
// of data surely stand before it.
func (r *reader[T]) nextLine(data []byte) (n int, found bool) {
	if s, ok := r.decoder.(codec.Resyncer); ok {
		return s.Resync(data)
	}
	if n = bytes.IndexByte(data, '\n') + 1; n > 0 {
		return n, true
	}
	return len(data), false
}
