// Package footed is how sink.Files writes files that are no text: they consist of groups of rows, and can be read only when a
// footer, which tells where these are, stands at their end. The format of such files is a codec.Format that is a [Format] as
// well, and its encoders are [Encoder].
package footed

import (
	"errors"
	"io"
)

// ErrRow is in the error of Append if the row is at fault, and not written; after any other, more than that row is lost.
var ErrRow = errors.New("the row cannot be written")

// A Format can complete files whose writer has gone.
type Format interface {
	// Complete copies the groups of in that are whole, and ends them with a footer. It returns how many bytes of in they
	// have, and how many rows.
	Complete(out io.Writer, in io.Reader) (whole, rows int64, err error)
}

// An Encoder writes one file. Append gathers rows, and appends groups of them from time to time.
type Encoder interface {
	// End appends the rows that are gathered as a group, if there are any.
	End(dst []byte) ([]byte, error)
	// Tail returns what End would append, and goes on gathering. It returns nil if that is more than
	// most bytes, or there are no rows.
	Tail(most int) ([]byte, error)
	// Close appends the rows that are gathered, and the footer.
	Close(dst []byte) ([]byte, error)
	// Full reports whether the file can have no more groups.
	Full() bool
}
