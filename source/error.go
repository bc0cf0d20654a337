package source

import (
	"errors"
	"fmt"
	"io"
	"strconv"
)

// A ReadError is the error of a source that cannot be read any further: the
// disk fails, a compressed file is cut short, a file that is to be resumed
// has been replaced ([ErrReplaced]). What was read before it has been handed on.
//
// A record that can be read but not decoded is none: it is handed to
// [stream.Intake.Reject], and the pipeline says what becomes of it.
type ReadError struct {
	Source string // what was read: "orders.jsonl.gz", with its directory if that is known
	Offset string // where, in its terms: "byte 8192"
	Err    error  // why
}

func (e *ReadError) Error() string {
	return fmt.Sprintf("source: read %s at %s: %v", e.Source, e.Offset, e.Err)
}

// Unwrap returns e.Err.
func (e *ReadError) Unwrap() error { return e.Err }

func readError(name string, offset int64, err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // or the run would take it for the end
	}
	return &ReadError{Source: name, Offset: "byte " + strconv.FormatInt(offset, 10), Err: err}
}

// ErrTooLong is the cause of the rejection of a record that is longer than
// [MaxRecord] allows.
var ErrTooLong = errors.New("source: record is too long")
