package stream

import "fmt"

// A Change says what has become of a row of a table: what sources of changes
// give, and sinks that upsert take.
type Change[T any] struct {
	Kind  ChangeKind `json:"kind"`
	After T          `json:"after"` // the row as it is now; zero if it was deleted

	// Before is the row as it was, where HasBefore is true: of an Update or a Delete,
	// if who tells of it knows.
	Before    T    `json:"before,omitzero"`
	HasBefore bool `json:"hasBefore,omitzero"`
}

// Row returns the row that the change is of: as it is now, or as it was if it is
// deleted.
func (c Change[T]) Row() T {
	if c.Kind == Delete {
		return c.Before
	}
	return c.After
}

// ChangeKind says what has become of a row.
type ChangeKind uint8

const (
	Insert ChangeKind = iota + 1
	Update
	Delete
	Read // it was there already, when the source began to watch the table
)

var changeKinds = [...]string{"", "insert", "update", "delete", "read"}

func (k ChangeKind) String() string {
	if k < Insert || k > Read {
		return fmt.Sprintf("ChangeKind(%d)", uint8(k))
	}
	return changeKinds[k]
}

// MarshalText writes "insert", "update", "delete" or "read", and "" for that of no change.
func (k ChangeKind) MarshalText() ([]byte, error) {
	if k > Read {
		return nil, fmt.Errorf("stream: %v is no kind of a change", k)
	}
	return []byte(changeKinds[k]), nil
}

// UnmarshalText reads what MarshalText has written.
func (k *ChangeKind) UnmarshalText(text []byte) error {
	for x := ChangeKind(0); x <= Read; x++ {
		if changeKinds[x] == string(text) {
			*k = x
			return nil
		}
	}
	return fmt.Errorf("stream: %q is no kind of a change", text)
}
