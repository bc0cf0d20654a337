package sink

import "fmt"

// A WriteError is the error of a sink that what it was to write did not
// reach.
type WriteError struct {
	Sink string // where to: "orders-000-06dr1n3ck0a7b2c9-000001.jsonl"; the type of an io.Writer: "*os.File"
	Err  error  // why
}

func (e *WriteError) Error() string { return fmt.Sprintf("sink: write %s: %v", e.Sink, e.Err) }

// Unwrap returns e.Err.
func (e *WriteError) Unwrap() error { return e.Err }
