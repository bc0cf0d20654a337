package stream

import (
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/freshet-go/freshet/internal/engine"
)

// A Pipeline is a plan: operators and the streams between them. Building one
// starts nothing and opens nothing; Run does. A Pipeline is built by one
// goroutine and may be run once at a time.
type Pipeline struct{ plan engine.Plan }

// New returns an empty pipeline. The name stands in its logs, plans and checkpoints. It panics if the name is not UTF-8.
func New(name string) *Pipeline {
	writable("New", name)
	return &Pipeline{engine.Plan{Name: name}}
}

// writable panics if a name is not UTF-8: no checkpoint could hold it, as its manifest is JSON.
func writable(call, name string) {
	if !utf8.ValidString(name) {
		panic(fmt.Sprintf("stream: %s: the name %q is not UTF-8", call, name))
	}
}

// Name returns the name given to New.
func (p *Pipeline) Name() string { return p.plan.Name }

// A flow is an output of an operator without its type.
type flow struct {
	p          *Pipeline
	node       *engine.Node
	name       string // set where the operator has several outputs
	side       bool   // nobody has to consume it
	value, key reflect.Type
	consumed   func() int
}

// opens adds a flow to the outputs of its operator, which values and keys of some types leave by; key is nil where there are no keys. It is no method, as
// output would have that as well.
func opens(f *flow, value, key reflect.Type, consumed func() int) {
	f.value, f.key, f.consumed = value, key, consumed
	f.node.Outlets = append(f.node.Outlets, outlet{f})
}

// An outlet is a flow as the engine sees it. These are not methods of output, as Go would compile them for each type.
type outlet struct{ *flow }

func (o outlet) ConsumerCount() int               { return o.consumed() }
func (o outlet) Optional() bool                   { return o.side }
func (o outlet) Label() string                    { return o.name }
func (o outlet) Types() (value, key reflect.Type) { return o.value, o.key }

// add puts an operator into the plan.
func (p *Pipeline) add(kind string, opts []Option, inputs ...*flow) *engine.Node {
	cfg := configure(opts)
	n := &engine.Node{
		Kind: kind, Name: cfg.name, Named: cfg.name != "",
		Skips: cfg.policy == policySkip, Options: &cfg,
	}
	for _, in := range inputs {
		n.Inputs, n.Inlets = append(n.Inputs, in.node), append(n.Inlets, outlet{in})
	}
	if !n.Named {
		n.Name = p.plan.FreeName(kind)
	}
	if cfg.missing != "" {
		panic("stream: " + called(n) + ": " + cfg.missing)
	}
	refuse(n, ^taken[kind])
	if !p.plan.Add(n) {
		panic(fmt.Sprintf("stream: two operators of pipeline %q are named %q", p.plan.Name, n.Name))
	}
	return n
}

// addSource adds a source, which is asked what it says of itself.
func (p *Pipeline) addSource(src any, opts []Option) *engine.Node {
	given("From", "the Source", src)
	n := p.add("source", opts)
	if d, ok := src.(fmt.Stringer); ok {
		n.Detail = d.String()
	}
	n.IdleAfter, n.Local, n.Endless = configOf(n).idle, localOf(src), endless(src)
	return n
}

// addSink adds a sink behind a stream.
func (p *Pipeline) addSink(sink any, opts []Option, in *flow) *engine.Node {
	given("To", "the Sink", sink)
	n := p.add("sink", opts, in)
	n.Local = localOf(sink)
	return n
}

// A Stream is a handle on what an operator puts out. It holds no data. Using
// it twice fans out: each use sees every event.
type Stream[T any] struct{ out *output[T] }

// An output is where a stream begins: the operator, and who consumes it.
type output[T any] struct {
	flow
	consumers []func(*engine.Place) receiver[T]
}

func newOutput[T any](p *Pipeline, n *engine.Node) *output[T] {
	o := &output[T]{flow: flow{p: p, node: n}}
	opens(&o.flow, reflect.TypeFor[T](), nil, func() int { return len(o.consumers) })
	return o
}

// newSide is an output that nobody has to consume.
func newSide[T any](p *Pipeline, n *engine.Node, name string) *output[T] {
	o := newOutput[T](p, n)
	o.name, o.side = name, true
	return o
}

// connect makes, in one place of a run, all that consumes the output.
func (o *output[T]) connect[_ lazily](pl *engine.Place) receiver[T] {
	if len(o.consumers) == 1 {
		return o.consumers[0](pl)
	}
	f := new(fan[T])
	for _, consumer := range o.consumers {
		f.to = append(f.to, consumer(pl))
	}
	return f // of none, for a side output that nobody uses
}

// attach adds an operator of one input and one output that runs in the stage
// of its input, and says of what it puts out which partition it is from: see keepsPartition. The function makes one instance.
func attach[T, U any](s Stream[T], kind string, opts []Option, build func(op *engine.Instance, out receiver[U]) receiver[T]) Stream[U] {
	return attachDetail(s, kind, "", keepsPartition, opts, build)
}

// A provenance says what is known of the partition that an operator's results are from.
type provenance bool

const (
	keepsPartition provenance = true  // what a call of push puts out is of the partition of its batch, and nothing is put out otherwise
	losesPartition provenance = false // its Emitter does not say
)

func attachDetail[T, U any](s Stream[T], kind, detail string, from provenance, opts []Option, build func(op *engine.Instance, out receiver[U]) receiver[T]) Stream[U] {
	p := s.out.p
	n := p.add(kind, opts, &s.out.flow)
	n.Detail, n.Through = detail, from == keepsPartition
	refuse(n, optInOrder|optTimeToLive) // they are for what has keys
	out := newOutput[U](p, n)
	s.out.consumers = append(s.out.consumers, func(pl *engine.Place) receiver[T] {
		op := pl.Instance(n)
		return build(op, out.connect(pl))
	})
	bindFailures[T](p, n)
	return Stream[U]{out}
}
