// Package door is how another engine runs a pipeline: one whose tasks are spread over
// processes, which schedules, exchanges and checkpoints by its own means. Package stream
// fills in Describe and Open.
//
// Such an engine asks for the stages of a plan and the edges between them, once. It opens
// each instance of each stage, in whatever process, and moves what they send: frames, which
// are batches of events and what travels between these: watermarks, idleness and ends. A
// frame is for one instance, and frames of one edge from one instance to one other have to
// arrive in their order. What is in a frame is the library's.
//
// A checkpoint is a number that grows, and three calls. Barrier, behind what belongs to
// the checkpoint and before all else, has an instance send what it holds back. What it sends
// from then on stands behind the barrier. Save returns its state. When all states
// are durable, Complete says so to each instance, and may be missed: the next one makes up for it.
// An instance goes on from a checkpoint, with any number of instances, when it is opened with what
// was saved: of its own key groups, and the rest of all instances of its stage. A barrier has to come to every
// instance, also to one that no instance sends frames to.
//
// A job that is bounded has no checkpoints: all its sources end, and nothing waits for the clock. An engine may
// run an instance when all before it have ended, and more than once: what it sends depends on what it was given alone. It takes the frames of all its
// senders in the order that Ordered tells. What sinks have prepared appears when the barrier of 1 has come to their committers, behind all frames, and Complete.
//
// A job may go on from a checkpoint that a run in one process has made: each instance reads from that store what is its own. The numbers of its
// checkpoints follow on that one's for the pipeline, whatever the engine calls them.
//
// The door has no type parameters, and its users know no events.
package door

import (
	"context"
	"log/slog"
	"time"

	"github.com/freshet-go/freshet/internal/keeper"
)

// Groups is how many key groups there are. Group g is of instance g*n/Groups of n.
const Groups = 128

// A Config is what all instances of a job have in common.
type Config struct {
	Shards      int  // how many instances stages have, but those that read sources
	Batch       int  // how many events a frame has at most
	Checkpoints bool // there are checkpoints
	Bounded     bool // the job has an end, and no checkpoints
	From        From
	Logger      *slog.Logger
	Now         func() time.Time
}

// A From says which checkpoint of a run in one process a job goes on from: the newest one of a store, or the newest savepoint of a name. It is none
// where the store is nil.
type From struct {
	Store     keeper.Store
	Savepoint string
}

// A Plan is what a pipeline consists of, for who runs it. It can be sent as JSON.
type Plan struct {
	Name        string
	Fingerprint string // of all that has to be the same in each process
	Shards      int
	Batch       int
	Checkpoints bool
	Bounded     bool  `json:",omitempty"`
	From        int64 `json:",omitempty"` // the checkpoint of a run in one process that an instance goes on from which has no other
	Stages      []Stage
	Edges       []Edge   // known by their places
	Local       []Local  `json:",omitempty"`
	Uncommitted []string `json:",omitempty"` // of a bounded job, the sinks whose rows appear as they are written
}

// A Local is a source or a sink that is of the process in which the pipeline was built. Another process has
// another one, or none: whether that does is for the engine to say.
type Local struct {
	Operator string
	Why      string
	Commits  bool `json:",omitempty"` // its writers and its committer have to be in one process, which no engine can do
}

// A Kind says what the instances of a stage begin with.
type Kind string

const (
	Source   Kind = "source"   // reads partitions: Step
	Operator Kind = "operator" // is fed by edges: Take
	Commit   Kind = "commit"   // has what a sink has prepared appear; fed by an edge
)

// A Stage is a chain of operators, of which there are several instances.
type Stage struct {
	ID         int
	Kind       Kind
	Name       string   // of the operator that it begins with
	Operators  []string // all of them
	Instances  int
	Keyed      bool        // it has state by key group
	Partitions []Partition `json:",omitempty"` // of a source
	Waits      bool        // one of them waits for the outside world; such a one has an instance to itself
	Alone      string      `json:",omitempty"` // why one that waits is for one process only; "" if several may open it
	Endless    bool        `json:",omitempty"` // the source never ends
}

// A Partition is one of a source, which one instance reads.
type Partition struct {
	Name     string
	Number   int // unlike that of any other of the plan, and the same for ever
	Instance int // which reads it
	// Begins is the offset that its reader had then, of a source that does not wait for partitions to come.
	Begins string `json:",omitempty"`
}

// An Edge is an exchange, into one input of the operator that a stage begins with.
type Edge struct {
	From, To int // stages
	Input    int
	All      bool // each instance sends to all; else instance i to i modulo their number
}

// Reaches reports whether instance i of n in front of the edge sends to instance k of m.
func (e Edge) Reaches(i, k, m int) bool { return e.All || i%m == k }

// Stage returns the stage of an ID, or nil.
func (p *Plan) Stage(id int) *Stage {
	for i := range p.Stages {
		if p.Stages[i].ID == id {
			return &p.Stages[i]
		}
	}
	return nil
}

// Owner returns which of n instances has a key group.
func Owner(group, n int) int { return group * n / Groups }

// An Output takes what an instance sends. Its methods are called by who calls the instance.
type Output interface {
	// Send sends a frame over an edge to an instance of the stage behind it. The frame
	// is good until Send returns. Send may wait: that is how back-pressure reaches the source.
	Send(edge, to int, frame []byte) error
}

// Ordered is what an Output of a bounded job has. An instance that takes frames of several others takes them in the order
// of the watermarks that were told of their lanes in front of them: it sees events by their times then, as far as each lane has them so,
// and holds no more than in a stream.
type Ordered interface {
	// Advance is called behind the frame that tells the instance a watermark, in nanoseconds since 1970.
	Advance(edge, to int, watermark int64) error
}

// A State is what an instance has saved.
type State struct {
	Groups [Groups][]byte // of a keyed stage: of the groups that are the instance's
	Rest   []byte         // what belongs to no key: for all instances of the stage
}

// An Opening is what an instance is opened with.
type Opening struct {
	Plan       *Plan
	Stage      int
	Index      int
	Partitions []Partition // of a source: those that the instance reads
	Output     Output
	Store      keeper.Store // where From of the plan lies; nil if it goes on from none
	Logger     *slog.Logger
	Now        func() time.Time

	// The checkpoint that it goes on from: nothing in Rest if there is none.
	Groups [Groups][]byte
	Rest   [][]byte // of each instance that there was
}

// An Instance is one of a stage. It is used by one goroutine, but for Post and Halt. Behind an
// error it is good for nothing but Close.
type Instance interface {
	// Step reads a batch of a source and sends it through the stage. It waits while there is nothing
	// to read, or until something is posted. Done says that the source has ended: all has been sent.
	Step() (done bool, err error)
	// Take takes a frame in. Its bytes are the caller's again when it returns.
	Take(frame []byte) error
	// Ended reports whether all that feeds the instance has ended; it has sent its own ends then.
	Ended() bool
	// Quiet sends what waits for a full batch. It is called when there is nothing to take.
	Quiet() error
	// Due is when Tick wants to be called next, by the clock that the instance was opened with.
	Due() (at time.Time, ok bool)
	Tick() error

	// Post has f called by the goroutine that is in Step, between two batches, or
	// in Rest. No more than a few may be under way. An error of f is one of Step.
	Post(f func() error)
	// Rest waits until something is posted, and does it. It is for a source that has ended.
	Rest() error
	// Halt has Step and Rest return, and nothing more of the caller's functions be called.
	Halt()

	// Counts returns what the operators of the instance have counted. Any goroutine may call it.
	Counts() []Count
	Barrier(id int64) error
	Save(id int64) (*State, error)
	Complete(id int64) error
	Close() error
}

// A Count is what one operator has counted so far.
type Count struct {
	Operator                       string
	In, Out, Failed, Late          int64
	TooLate, Unmatched, Duplicates int64 // events that were dropped
	Keys                           int64
	Watermark                      int64 // in nanoseconds since 1970
}

// Describe returns the plan of a *stream.Pipeline. It opens the sources to know their
// partitions, and closes them again. Its error names each operator that cannot be run by
// another engine, and why.
var Describe func(ctx context.Context, pipeline any, c Config) (*Plan, error)

// Open opens an instance. It is an error if the pipeline is not that of the plan.
var Open func(pipeline any, o Opening) (Instance, error)
