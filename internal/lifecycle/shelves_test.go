package lifecycle_test

import (
	"context"
	"io"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
)

type (
	parts = stream.Partitions[int64]
	watch = func(context.Context, *parts) error
)

// Shelves are a source whose partitions come and go, as a test says.
type shelves struct {
	first   []*shelf
	watch   watch
	offsets *map[string]string // what Open was told
}

func (s shelves) Open(c *stream.SourceContext) (all []stream.Reader[int64], err error) {
	if s.offsets != nil {
		*s.offsets = c.Offsets
	}
	for _, r := range s.first {
		all = append(all, r)
	}
	stream.Discover(c, s.watch)
	return all, nil
}

// A shelf is a partition of numbers, which are milliseconds when they are times.
type shelf struct {
	name   string
	closed chan struct{}

	mu        sync.Mutex
	rows      []int64
	next      int
	ends      bool
	committed string
}

func newShelf(name string, rows ...int64) *shelf {
	return &shelf{name: name, rows: rows, closed: make(chan struct{})}
}

func fullShelf(name string, rows ...int64) *shelf {
	s := newShelf(name, rows...)
	s.ends = true
	return s
}

func (s *shelf) put(rows ...int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = append(s.rows, rows...)
}

func (s *shelf) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends = true
}

func (s *shelf) Partition() string { return s.name }
func (s *shelf) Close() error      { close(s.closed); return nil }

func (s *shelf) Offset() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strconv.Itoa(s.next)
}

func (s *shelf) Commit(_ context.Context, offset string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.committed = offset
	return nil
}

func (s *shelf) Read(_ context.Context, b *stream.Intake[int64]) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(b.Room(), len(s.rows)-s.next)
	b.Append(s.rows[s.next : s.next+n]...)
	s.next += n
	switch {
	case n > 0:
		return nil
	case s.ends:
		return io.EOF
	}
	return stream.ErrNothing
}

// taken collects numbers.
type taken struct {
	mu  sync.Mutex
	all []int64
}

func (c *taken) sink() stream.Sink[int64] {
	return sink.Func(func(_ context.Context, e stream.Event[int64]) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.all = append(c.all, e.Value)
		return nil
	})
}

func (c *taken) sorted() []int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(slices.Values(c.all))
}

func eventually(t *testing.T, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it has not come about")
		}
	}
}

type oldShelf struct{ *shelf }

func (oldShelf) Commit(string) error { return nil }

type opens func(c *stream.SourceContext) []stream.Reader[int64]

func (f opens) Open(c *stream.SourceContext) ([]stream.Reader[int64], error) { return f(c), nil }

func millis(i int64) time.Time { return time.UnixMilli(i) }
