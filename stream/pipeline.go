package stream

import (
	"fmt"
	"sync"
	"time"
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

	keyed  bool // its input is parted by key: with several shards it begins a stage
	single bool // one instance sees everything: with several instances upstream it begins a stage
	spread bool // it begins a stage of one instance a shard in any case

	outlets []outlet
	source  openSource // of a source
	build   func(*run) // makes the instances of a source

	committer openCommitter // of a transactional sink
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
	n.name = cfg.name
	if n.name == "" {
		n.name = p.freeName(kind)
	}
	for _, other := range p.nodes {
		if other.name == n.name {
			panic(fmt.Sprintf("stream: two operators of pipeline %q are named %q", p.name, n.name))
		}
	}
	p.nodes = append(p.nodes, n)
	return n
}

// freeName derives a name from the operator's place among its kind.
func (p *Pipeline) freeName(kind string) string {
	count := 1
	for _, n := range p.nodes {
		if n.kind == kind {
			count++
		}
	}
	if count == 1 {
		return kind
	}
	return fmt.Sprintf("%s-%d", kind, count)
}

// An Option sets what every operator has: its name, and what becomes of the
// events that its function fails on.
type Option func(*config)

type config struct {
	name   string
	policy policy
	divert diversion // *Failures[T] of the operator's input type

	ordered bool          // of a keyed operator: see InOrder
	ttl     time.Duration // see TimeToLive
}

// Name names an operator. Names are unique in a pipeline; logs, errors,
// statistics and plans show them, and state is found by them. The default is
// the operator's kind, numbered where there are several.
func Name(name string) Option { return func(c *config) { c.name = name } }

func configure(opts []Option) config {
	var c config
	for _, o := range opts {
		o(&c)
	}
	return c
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
	out := newOutput[U](p, n)
	s.out.consumers = append(s.out.consumers, func(pl *place) receiver[T] {
		op := pl.instance(n)
		return build(op, out.connect(pl))
	})
	bindFailures[T](p, n)
	return Stream[U]{out}
}
