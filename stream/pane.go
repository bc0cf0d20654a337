package stream

import (
	"fmt"
	"reflect"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"

	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/window"
)

// A Pane is one emission of a window's result. A window emits one pane when
// the watermark passes its end, and more where its triggers say so.
type Pane[K comparable, R any] struct {
	Key    K         `json:"key" csv:"key"`
	Start  time.Time `json:"start" csv:"start"` // the window is [Start, End), in UTC; both are zero where events have no event times
	End    time.Time `json:"end" csv:"end"`
	Timing Timing    `json:"timing" csv:"timing" table:"-"`
	Index  int       `json:"index" csv:"index" table:"-"` // how many panes of this window came before it
	Value  R         `json:"value" csv:"value"`

	// Replaces are the windows of earlier panes of this key that this pane takes
	// the place of: a session that has grown, or that several have become. Who
	// keeps panes by key and window removes those. The pane of the same window
	// that came before is not among them. Nil for windows that are no sessions,
	// and where panes discard.
	Replaces []Span `json:"replaces,omitempty" csv:"-" table:"-"`
}

// A Span is the time from Start on and before End, in UTC.
type Span struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
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

// NoKey is the key of a stream that has none.
type NoKey struct{}

// MarshalText writes nothing.
func (NoKey) MarshalText() ([]byte, error) { return nil, nil }

// UnmarshalText reads nothing.
func (*NoKey) UnmarshalText([]byte) error { return nil }

// panel turns panes of accumulators into panes of results, and emits them.
type panel[K comparable, A, R any] struct {
	results[K, A, R]
	out *Emitter[Pane[K, R]]
	err error // of a result that failed

	window     window.Window // of the last pane, and its ends
	start, end time.Time
}

func (p *panel[K, A, R]) emit[_ lazily](x *panes.Pane[K, A]) {
	if p.out.op.Halted() {
		p.fails(engine.ErrStopped)
		return
	}
	if x.Window != p.window {
		p.window = x.Window
		p.start, p.end = boundsOf(x.Frame)
	}
	r, cause := p.result(x)
	if cause != nil {
		p.fails(p.reject(x, cause))
		return
	}
	p.out.emit(Pane[K, R]{x.Key, p.start, p.end, Timing(x.Timing), x.Index, r, spansOf(x.Replaces)}, x.Stamp, paneSeq(x.Hash))
}

// fails notes the first error.
func (p *panel[K, A, R]) fails[_ lazily](err error) {
	if p.err == nil {
		p.err = err
	}
}

func init() { state.Unchanging(reflect.TypeFor[[]Span]()) }

// spansOf returns windows as panes show them.
func spansOf(ws []window.Window) (spans []Span) {
	for _, w := range ws {
		spans = append(spans, Span{w.Start.Std(), w.End.Std()})
	}
	return spans
}

// paneSeq is the place of a pane in the order of events: by key.
func paneSeq(hash uint64) uint64 { return hash>>(64-engine.SeqBits) | 1 }

// flush passes on the panes that have gathered.
func (p *panel[K, A, R]) flush[_ lazily]() error {
	if p.err != nil {
		return p.err
	}
	if err := p.settle(); err != nil {
		return err
	}
	return p.out.flush()
}

// pass passes a control on.
func (p *panel[K, A, R]) pass[_ lazily](c engine.Control) error {
	return p.out.op.Pass(c, p.out.out)
}

// paneOf returns a pane of a value.
func paneOf[K comparable, R any](f *panes.Frame, key K, value R) Pane[K, R] {
	start, end := boundsOf(f)
	return Pane[K, R]{
		Key: key, Start: start, End: end,
		Timing: Timing(f.Timing), Index: f.Index, Value: value, Replaces: spansOf(f.Replaces),
	}
}

// boundsOf returns the ends of a window. Windows of a number of events that
// have no event times have none.
func boundsOf(f *panes.Frame) (start, end time.Time) {
	if f.Stamp == engine.MinTime {
		return time.Time{}, time.Time{}
	}
	return f.Window.Start.Std(), f.Window.End.Std()
}

// whereOf names a pane in errors.
func whereOf(op *engine.Instance, f *panes.Frame, key any) string {
	if op.Redacts() {
		return fmt.Sprintf("window %v to %v", f.Window.Start, f.Window.End)
	}
	return fmt.Sprintf("key %v, window %v to %v", key, f.Window.Start, f.Window.End)
}
