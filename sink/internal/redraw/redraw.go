// Package redraw keeps a file up to date that shows the values of a stream.
package redraw

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
)

// A Config is what can be set.
type Config struct {
	Keep  int           // values, at most
	Every time.Duration // between two drawings while values come
}

// A File is a sink.
type File[T any] struct {
	config Config
	name   string
	draw   func(values []T, dropped int64) ([]byte, error)

	mu      sync.Mutex
	flushed ring[T]
	writers []*writer[T] // that are open
	changed bool         // the file does not show what there is
	drawn   time.Time
}

// New returns a sink that writes what draw returns to a file. The values of an instance are
// in their order; dropped says how many came before them and are not kept.
func New[T any](name string, c Config, draw func(values []T, dropped int64) ([]byte, error)) *File[T] {
	return &File[T]{config: c, name: name, draw: draw, flushed: ring[T]{most: c.Keep}, changed: true} // one of nothing is drawn as well
}

// A writer is that of an instance. What has not been flushed is its own: when a run has failed,
// it comes again.
type writer[T any] struct {
	*File[T]
	pending ring[T]
}

// Local is stream.Local's.
func (f *File[T]) Local() string { return "one process draws its file" }

// Open returns a writer. What a run before this one has flushed stays.
func (f *File[T]) Open(*stream.SinkContext) (stream.Writer[T], error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w := &writer[T]{f, ring[T]{most: f.config.Keep}}
	f.writers = append(f.writers, w)
	return w, nil
}

func (w *writer[T]) Write(ctx context.Context, b *stream.Batch[T]) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, v := range b.All() {
		if err := ctx.Err(); err != nil {
			return err
		}
		w.pending.add(v)
		w.changed = true
	}
	if time.Since(w.drawn) < w.config.Every {
		return nil
	}
	return w.write()
}

func (w *writer[T]) Flush(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.write(); err != nil {
		return err
	}
	for _, v := range w.pending.appendTo(nil) {
		w.flushed.add(v)
	}
	w.flushed.dropped += w.pending.dropped
	w.pending = ring[T]{most: w.config.Keep}
	return nil
}

func (w *writer[T]) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writers = slices.DeleteFunc(w.writers, func(o *writer[T]) bool { return o == w })
	if len(w.pending.values) > 0 {
		w.changed = true
	}
	return nil
}

// fill makes the file that replaces the one that is shown, with the mode that this one has, or 0600. A
// link that somebody has put in its place is removed, and not followed.
func (f *File[T]) fill(next string, picture []byte) error {
	mode := fs.FileMode(0o600)
	if shown, err := os.Stat(f.name); err == nil {
		mode = shown.Mode().Perm()
	}
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(picture)
	return errors.Join(err, file.Chmod(mode), file.Close())
}

// write draws what has changed. Who looks sees the old file or the new one, never
// a part.
func (f *File[T]) write() error {
	if !f.changed {
		return nil
	}
	all, dropped := f.flushed.appendTo(nil), f.flushed.dropped
	for _, w := range f.writers {
		all, dropped = w.pending.appendTo(all), dropped+w.pending.dropped
	}
	if over := len(all) - f.config.Keep; over > 0 {
		all, dropped = all[over:], dropped+int64(over)
	}
	picture, err := f.draw(all, dropped)
	dir, base := filepath.Split(f.name)
	next := filepath.Join(dir, "."+base+".new") // one name: a run that was killed leaves one file at most
	if err == nil {
		err = f.fill(next, picture)
	}
	if err == nil {
		err = os.Rename(next, f.name)
	}
	if err != nil {
		_ = os.Remove(next)
		return &sink.WriteError{Sink: f.name, Err: err}
	}
	f.changed, f.drawn = false, time.Now()
	return nil
}
