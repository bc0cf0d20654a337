package engine

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/internal/door"
)

// A Wire makes bytes of batches of one type, and batches of bytes. It is used by one
// goroutine.
type Wire interface {
	Append(dst []byte, p Parcel) ([]byte, error)
	// Read fills a parcel that is empty. Src is the caller's again when it returns.
	Read(src []byte, p Parcel) error
	Empty(p Parcel)
}

// A crossing is an exchange between processes, as one of them sees it.
type crossing struct {
	inputKey
	id    int   // its place in the plan's edges
	from  *Node // the stage that sends; nil until one of its places has been made
	all   bool  // each of its instances sends to all
	wire  Wire
	fresh func(to int) Parcel // makes a parcel for one instance behind it

	lanes  []*lane // into the instance that is driven, by sender; nil for one that sends it nothing
	parcel Parcel  // that comes in: there is one, as it is dealt with at once
}

// The kinds of frames.
const (
	frameBatch byte = iota
	frameWatermark
	frameIdle
	frameEnd
	framePrepared // what a sink's writer has prepared, for the committer
)

// Crosses notes how what is sent to an input of n, which begins a stage, gets from one
// process to another. Err says that it cannot.
func (pl *Place) Crosses(n *Node, input int, w Wire, err error, fresh func(to int) Parcel) {
	r := pl.run
	f := r.foreign
	if err != nil {
		r.refuse(n.Inputs[input], fmt.Sprintf("what it sends to %s cannot be stored: %v", n.Name, err))
	}
	c := f.crossing(inputKey{n, input})
	c.wire, c.fresh = w, fresh
}

// crossing returns that of an input.
func (f *foreign) crossing(key inputKey) *crossing {
	for _, c := range f.crossings {
		if c.inputKey == key {
			return c
		}
	}
	c := &crossing{inputKey: key, id: len(f.crossings)}
	f.crossings = append(f.crossings, c)
	return c
}

// known reports whether all crossings that there are stand in the job's plan, and come from where it says;
// and whether all that leads to the instance is among them.
func (f *foreign) known() bool {
	for input := range f.stage.Inputs {
		if c := f.crossing(inputKey{f.stage, input}); c.from == nil || c.fresh == nil {
			return false
		}
	}
	for i, c := range f.crossings {
		if i >= len(f.plan.Edges) || c.id >= len(f.plan.Edges) {
			return false
		}
		e := f.plan.Edges[c.id]
		if e.To != c.n.ID || e.Input != c.input || c.from != nil && (e.From != c.from.ID || e.All != c.all) {
			return false
		}
	}
	return true
}

// leads returns lanes that lead into ports in other processes.
func (f *foreign) leads(pl *Place, ports []*Port, only int) *Lanes {
	c := f.crossing(ports[0].inputKey)
	c.from, c.all = pl.task.stage, only < 0
	s := &Lanes{task: pl.task}
	out := &outbound{f: f, crossing: c, sender: pl.Index}
	for i := range ports {
		if only < 0 || i == only {
			s.all = append(s.all, newSender(&lane{leaves: out, to: i}))
		}
	}
	pl.task.flushers = append(pl.task.flushers, s.flush)
	return s
}

// An outbound is where what an instance sends over one crossing leaves the process.
type outbound struct {
	f *foreign
	*crossing
	sender int
	buf    []byte
}

var errNoNews = errors.New("stream: a control is to be sent to another process that cannot be sent: this is a mistake of the library, please report it")

// send sends a message. The parcel in it is empty when it returns.
func (x *outbound) send(m message, to int) error {
	x.buf = appendFrame(x.buf[:0], x.id, x.sender)
	if m.batch != nil {
		var err error
		x.buf, err = x.wire.Append(append(x.buf, frameBatch), m.batch)
		if err != nil {
			return &OperatorError{Operator: x.n.Inputs[x.input].Name, Err: fmt.Errorf("what it sends to %s: %w", x.n.Name, err)}
		}
		x.wire.Empty(m.batch)
		return x.f.out.Send(x.id, to, x.buf)
	}
	advances := false
	switch m.ctl.Kind {
	case Watermark, Came:
		advances = m.ctl.Kind == Watermark
		x.buf = binary.LittleEndian.AppendUint64(append(x.buf, frameWatermark), uint64(m.ctl.Watermark))
	case Idle:
		x.buf = append(x.buf, frameIdle)
	case End:
		x.buf = append(x.buf, frameEnd)
	case Barrier: // which the engine sends in its own way
		return nil
	default:
		return errNoNews
	}
	if err := x.f.out.Send(x.id, to, x.buf); err != nil || !advances || !x.f.bounded {
		return err
	}
	if o, ok := x.f.out.(door.Ordered); ok {
		return o.Advance(x.id, to, int64(m.ctl.Watermark))
	}
	return nil
}

// appendFrame appends the head of a frame.
func appendFrame(b []byte, edge, sender int) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(edge)), uint64(sender))
}

// A frame is what has come.
type frame struct {
	edge, sender int
	kind         byte
	body         []byte
}

// readFrame takes a frame apart, of which there are so many edges.
func readFrame(b []byte, edges int) (f frame, err error) {
	edge, n := binary.Uvarint(b)
	if n <= 0 || edge >= uint64(edges) {
		return f, errors.New("stream: a frame of no edge of the plan")
	}
	b = b[n:]
	sender, n := binary.Uvarint(b)
	if n <= 0 || n == len(b) || sender > 1<<30 {
		return f, fmt.Errorf("stream: a frame of edge %d is cut short", edge)
	}
	f = frame{int(edge), int(sender), b[n], b[n+1:]}
	switch {
	case f.kind == frameBatch, f.kind == framePrepared:
	case f.kind == frameWatermark && len(f.body) == 8:
	case (f.kind == frameIdle || f.kind == frameEnd) && len(f.body) == 0:
	default:
		return f, fmt.Errorf("stream: a frame of edge %d is of kind %d with %d bytes", edge, f.kind, len(f.body))
	}
	return f, nil
}

// control is what a frame says that is not a batch.
func (f frame) control() Control {
	switch f.kind {
	case frameWatermark:
		return Control{Kind: Watermark, Watermark: Time(binary.LittleEndian.Uint64(f.body))}
	case frameIdle:
		return Control{Kind: Idle}
	}
	return Control{Kind: End}
}

// receive makes the lanes by which an instance is fed, of all crossings that lead to it.
func (f *foreign) receive(r *Run, t *task) {
	for _, c := range f.crossings {
		if c.n != f.stage {
			continue
		}
		e := f.plan.Edges[c.id]
		for _, p := range t.entries {
			if p.inputKey != c.inputKey {
				continue
			}
			c.lanes = make([]*lane, f.plan.Stage(e.From).Instances)
			for i := range c.lanes {
				if e.Reaches(i, t.index, len(r.stages[f.stage])) {
					c.lanes[i] = p.lane(nil)
				}
			}
		}
		c.parcel = c.fresh(t.index)
	}
}

// deliver hands a frame to the instance that is driven.
func (f *foreign) deliver(b []byte) error {
	x, err := readFrame(b, len(f.crossings))
	if err != nil {
		return err
	}
	c := f.crossings[x.edge]
	if x.sender >= len(c.lanes) || c.lanes[x.sender] == nil || x.kind == framePrepared {
		return fmt.Errorf("stream: a frame of edge %d, instance %d, has come to instance %d of %s, to which it does not lead", x.edge, x.sender, f.index, f.stage.Name)
	}
	l := c.lanes[x.sender]
	if l.ended {
		return fmt.Errorf("stream: a frame of edge %d, instance %d, has come behind its end", x.edge, x.sender)
	}
	if x.kind != frameBatch {
		ctl := x.control()
		l.ended = ctl.Kind == End
		return l.control(ctl)
	}
	if err := c.wire.Read(x.body, c.parcel); err != nil {
		return fmt.Errorf("stream: a batch from %s to %s: %w", c.n.Inputs[c.input].Name, c.n.Name, err)
	}
	return c.parcel.Deliver()
}
