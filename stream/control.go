package stream

import "github.com/freshet-go/freshet/window"

// A control travels in the stream, in order with the data.
type control struct {
	kind      controlKind
	watermark Time  // of ctlWatermark
	id        int64 // of ctlBarrier: the checkpoint's
}

type controlKind uint8

const (
	ctlWatermark controlKind = iota // no event before watermark follows
	ctlIdle                         // nothing comes for now: do not wait for this input's watermark
	ctlEnd                          // nothing follows at all
	ctlBarrier                      // what comes before belongs to the checkpoint, what follows does not
)

// A receiver takes what an operator upstream puts out. It is called by one
// goroutine, that of its stage.
type receiver[T any] interface {
	push(*Batch[T]) error
	control(control) error
}

// A keyedReceiver is a receiver of events with keys.
type keyedReceiver[K comparable, T any] interface {
	pushKeyed(*KeyedBatch[K, T]) error
	control(control) error
}

// A fan passes everything on to several receivers, which only read what they
// are handed and so can share it.
type fan[T any] []receiver[T]

func (f fan[T]) push(b *Batch[T]) error {
	for _, r := range f {
		if err := r.push(b); err != nil {
			return err
		}
	}
	return nil
}

func (f fan[T]) control(c control) error {
	for _, r := range f {
		if err := r.control(c); err != nil {
			return err
		}
	}
	return nil
}

// progress merges the watermarks of several inputs: their minimum, idle ones
// left out.
type progress struct {
	inputs []inputProgress
	out    Time // what has been passed on
	idle   bool
	live   int
}

type inputProgress struct {
	watermark  Time
	barrier    int64 // of the last checkpoint that it has come to
	idle, done bool
	mute       bool // it has no say in time
}

func newProgress(n int) *progress {
	p := &progress{inputs: make([]inputProgress, n), out: window.MinTime, live: n}
	for i := range p.inputs {
		p.inputs[i].watermark = window.MinTime
	}
	return p
}

func (p *progress) grow() int {
	p.inputs = append(p.inputs, inputProgress{watermark: window.MinTime})
	p.live++
	return len(p.inputs) - 1
}

// take notes control c of an input, and returns what it means for the whole.
func (p *progress) take(input int, c control) (out control, changed bool) {
	in := &p.inputs[input]
	switch c.kind {
	case ctlWatermark:
		in.watermark, in.idle = max(in.watermark, c.watermark), false
	case ctlIdle:
		in.idle = true
	case ctlBarrier:
		in.barrier = c.id
		for i := range p.inputs {
			if in := &p.inputs[i]; !in.done && in.barrier < c.id {
				return control{}, false
			}
		}
		return c, true
	case ctlEnd:
		if !in.done {
			in.done = true
			p.live--
		}
		if p.live == 0 {
			return c, true
		}
	}
	low, active := p.low()
	if !active {
		if p.live == 0 || p.idle {
			return control{}, false
		}
		for i := range p.inputs {
			if in := &p.inputs[i]; !in.done {
				p.idle = true
				return control{kind: ctlIdle}, true
			}
		}
		return control{}, false
	}
	if low > p.out || p.idle {
		p.idle, p.out = false, max(low, p.out)
		return control{kind: ctlWatermark, watermark: p.out}, true
	}
	return control{}, false
}

// low returns the least watermark of the inputs that are not idle, and whether
// there is one to go by. An input that has come to its end has said so with the
// last of all watermarks, and is nothing to go by while others are idle: they may
// go on. One that was stopped short of its end holds back what is open, which a
// later run goes on with.
func (p *progress) low() (low Time, active bool) {
	low, idle := window.MaxTime, false
	for i := range p.inputs {
		in := &p.inputs[i]
		if in.mute || in.idle {
			idle = idle || !in.mute && in.watermark < window.MaxTime
			continue
		}
		low, active = min(low, in.watermark), active || !in.done
	}
	return low, active && (low < window.MaxTime || !idle)
}
