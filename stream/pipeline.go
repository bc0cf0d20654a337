package stream

import (
	"fmt"
	"sync"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A Pipeline is a plan: operators and the streams between them. Building one
// starts nothing and opens nothing; Run does. A Pipeline is built by one
// goroutine and may be run once at a time.
type Pipeline struct {
	name  string
	nodes []*node

	mu  sync.Mutex
	run *run // the run under way, or the last one
}

// New returns an empty pipeline. The name stands in its logs and plans.
func New(name string) *Pipeline { return &Pipeline{name: name} }

// Name returns the name given to New.
func (p *Pipeline) Name() string { return p.name }

// A node is one operator of the plan.
type node struct {
	id     int
	kind   string // what it is: "filter", "window"
	name   string // what it is called: unique in the pipeline
	detail string // what it is set to: "tumbling 1m0s"
	inputs []*node
	cfg    config

	settings []checkpoint.Setting // that its state depends on

	needs [2]timeNeed // for each input, whether its events have to have event times
	mute  bool        // its right input has no say in the watermark

	keyed  bool // its input is parted by key: with several shards it begins a stage
	parts  bool // its output is parted by key: one keyed operator behind it needs no exchange
	single bool // one instance sees everything: with several instances upstream it begins a stage
	spread bool // it begins a stage of one instance a shard in any case

	outlets []outlet
	source  openSource // of a source
	build   func(*run) // makes the instances of a source

	committer openCommitter // of a transactional sink
	diverts   func() bool   // whether somebody consumes the failures of one
}

// behind reports whether an operator of a kind stands before n.
func (n *node) behind(kind string) bool {
	for _, in := range n.inputs {
		if in.kind == kind || in.behind(kind) {
			return true
		}
	}
	return false
}

// An outlet is an output of a node, without its type.
type outlet interface {
	consumerCount() int
	optional() bool
	label() string
}

// add puts a node into the plan.
func (p *Pipeline) add(kind string, cfg config, inputs ...*node) *node {
	n := &node{id: len(p.nodes), kind: kind, inputs: inputs, cfg: cfg}
	if n.name = cfg.name; n.name == "" {
		n.name = p.freeName(kind)
	}
	if cfg.missing != "" {
		panic("stream: " + n.called() + ": " + cfg.missing)
	}
	n.refuse(^taken[kind])
	other := p.named(n.name)
	if other != nil && other.cfg.name != "" {
		panic(fmt.Sprintf("stream: two operators of pipeline %q are named %q", p.name, n.name))
	}
	p.nodes = append(p.nodes, n)
	if other != nil { // nobody gave it that name
		other.name = p.freeName(other.kind)
	}
	return n
}

// named returns the operator of a name, or nil.
func (p *Pipeline) named(name string) *node {
	for _, n := range p.nodes {
		if n.name == name {
			return n
		}
	}
	return nil
}

// freeName derives a name from the operator's place among its kind. Names that
// are taken are passed over.
func (p *Pipeline) freeName(kind string) string {
	count := 1
	for _, n := range p.nodes {
		if n.kind == kind {
			count++
		}
	}
	for ; ; count++ {
		name := kind
		if count > 1 {
			name = fmt.Sprintf("%s-%d", kind, count)
		}
		if p.named(name) == nil {
			return name
		}
	}
}

// A Stream is a handle on what an operator puts out. It holds no data. Using
// it twice fans out: each use sees every event.
type Stream[T any] struct{ out *output[T] }

// An output is where a stream begins: the operator, and who consumes it.
type output[T any] struct {
	p         *Pipeline
	node      *node
	name      string // set where the operator has several outputs
	side      bool   // nobody has to consume it
	consumers []func(*place) receiver[T]
}

func newOutput[T any](p *Pipeline, n *node) *output[T] {
	o := &output[T]{p: p, node: n}
	n.outlets = append(n.outlets, o)
	return o
}

// newSide is an output that nobody has to consume.
func newSide[T any](p *Pipeline, n *node, name string) *output[T] {
	o := &output[T]{p: p, node: n, name: name, side: true}
	n.outlets = append(n.outlets, o)
	return o
}

func (o *output[T]) consumerCount() int { return len(o.consumers) }
func (o *output[T]) optional() bool     { return o.side }
func (o *output[T]) label() string      { return o.name }

// connect makes, in one place of a run, all that consumes the output.
func (o *output[T]) connect(pl *place) receiver[T] {
	if len(o.consumers) == 1 {
		return o.consumers[0](pl)
	}
	var f fan[T]
	for _, consumer := range o.consumers {
		f = append(f, consumer(pl))
	}
	return f // of none, for a side output that nobody uses
}

// attach adds an operator of one input and one output that runs in the stage
// of its input. The function makes one instance.
func attach[T, U any](s Stream[T], kind string, opts []Option, build func(op *instance, out receiver[U]) receiver[T]) Stream[U] {
	return attachDetail(s, kind, "", opts, build)
}

func attachDetail[T, U any](s Stream[T], kind, detail string, opts []Option, build func(op *instance, out receiver[U]) receiver[T]) Stream[U] {
	p := s.out.p
	n := p.add(kind, configure(opts), s.out.node)
	n.detail = detail
	n.refuse(optInOrder | optTimeToLive) // they are for what has keys
	out := newOutput[U](p, n)
	s.out.consumers = append(s.out.consumers, func(pl *place) receiver[T] {
		op := pl.instance(n)
		return build(op, out.connect(pl))
	})
	bindFailures[T](p, n)
	return Stream[U]{out}
}
