package stream

import (
	"time"

	"github.com/freshet-go/freshet/internal/engine"
)

// hooks calls what a processor offers besides Process.
type hooks[U any] struct {
	op       *engine.Instance
	out      *Emitter[U]
	advancer Advancer[U]
	ticker   Ticker[U]
	finisher Finisher[U]
	final    bool          // the watermark has reached the end of time
	delay    time.Duration // how far behind the watermark what it puts out may be
	at       string        // what is at hand, to be named in an error: a side of an operator with two inputs
	besides
}

// besides is what an operator puts out besides its results.
type besides struct {
	held     *holdings      // nil in operators of ours
	emitters []inheritor    // of side outputs
	flushers []func() error // of them, and of failures: called behind each call of the operator
}

// An inheritor is an Emitter of any type.
type inheritor interface {
	inherit(born int64, part *engine.Partition)
	takePlace(place uint64)
}

// inherit notes when the events were read that are about to be worked on, or the
// batch that moved the watermark.
func (h *hooks[U]) inherit(born int64) {
	h.out.inherit(born, nil)
	for _, e := range h.emitters {
		e.inherit(born, nil)
	}
}

// A Delayer puts out events that are behind the watermark, by up to Delay: what
// follows it is told a watermark that is late by as much. It is asked once, when the
// run starts.
type Delayer interface{ Delay() time.Duration }

// A reacher may come less far than Advance tells it, in a run that was told to
// stop: see line.
type reacher interface{ reached() Time }

// begin takes the processor that was made for c.
func (h *hooks[U]) begin[_ lazily](c *OperatorContext, p any) error {
	if f := c.held.timing; f != nil {
		f.flush, f.failed, f.born = h.flush, func() error { return h.out.err }, h.inherit
	}
	if err := c.held.begin(p); err != nil {
		return err
	}
	h.bind(p)
	return nil
}

func (h *hooks[U]) bind[_ lazily](p any) {
	h.advancer, _ = p.(Advancer[U])
	h.finisher, _ = p.(Finisher[U])
	if d, ok := p.(Delayer); ok {
		h.delay = max(d.Delay(), 0)
	}
	if h.ticker, _ = p.(Ticker[U]); h.ticker != nil {
		h.op.NeedsClock("its Tick is called by the clock")
		h.op.Wake(h)
	}
	if c, ok := p.(interface{ Close() error }); ok {
		h.op.OnClose(c.Close)
	}
}

func (h *hooks[U]) Control(c engine.Control) error {
	switch {
	case c.Kind == engine.Watermark:
		h.inherit(c.Born)
		wm, err := h.advance(c.Watermark)
		if err != nil {
			return err
		}
		h.op.Advance(wm)
		if h.final = wm == engine.MaxTime; !h.final {
			wm = shift(wm, -h.delay)
		}
		c.Watermark = wm
	case c.Kind == engine.End && h.final && h.finisher != nil && h.op.Begins < engine.MaxTime:
		h.inherit(c.Born)
		if err := h.call(func() error { return h.finisher.Finish(h.out) }); err != nil {
			return err
		}
	}
	return h.op.Pass(c, h.out.out)
}

// advance has timers fire and tells the processor the watermark. It returns how far it
// reaches.
func (h *hooks[U]) advance[_ lazily](wm Time) (_ Time, err error) {
	if h.held != nil {
		if wm, err = h.held.advance(wm); err != nil {
			return wm, err
		}
	}
	switch {
	case h.advancer != nil && wm > h.op.Begins:
		err = h.call(func() error { return h.advancer.Advance(wm, h.out) })
	case h.held != nil && h.held.timing != nil:
		err = h.flush()
	}
	if r, ok := h.advancer.(reacher); ok {
		wm = min(wm, r.reached())
	}
	return wm, err
}

func (h *hooks[U]) Due() (time.Time, bool) { return h.ticker.Wake() }

// Tick has what it puts out begin now: the time on the clock is its cause.
func (h *hooks[U]) Tick(now time.Time) error {
	h.inherit(h.op.Nanos())
	return h.call(func() error { return h.ticker.Tick(now, h.out) })
}

func (h *hooks[U]) call[_ lazily](f func() error) error {
	if h.op.Halted() {
		return engine.ErrStopped
	}
	h.op.Enter()
	err := func() (err error) {
		defer engine.Rescue(&err)
		return f()
	}()
	if err != nil {
		return h.failed(err)
	}
	return h.flush()
}

// failed is the error of a call: what was put out may have failed before it.
func (h *hooks[U]) failed[_ lazily](err error) error {
	if h.out.err != nil {
		return h.out.err
	}
	err = h.op.Failure(err)
	if e, ok := err.(*engine.OperatorError); ok && e.Position == "" {
		e.Position = h.at
	}
	return err
}

// flush passes on what a call has put out.
func (h *hooks[U]) flush() error {
	for _, f := range h.flushers {
		if err := f(); err != nil {
			return err
		}
	}
	if h.held != nil {
		h.held.count()
	}
	return h.out.flush()
}
