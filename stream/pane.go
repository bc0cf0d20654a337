package stream

import (
	"cmp"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/window"
)

// A Pane is one emission of a window's result. A window emits one pane when
// the watermark passes its end, and more where its triggers say so.
type Pane[K comparable, R any] struct {
	Key    K         `json:"key" csv:"key"`
	Start  time.Time `json:"start" csv:"start"` // the window is [Start, End), in UTC
	End    time.Time `json:"end" csv:"end"`
	Timing Timing    `json:"timing" csv:"timing" table:"-"`
	Index  int       `json:"index" csv:"index" table:"-"` // how many panes of this window came before it
	Value  R         `json:"value" csv:"value"`
}

// Timing says when a pane was emitted, seen from the watermark.
type Timing uint8

const (
	Early  = Timing(panes.Early)  // before the watermark had passed the window's end
	OnTime = Timing(panes.OnTime) // when it passed
	Late   = Timing(panes.Late)   // after it: a late event has refined the result
)

func (t Timing) String() string {
	switch t {
	case Early:
		return "early"
	case OnTime:
		return "on time"
	}
	return "late"
}

// MarshalText writes the timing as String does.
func (t Timing) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what MarshalText has written.
func (t *Timing) UnmarshalText(text []byte) error {
	for x := Early; x <= Late; x++ {
		if x.String() == string(text) {
			*t = x
			return nil
		}
	}
	return fmt.Errorf("stream: %q is no timing of a pane", text)
}

// All is the key of a stream that is windowed without a key.
type All struct{}

// MarshalText writes nothing.
func (All) MarshalText() ([]byte, error) { return nil, nil }

// UnmarshalText reads nothing.
func (*All) UnmarshalText([]byte) error { return nil }

// panel turns panes of accumulators into panes of results, and emits them.
type panel[K comparable, A, R any] struct {
	results[K, A, R]
	out *Emitter[Pane[K, R]]
	err error // of a result that failed

	window     window.Window // of the last pane, and its ends
	start, end time.Time
}

// results make the result of a window.
type results[K comparable, A, R any] interface {
	result(*panes.Pane[K, A]) (R, error)
	// reject deals with a pane that has no result, for a cause.
	reject(x *panes.Pane[K, A], cause error) error
	settle() error
	control(control) error
}

func (p *panel[K, A, R]) emit(x *panes.Pane[K, A]) {
	if x.Window != p.window {
		p.window, p.start, p.end = x.Window, x.Window.Start.Std(), x.Window.End.Std()
	}
	r, cause := p.result(x)
	if cause != nil {
		p.err = cmp.Or(p.err, p.reject(x, cause))
		return
	}
	p.out.emit(Pane[K, R]{x.Key, p.start, p.end, Timing(x.Timing), x.Index, r}, x.Stamp, x.Hash>>(64-seqBits)|1)
}

// flush passes on the panes that have gathered.
func (p *panel[K, A, R]) flush() error {
	if p.err != nil {
		return p.err
	}
	if err := p.settle(); err != nil {
		return err
	}
	return p.out.flush()
}

// pass passes a control on.
func (p *panel[K, A, R]) pass(c control) error {
	if err := p.control(c); err != nil {
		return err
	}
	return p.out.out.control(c)
}

// paneOf returns a pane without its value.
func paneOf[K comparable, R, A any](x *panes.Pane[K, A]) Pane[K, R] {
	return Pane[K, R]{
		Key: x.Key, Start: x.Window.Start.Std(), End: x.Window.End.Std(),
		Timing: Timing(x.Timing), Index: x.Index,
	}
}

// whereOf names a pane in errors.
func whereOf[K comparable, A any](x *panes.Pane[K, A]) string {
	return fmt.Sprintf("key %v, window %v to %v", x.Key, x.Window.Start, x.Window.End)
}
