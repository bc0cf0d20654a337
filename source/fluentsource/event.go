package fluentsource

import "time"

// An Event is what is sent as it stands, for those who do not know its fields.
//
// The record has values of these types: bool, int64, uint64 (for integers that no int64
// holds), float64, string, []byte, [time.Time], map[string]any, []any and nil. An
// extension that is no time is its bytes.
type Event struct {
	Tag    string         `fluent:"@tag"`
	Time   time.Time      `fluent:"@time"`
	Record map[string]any `fluent:"@rest"`
}
