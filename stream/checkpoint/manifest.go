package checkpoint

import (
	"time"

	"github.com/freshet-go/freshet/internal/keeper"
)

// A Manifest says what a checkpoint holds.
type Manifest struct {
	Pipeline string
	ID       int64  // ascends in a store, over all runs
	Run      string // which run of the pipeline took it
	Taken    time.Time

	// Savepoint is the name of one that was asked for and is kept until it is
	// removed.
	Savepoint string
	// Final says that all sources had been read to their ends.
	Final bool
	// Dropped are operators whose state runs before it have dropped.
	Dropped []string

	Groups int // that keys fall into
	Shards int // that the run had
	// Indices are how many places there have been in the order of partitions:
	// those of Sources, and of partitions that are gone.
	Indices int

	Sources   []Source
	Operators []Operator
	Sinks     []Sink
}

// A Source is how far a partition of a source had been read.
type Source struct {
	Operator  string
	Partition string
	Offset    string // as its reader gave it, up to a zero byte: see stream.Reader
	Index     int    // of the partition in the run, which orders events of one time
	Count     uint64 // events that had been read
	Done      bool   // it had ended
	// Watermark is the one that its reader had promised, in nanoseconds since
	// 1970.
	Watermark int64
}

// An Operator is the state of one operator.
type Operator struct {
	Name string
	Kind string
	Keys int64
	// Bytes are how much its state takes up, parts that earlier checkpoints have written included.
	Bytes int64
	// Watermark is the lowest of its instances, in nanoseconds since 1970.
	Watermark int64
	// Settings are what the operator was set to, as far as its state depends on
	// it. Checkpoints of early versions have none.
	Settings []Setting
}

// A Setting is what an operator was set to in one respect: its windows to
// "tumbling 1h0m0s", its key to "string".
type Setting struct {
	Name  string
	Value string
}

// A Sink is what a transactional sink had shown before the checkpoint was made.
type Sink struct {
	Operator  string
	Committed int64 // the newest checkpoint whose results had begun to appear, or 0
}

// Inspect returns the manifests in a store that can be read, newest first,
// and an error for each that cannot. It takes no lock: a run may be under way.
func Inspect(s Store) ([]*Manifest, error) {
	kept, err := keeper.Inspect(s)
	var all []*Manifest
	for _, m := range kept {
		all = append(all, shown(m))
	}
	return all, err
}

// shown returns what users see of a manifest.
func shown(k *keeper.Manifest) *Manifest {
	m := &Manifest{
		Pipeline: k.Pipeline, ID: k.ID, Run: k.Run, Taken: k.Taken, Savepoint: k.Savepoint, Final: k.Final,
		Dropped: k.Dropped, Groups: k.Groups, Shards: k.Shards, Indices: k.Indices,
	}
	for _, s := range k.Sources {
		s.Offset = keeper.Shown(s.Offset)
		m.Sources = append(m.Sources, Source(s))
	}
	for _, o := range k.Operators {
		shown := Operator{Name: o.Name, Kind: o.Kind, Keys: o.Keys, Bytes: o.Bytes(), Watermark: o.Watermark}
		for _, s := range o.Settings {
			shown.Settings = append(shown.Settings, Setting(s))
		}
		m.Operators = append(m.Operators, shown)
	}
	for _, s := range k.Sinks {
		m.Sinks = append(m.Sinks, Sink(s))
	}
	return m
}
