package livepage

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/freshet-go/freshet/stream"
)

// A viewable is a panel whatever its values are.
type viewable interface {
	// shown says what viewers know of the panel, and which version they are promised.
	shown() shownPanel
	// content returns the promised version or a later one.
	content() (content, error)
}

// A shownPanel is what a viewer knows of a panel. It asks for the content anew when the
// version has changed.
type shownPanel struct {
	Name    string
	Kind    string // picture, plot or table
	Version int64
}

// content is what a viewer is shown of a panel.
type content struct {
	kind, policy string
	body         []byte
	wire         body // the same, as it is sent
}

// show returns a sink that keeps the last values for a panel.
func (p *Page) show[T any](kind, name string, keep int, draw func(values []T) (content, error)) stream.Sink[T] {
	if keep < 1 {
		panic(fmt.Sprintf("livepage: panel %q: to keep %d values: want at least 1", name, keep))
	}
	s := &panel[T]{name: name, kind: kind, keep: keep, draw: draw}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.panels = append(p.panels, s)
	return s
}

// panel serves the content of a panel.
func (p *Page) panel(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("number"))
	p.mu.Lock()
	panels := p.panels
	p.mu.Unlock()
	if err != nil || n < 0 || n >= len(panels) {
		http.NotFound(w, r)
		return
	}
	s, err := p.snapshot() // it promises what is newer than an interval
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if !s.over {
		p.pace.note()
	}
	c, err := panels[n].content()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", c.kind)
	if c.policy != "" {
		w.Header().Set("Content-Security-Policy", c.policy)
	}
	c.wire.answer(w, r)
}

// A panel holds the last values of a stream. Drawing it and writing to it do not wait
// for each other, but for the time that copying the values takes.
type panel[T any] struct {
	name, kind string
	keep       int
	draw       func(values []T) (content, error)

	mu       sync.Mutex
	values   []T // up to twice as many as are kept
	version  int64
	promised int64             // the last version that a viewer was told of
	hide     func(error) error // of errors, see stream.Redact; nil for none

	drawing sync.Mutex
	has     bool
	drawn   int64
	last    content
	err     error // of drawing it
}

func (s *panel[T]) shown() shownPanel {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.promised = s.version
	return shownPanel{s.name, s.kind, s.version}
}

// content draws what was promised, if that has not been done: once for each snapshot, however
// many ask.
func (s *panel[T]) content() (content, error) {
	s.drawing.Lock()
	defer s.drawing.Unlock()
	s.mu.Lock()
	if s.has && s.drawn >= s.promised {
		s.mu.Unlock()
		return s.last, s.err
	}
	version, hide := s.version, s.hide
	values := slices.Clone(s.values[max(0, len(s.values)-s.keep):])
	s.mu.Unlock()
	s.last, s.err = s.safely(values, hide)
	s.last.wire = bodyOf(s.last.body)
	s.has, s.drawn = true, version
	return s.last, s.err
}

// safely draws; a panic of the user's function is an error. It may show a value, and viewers see it.
func (s *panel[T]) safely(values []T, hide func(error) error) (c content, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
		if err != nil && hide != nil {
			err = hide(err)
		}
		if err != nil {
			err = fmt.Errorf("livepage: panel %q cannot be drawn: %w", s.name, err)
		}
	}()
	return s.draw(values)
}

// Local is stream.Local's.
func (s *panel[T]) Local() string { return "one process shows its page" }

// Open returns the panel, which all instances write to.
func (s *panel[T]) Open(c *stream.SinkContext) (stream.Writer[T], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hide = c.Hide
	return s, nil
}

func (s *panel[T]) Write(_ context.Context, b *stream.Batch[T]) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range b.All() {
		if len(s.values) >= 2*s.keep {
			n := copy(s.values, s.values[len(s.values)-s.keep:])
			clear(s.values[n:])
			s.values = s.values[:n]
		}
		s.values = append(s.values, v)
	}
	s.version++
	return nil
}

func (s *panel[T]) Flush(context.Context) error { return nil }
func (s *panel[T]) Close() error                { return nil }
