package keeper

import (
	"encoding/json/v2"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Manifest says what a checkpoint holds.
type Manifest struct {
	Pipeline string    `json:"pipeline"`
	ID       int64     `json:"id"`  // ascends in a store, over all runs
	Run      string    `json:"run"` // which run of the pipeline took it
	Taken    time.Time `json:"taken"`

	// Savepoint is the name of one that was asked for and is kept until it is
	// removed.
	Savepoint string `json:"savepoint,omitzero"`
	// Final says that all sources had been read to their ends.
	Final bool `json:"final,omitzero"`

	// Dropped are operators whose state runs before it have dropped.
	Dropped []string `json:"dropped,omitzero"`

	Groups int `json:"groups"` // that keys fall into
	Shards int `json:"shards"` // that the run had

	// Indices are how many places there have been in the order of partitions:
	// those of Sources, and of partitions that are gone.
	Indices int `json:"indices,omitzero"`

	Sources   []Source   `json:"sources"`
	Operators []Operator `json:"operators"`
	Sinks     []Sink     `json:"sinks,omitzero"`
}

// A Source is how far a partition of a source had been read.
type Source struct {
	Operator  string `json:"operator"`
	Partition string `json:"partition"`
	Offset    string `json:"offset"`        // as its reader gave it
	Index     int    `json:"index"`         // of the partition in the run, which orders events of one time
	Count     uint64 `json:"count"`         // events that had been read
	Done      bool   `json:"done,omitzero"` // it had ended
	// Watermark is the one that its reader had promised, in nanoseconds since
	// 1970.
	Watermark int64 `json:"watermark"`
}

// A Sink is what a transactional sink had shown before the checkpoint was made.
// What it shows of the checkpoint itself is a piece of its Operator.
type Sink struct {
	Operator  string `json:"operator"`
	Committed int64  `json:"committed"` // the newest checkpoint whose results had begun to appear, or 0
}

// An Operator is the state of one operator.
type Operator struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Keys int64  `json:"keys"`
	// Watermark is the lowest of its instances, in nanoseconds since 1970.
	Watermark int64 `json:"watermark"`
	// Instances has the watermark of each instance of an operator with keys, if
	// they differ: its inputs were idle at times, and each instance has seen that
	// at its own moment.
	Instances []int64 `json:"instances,omitempty"`
	// Settings are what the operator was set to, as far as its state depends on
	// it. Checkpoints of early versions have none.
	Settings []Setting `json:"settings,omitzero"`
	Pieces   []Piece   `json:"pieces"`
}

// A Setting is what an operator was set to in one respect: its windows to
// "tumbling 1h0m0s", its key to "string".
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Bytes returns how much the operator's pieces take up, with their patches.
func (o Operator) Bytes() (n int64) {
	for _, p := range o.Pieces {
		n += p.Size
		for _, patch := range p.Patches {
			n += patch.Size
		}
	}
	return n
}

// Whole marks a piece that is not for a group of keys.
const Whole = -1

// A Piece is where a part of an operator's state lies: as it was once, and
// what has changed since.
type Piece struct {
	Group    int     `json:"group"`             // of keys; Whole for state that has none
	Instance int     `json:"instance,omitzero"` // that wrote it, of a Whole
	File     string  `json:"file"`
	At       int64   `json:"at"` // offset in the file's payload
	Size     int64   `json:"size"`
	Patches  []Place `json:"patches,omitzero"` // of package delta, in the order in which they apply
}

// Place returns where the piece lies, without its patches.
func (p Piece) Place() Place { return Place{p.File, p.At, p.Size} }

// A Place is where bytes lie.
type Place struct {
	File string
	At   int64 // offset in the file's payload
	Size int64
}

// MarshalText returns a short form, as there may be many in a manifest: the
// checkpoint's id, the part, At and Size, with dots between.
func (p Place) MarshalText() ([]byte, error) {
	if _, err := stateID(p.File); err != nil {
		return nil, err
	}
	var id, part int64
	if _, err := fmt.Sscanf(p.File, stateScan, &id, &part); err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%d.%d.%d.%d", id, part, p.At, p.Size), nil
}

// UnmarshalText reads what MarshalText returns.
func (p *Place) UnmarshalText(text []byte) error {
	var n [4]int64
	fields := strings.Split(string(text), ".")
	if len(fields) != len(n) {
		return fmt.Errorf("checkpoint: %q is no place", text)
	}
	for i, field := range fields {
		u, err := strconv.ParseUint(field, 10, 63)
		if err != nil {
			return fmt.Errorf("checkpoint: %q is no place: %w", text, err)
		}
		n[i] = int64(u)
	}
	*p = Place{fmt.Sprintf(stateName, n[0], n[1]), n[2], n[3]}
	return nil
}

const (
	manifestName = "manifest-%012d"
	stateName    = "state-%012d-%04d"
	stateScan    = "state-%d-%d"
	passedName   = "passed-%012d"
)

// idOf returns the id in the name of one of the files of a checkpoint.
func idOf(name string) (id int64, ok bool) {
	for _, prefix := range []string{"manifest-", "state-", "passed-"} {
		if rest, found := strings.CutPrefix(name, prefix); found {
			digits, _, _ := strings.Cut(rest, "-")
			id, err := strconv.ParseInt(digits, 10, 64)
			return id, err == nil
		}
	}
	return 0, false
}

// manifestsIn returns the ids of the manifests among names, newest first.
func manifestsIn(names []string) (ids []int64) {
	for _, name := range names {
		if id, ok := idOf(name); ok && strings.HasPrefix(name, "manifest-") {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	slices.Reverse(ids)
	return ids
}

func readManifest(s Store, id int64) (*Manifest, error) {
	name := fmt.Sprintf(manifestName, id)
	data, err := s.Read(name)
	if err != nil {
		return nil, err
	}
	_, payload, err := unseal(kindManifest, data)
	if err != nil {
		return nil, fmt.Errorf("in %s: %w", name, err)
	}
	var m Manifest
	if err := json.Unmarshal(payload, &m); err != nil {
		return nil, fmt.Errorf("in %s: %w: %w", name, ErrDamaged, err)
	}
	if m.ID != id {
		return nil, fmt.Errorf("in %s: %w: it says that it is checkpoint %d", name, ErrDamaged, m.ID)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("in %s: %w: %w", name, ErrDamaged, err)
	}
	return &m, nil
}

// Inspect returns the manifests in a store that can be read, newest first,
// and an error for each that cannot. It takes no lock: a run may be under way.
func Inspect(s Store) ([]*Manifest, error) {
	names, err := s.List()
	if err != nil {
		return nil, err
	}
	var all []*Manifest
	var bad []error
	for _, id := range manifestsIn(names) {
		m, err := readManifest(s, id)
		if errors.Is(err, fs.ErrNotExist) {
			continue // a run has removed it meanwhile
		}
		if err != nil {
			bad = append(bad, fmt.Errorf("checkpoint %d: %w", id, err))
			continue
		}
		all = append(all, m)
	}
	return all, errors.Join(bad...)
}

// Shown returns what people see of an offset. What stands behind a zero byte is for its reader alone: it may be large, and may hold
// what nobody else should read.
func Shown(offset string) string {
	shown, _, _ := strings.Cut(offset, "\x00")
	return shown
}
