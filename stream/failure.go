package stream

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
)

// policy says what becomes of an event that an operator's function fails on.
type policy uint8

const (
	policyFail policy = iota
	policySkip
	policyDivert
)

// SkipFailures makes an operator leave out the events that its function fails
// or panics on, and count them as failed. The default is to stop the run.
func SkipFailures() Option {
	return option(func(c *config) {
		c.policy, c.divert, c.diverts = policySkip, nil, nil
		c.given = c.given&^optDivert | optSkip
	})
}

// Divert makes an operator send the events that its function fails or panics
// on to a stream of their own, a dead-letter stream, with the cause:
//
//	var bad stream.Failures[Order]
//	priced := orders.Map(price, stream.Divert(&bad))
//	bad.Stream().To(deadLetters)
//
// T is the type of the operator's input; for a source it is []byte, the
// record as it stood. Connect takes one for each of its inputs, told apart by their
// types; one takes the failures of both where both have its type. It panics, when the operator is added, if T is another
// type or if to is in use already. Where nothing consumes to.Stream(), the
// first failure stops the run.
func Divert[T any](to *Failures[T]) Option {
	if to == nil {
		panic("stream: Divert: the Failures are nil")
	}
	return option(func(c *config) {
		c.policy, c.divert, c.diverts = policyDivert, to, append(c.diverts, to)
		c.given = c.given&^optSkip | optDivert
	})
}

// A Failed is an event that an operator's function failed on. In JSON its Err is
// the text of the error or null, and its Time null where it has none.
type Failed[T any] struct {
	Value    T
	Time     Time   // the event's time; window.MinTime if it has none
	Operator string // the operator that failed
	Position string // where the event came from: "orders.jsonl line 7 byte 812"
	Err      error  // why; a *PanicError if the function panicked
}

// failedJSON is the form of a Failed in JSON. It has no type parameter, so that it is
// compiled once.
type failedJSON struct {
	Value    any // the address of it
	Time     *Time
	Operator string
	Position string
	Err      *string
}

// MarshalJSONTo writes f under the options of out.
func (f Failed[T]) MarshalJSONTo(out *jsontext.Encoder) error {
	return failedJSON{Value: &f.Value, Time: &f.Time, Operator: f.Operator, Position: f.Position}.write(out, f.Err)
}

func (j failedJSON) write(out *jsontext.Encoder, cause error) error {
	if *j.Time == engine.MinTime {
		j.Time = nil
	}
	if cause != nil {
		text := cause.Error()
		j.Err = &text
	}
	return json.MarshalEncode(out, &j)
}

// UnmarshalJSONFrom reads what MarshalJSONTo writes. The Err that it makes has
// the text of the one that there was, and is of no other type.
func (f *Failed[T]) UnmarshalJSONFrom(in *jsontext.Decoder) (err error) {
	*f = Failed[T]{}
	f.Time = engine.MinTime
	j := failedJSON{Value: &f.Value, Time: &f.Time}
	f.Err, err = j.read(in)
	f.Operator, f.Position = j.Operator, j.Position
	return err
}

func (j *failedJSON) read(in *jsontext.Decoder) (cause, err error) {
	err = json.UnmarshalDecode(in, j)
	if j.Err != nil {
		cause = errors.New(*j.Err)
	}
	return cause, err
}

// Failures is a stream of the events that an operator failed on. The zero
// value is ready to be handed to Divert, once.
type Failures[T any] struct{ out *output[Failed[T]] }

// Stream returns the stream of failures. It panics if no operator diverts to f.
func (f *Failures[T]) Stream() Stream[Failed[T]] {
	if f.out == nil {
		panic("stream: Failures.Stream before an operator diverts to it")
	}
	return Stream[Failed[T]]{f.out}
}

// A diversion is a *Failures of any type: the operators that fail cannot name
// it, as a stream of T would then mention one of Failed[T], and that another.
type diversion interface {
	bind(p *Pipeline, n *engine.Node, input reflect.Type)
	takes(input reflect.Type) bool
	used(by reflect.Type) bool
	open(op *engine.Instance) deadLetters
}

// bindFailures connects the Failures that an operator with input type T was
// configured with.
func bindFailures[T any](p *Pipeline, n *engine.Node) {
	if configOf(n).divert != nil {
		configOf(n).divert.bind(p, n, reflect.TypeFor[T]())
	}
}

// bindOwn connects what an operator of the caller's own puts out besides its results.
func bindOwn[T any](p *Pipeline, n *engine.Node) {
	bindFailures[T](p, n)
	bindSides(p, n)
}

func (f *Failures[T]) bind(p *Pipeline, n *engine.Node, input reflect.Type) {
	if !f.takes(input) {
		panic(fmt.Sprintf("stream: %s takes %v: it cannot divert to Failures[%v]", n.Name, input, reflect.TypeFor[T]()))
	}
	if f.out != nil {
		panic(fmt.Sprintf("stream: %s and %s divert to the same Failures", f.out.node.Name, n.Name))
	}
	f.out = newSide[Failed[T]](p, n, "failures")
}

// takes reports whether the failures are of events of a type.
func (f *Failures[T]) takes(input reflect.Type) bool { return input == reflect.TypeFor[T]() }

// used reports whether somebody consumes the failures, and they are of events
// of the type by.
func (f *Failures[T]) used(by reflect.Type) bool {
	return len(f.out.consumers) > 0 && by == reflect.TypeFor[T]()
}

// guarded calls f and returns what it panics with as the cause.
func guarded[T, U any](f func(T) U, v *T) (u U, cause error) {
	defer engine.Rescue(&cause)
	return f(*v), nil
}

// A guard is the part of an operator's instance that decides what becomes of
// events that its function failed on.
type guard[T any] struct {
	op   *engine.Instance
	bad  deadLetters // where failures are diverted to, if they are
	lost []int32     // which events of the batch at hand have failed
	side string      // of an operator with two inputs, which one: "left side"
}

func newGuard[T any](op *engine.Instance) guard[T] {
	return guard[T]{op: op, bad: diverted(op, configOf(op.Node).divert, reflect.TypeFor[T]())}
}

// diverted opens what failures of events of a type are diverted to; nil if nobody
// consumes it.
func diverted(op *engine.Instance, to diversion, of reflect.Type) deadLetters {
	if to == nil || !to.used(of) {
		return nil
	}
	bad := to.open(op)
	op.Side(bad.Control)
	return bad
}

// spans works through a batch. Span takes its events from the k-th one on, and
// returns which one the operator's function failed on, and the cause; span is
// called again for those behind it. Spans returns an error if the run has to
// stop.
func (g *guard[T]) spans[_ lazily](b *Batch[T], span func(k int) (at int, cause error)) error {
	g.lost = g.lost[:0]
	for k, n := 0, b.Len(); k < n; k++ {
		at, cause := span(k)
		if cause == nil {
			break
		}
		g.lost = append(g.lost, int32(at))
		if err := g.failed(b, b.head.at(at), cause); err != nil {
			return err
		}
		k = at
	}
	return g.settle()
}

// each calls f for each row of a batch, one after another, and deals with those
// that it fails on. An operator whose loop has to cost no more than one by hand
// has a span of its own.
func (g *guard[T]) each[_ lazily](b *Batch[T], f func(row int) error) error {
	return g.spans(b, func(k int) (int, error) { return rowsFrom(g.op, &b.head, k, b.Len(), f) })
}

// rowsFrom calls f for the rows from the k-th one to the n-th.
func rowsFrom(op *engine.Instance, h *header, k, n int, f func(row int) error) (at int, cause error) {
	defer engine.Rescue(&cause)
	for ; k < n; k++ {
		at = k
		if op.Halted() {
			return k, engine.ErrStopped
		}
		if err := f(h.at(k)); err != nil {
			return k, err
		}
	}
	return n, nil
}

// failed deals with a row that the operator's function failed on, and returns
// an error if the run has to stop.
func (g *guard[T]) failed[_ lazily](b *Batch[T], row int, cause error) error {
	return g.rejectOf(b.values[row], b.Time(row), &b.head, row, positionOf(g.op, &b.head, row, g.side), cause)
}

// reject is failed of what is no row of a batch.
func (g *guard[T]) reject[_ lazily](v T, at Time, position string, cause error) error {
	return g.rejectOf(v, at, nil, -1, position, cause)
}

func (g *guard[T]) rejectOf[_ lazily](v T, at Time, of *header, row int, position string, cause error) error {
	err, exited := g.op.Refuse(position, cause)
	if err != nil && g.bad != nil && !exited {
		g.bad.put(v, at, of, row, position, g.op.Hide(cause))
		return nil
	}
	return err
}

// positionOf is the position of a row of an input, which may be one side of two.
func positionOf(op *engine.Instance, h *header, row int, side string) string {
	return sidePosition(side, op.Position(h.seqOf(row), h.timeOf(row)))
}

// sidePosition is the position of an event of an operator with two inputs.
func sidePosition(side, position string) string {
	switch "" {
	case side:
		return position
	case position:
		return side
	}
	return side + ", " + position
}

// settle passes on the failures of the batch that was just worked on.
func (g *guard[T]) settle() error {
	if g.bad == nil {
		return nil
	}
	return g.bad.flush()
}
