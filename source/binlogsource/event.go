package binlogsource

import (
	"time"

	"github.com/freshet-go/freshet/stream"
)

// An Event is what has happened to a table whose rows are T, with its place in the log.
type Event[T any] struct {
	Kind   Kind
	Change stream.Change[T] // of a Row
	Table  string           // "shop.orders"
	Query  string           // the statement, of all kinds but Row and Restarted
	Tx     Tx               // the transaction
}

// Kind says what an Event is of.
type Kind uint8

const (
	// Row is a row that was inserted, updated or deleted, or that a snapshot has read.
	Row Kind = iota
	// Truncated is a table that has no rows any more, also as its tablespace was discarded. No row of it is deleted one by one.
	Truncated
	// Altered is a table whose columns or keys are other ones from here on, or that was made, behind a Dropped by CREATE OR REPLACE. What
	// the statement has done to rows, such as to give a new column its default, comes as
	// no Row.
	Altered
	// Dropped is a table that is gone, as it was dropped, replaced or made a partition, or has another name now. By CREATE OR REPLACE it may have not been there.
	Dropped
	// Restarted is a table that is read from its beginning: what was known of its rows
	// counts no more. Its rows follow as they are now, each a Read.
	Restarted
)

var kinds = [...]string{"row", "truncated", "altered", "dropped", "restarted"}

func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k]
	}
	return "Kind(?)"
}

// A Tx is the transaction that an event is of.
//
// The events of one have the same ID and come in the order of their statements, those of
// other tables among them. A row that a snapshot has read is of no transaction: its ID is the
// place in the log that the row is as of.
type Tx struct {
	ID   string    // the GTID, "0-1-8190"; the place where it begins, "bin.000007:4711", where the server has none
	At   time.Time // when the server began the statement, to the second, in UTC
	Last bool      // this is the last event of the transaction
}
