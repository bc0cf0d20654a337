package sqlsource

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// An offset is where to go on.
type offset struct {
	Row   int64    `json:"row"`             // how many rows have been handed on
	After []string `json:"after,omitempty"` // keys: of the last row; of Poll, up to which no row is read again
	Upto  []string `json:"upto,omitempty"`  // keys: of the last row of a range
	End   bool     `json:"end,omitempty"`   // all has been handed on
	Hash  string   `json:"hash,omitempty"`  // of the last row of a query
	Seen  string   `json:"seen,omitempty"`  // hashes of rows that may be read again
}

func (o offset) String() string {
	text, err := json.Marshal(o)
	if err != nil {
		panic(err) // texts and numbers
	}
	return string(text)
}

func parseOffset(text string) (o offset, err error) {
	if err = json.Unmarshal([]byte(text), &o); err != nil {
		return o, fmt.Errorf("the offset %q: %w", text, err)
	}
	return o, nil
}

// packed are hashes as a text.
func packed(hashes map[uint64]struct{}) string {
	var b []byte
	for _, h := range slices.Sorted(maps.Keys(hashes)) {
		b = binary.LittleEndian.AppendUint64(b, h)
	}
	return base64.StdEncoding.EncodeToString(b)
}

func unpacked(text string) (map[uint64]struct{}, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b)%8 != 0 {
		return nil, fmt.Errorf("the rows that were seen: damaged (%w)", err)
	}
	hashes := make(map[uint64]struct{}, len(b)/8)
	for ; len(b) > 0; b = b[8:] {
		hashes[binary.LittleEndian.Uint64(b)] = struct{}{}
	}
	return hashes, nil
}
