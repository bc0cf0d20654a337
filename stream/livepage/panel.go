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

// A Picture is what is shown of results: a chart.Chart, say.
type Picture interface {
	SVG() []byte // an svg element
}

// A viewable is a panel whatever its values are.
type viewable interface {
	shown() shownPanel
	svg() []byte
}

// A shownPanel is what a viewer knows of a panel. It asks for the picture anew when the
// version has changed.
type shownPanel struct {
	Name    string
	Version int64
}

// Show returns a sink that shows the last values of a stream, of all shards, as a picture
// with a name. At most keep values are held. Those of one shard are in their order, and draw must
// not care for the order between shards. It is called when a viewer wants to see new values, by the
// goroutine of the viewer's request, one at a time, and must not keep the slice.
//
// It is called while the pipeline is built, once for each sink. Values that come
// again after a restart are shown again, which chart.FromPanes sees to.
//
// It panics if keep is not positive.
func (p *Page) Show[T any](name string, keep int, draw func(values []T) Picture) stream.Sink[T] {
	if keep < 1 {
		panic(fmt.Sprintf("livepage: Show(%q, %d): want to keep at least 1 value", name, keep))
	}
	s := &panel[T]{name: name, keep: keep, draw: draw}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.panels = append(p.panels, s)
	return s
}

// panel serves the picture of a panel.
func (p *Page) panel(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("number"))
	p.mu.Lock()
	panels := p.panels
	p.mu.Unlock()
	if err != nil || n < 0 || n >= len(panels) {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	// Who opens the picture by itself gets one whose styles work, and nothing else.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	_, _ = w.Write(panels[n].svg())
}

type panel[T any] struct {
	name string
	keep int
	draw func(values []T) Picture

	mu      sync.Mutex
	values  []T // up to twice as many as are kept
	version int64

	drawing sync.Mutex
	drawn   int64
	picture []byte
}

func (s *panel[T]) shown() shownPanel {
	s.mu.Lock()
	defer s.mu.Unlock()
	return shownPanel{s.name, s.version}
}

// svg draws what has changed. The pipeline goes on meanwhile.
func (s *panel[T]) svg() []byte {
	s.drawing.Lock()
	defer s.drawing.Unlock()
	s.mu.Lock()
	version := s.version
	if s.picture != nil && s.drawn == version {
		s.mu.Unlock()
		return s.picture
	}
	values := slices.Clone(s.values[max(0, len(s.values)-s.keep):])
	s.mu.Unlock()
	s.picture, s.drawn = s.draw(values).SVG(), version
	return s.picture
}

// Open returns the panel, which all instances write to.
func (s *panel[T]) Open(*stream.SinkContext) (stream.Writer[T], error) { return s, nil }

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
