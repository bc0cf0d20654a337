package engine

import (
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/freshet-go/freshet/internal/keeper"
)

// A Plan is operators and the streams between them, as data.
type Plan struct {
	Name  string
	Nodes []*Node // each behind its inputs

	mu   sync.Mutex
	run  *Run // the run under way, or the last one
	held bool // by a Run, which may wait to begin again, or by a driver
}

// A Node is one operator of the plan.
type Node struct {
	ID      int
	Kind    string // what it is: "filter", "window"
	Name    string // what it is called: unique in the pipeline
	Detail  string // what it is set to: "tumbling 1m0s"
	Params  any    // what it is set to, as a value
	Inputs  []*Node
	Inlets  []outlet // of Inputs, those that it consumes
	Named   bool     // the caller has given the name
	Skips   bool     // events that its function fails on are left out
	Options any      // of the surface
	Local   string   // why a source or a sink is of one process; "" if it is not
	Commits string   // Local of a transactional sink in a run with checkpoints
	// BatchCommits is Local of one in a job of another engine that has an end and no checkpoints, besides Commits.
	BatchCommits string
	Endless      bool // of a source: it never ends

	plan     *Plan
	settings []keeper.Setting // that its state depends on

	Keyed  bool // its input is parted by key: with several shards it begins a stage
	Parts  bool // its output is parted by key: one keyed operator behind it needs no exchange
	Late   bool // what is too late for it goes into a stream of its own
	Spread bool // it begins a stage of one instance a shard in any case

	Outlets   []outlet
	Early     outlet        // of Outlets, what is put out in the stage of its input, in front of the exchange; nil for none
	Source    openSource    // of a source
	Through   bool          // what it puts out is of the partition that its input is of
	Heeds     *SilenceOf    // of an EventTime, if it wants to know how long partitions are silent
	IdleAfter time.Duration // after how long a silent partition of it is not waited for; 0 for never
	Build     func(*Run)    // makes the instances of a source

	Committer func(*Run) (Committer, error) // of a transactional sink
	Diverts   func() bool                   // whether somebody consumes the failures of one
}

// Behind reports whether an operator of a kind stands before n.
func (n *Node) Behind(kind string) bool {
	for _, in := range n.Inputs {
		if in.Kind == kind || in.Behind(kind) {
			return true
		}
	}
	return false
}

// An outlet is an output of a node, without its type.
type outlet interface {
	ConsumerCount() int
	Optional() bool
	Label() string
	Types() (value, key reflect.Type) // of what flows; key is nil where there is none
}

// Add puts a node into the plan, under its name: one that nobody gave gives way
// to one that somebody did. It reports false if both were given.
func (p *Plan) Add(n *Node) bool {
	n.ID, n.plan = len(p.Nodes), p
	other := p.find(n.Name)
	if other != nil && other.Named {
		return false
	}
	p.Nodes = append(p.Nodes, n)
	if other != nil {
		other.Name = p.FreeName(other.Kind)
	}
	return true
}

// find returns the operator of a name, or nil.
func (p *Plan) find(name string) *Node {
	for _, n := range p.Nodes {
		if n.Name == name {
			return n
		}
	}
	return nil
}

// FreeName derives a name from the operator's place among its kind. Names that
// are taken are passed over.
func (p *Plan) FreeName(kind string) string {
	count := 1
	for _, n := range p.Nodes {
		if n.Kind == kind {
			count++
		}
	}
	for ; ; count++ {
		name := kind
		if count > 1 {
			name = fmt.Sprintf("%s-%d", kind, count)
		}
		if p.find(name) == nil {
			return name
		}
	}
}

// Moves reports whether events change shards on their way into n.
func (n *Node) Moves() bool {
	parted := len(n.Inputs) == 1 && n.Inputs[0].Parts
	return n.Keyed && !parted || n.Spread
}
