package sink

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// A fileWriter writes the files of one instance.
type fileWriter[T any] struct {
	sink     *fileSink[T]
	root     *os.Root
	instance int
	open     map[stream.Time]*rollingFile[T] // by the start of their interval
	dirty    bool                            // something was written since the last flush
}

// mostOpen bounds the files that an instance writes at once.
const mostOpen = 64

// Open makes the directory and completes what an earlier run left behind.
func (s *fileSink[T]) Open(c *stream.SinkContext) (stream.Writer[T], error) {
	if err := os.MkdirAll(s.dir, 0o777); err != nil {
		return nil, &WriteError{Sink: s.dir, Err: err}
	}
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return nil, &WriteError{Sink: s.dir, Err: err}
	}
	w := &fileWriter[T]{sink: s, root: root, instance: c.Instance, open: map[stream.Time]*rollingFile[T]{}}
	if err := root.MkdirAll(s.names.dir(), 0o777); err != nil {
		root.Close()
		return nil, &WriteError{Sink: path.Join(s.dir, s.names.dir()), Err: err}
	}
	if err := w.recoverAll(c.Count); err != nil {
		root.Close()
		return nil, err
	}
	return w, nil
}

func (w *fileWriter[T]) Write(_ context.Context, b *stream.Batch[T]) error {
	w.dirty = true
	var f *rollingFile[T]
	for row, v := range b.All() {
		start := stream.Time(0)
		if w.sink.every > 0 {
			if !b.Timed() {
				return errors.New("sink: files roll by event time, and the events have none")
			}
			start = intervalOf(b.Time(row), w.sink.every)
		}
		if f == nil || f.start != start {
			var err error
			if f, err = w.file(start); err != nil {
				return err
			}
		}
		if err := f.write(row, v); err != nil {
			return err
		}
		if w.sink.size > 0 && f.size() >= w.sink.size {
			if err := w.finish(f); err != nil {
				return err
			}
			f = nil
		}
	}
	return nil
}

// intervalOf returns the start of the interval that t is in.
func intervalOf(t stream.Time, every time.Duration) stream.Time {
	into := t % stream.Time(every)
	if into < 0 {
		into += stream.Time(every)
	}
	return t - into
}

// file returns the open file of an interval, or a new one.
func (w *fileWriter[T]) file(start stream.Time) (*rollingFile[T], error) {
	if f := w.open[start]; f != nil {
		return f, nil
	}
	if len(w.open) == mostOpen {
		earliest := start
		for at := range w.open {
			if earliest == start || at < earliest {
				earliest = at
			}
		}
		if err := w.finish(w.open[earliest]); err != nil {
			return nil, err
		}
	}
	id := fileID{instance: w.instance}
	if w.sink.every > 0 {
		id.start = startText(start, w.sink.every)
	}
	f, err := w.create(start, id)
	if err != nil {
		return nil, err
	}
	w.open[start] = f
	return f, nil
}

// create makes the first file whose name is free.
func (w *fileWriter[T]) create(start stream.Time, id fileID) (*rollingFile[T], error) {
	if next, err := w.nextPart(id); err != nil {
		return nil, err
	} else {
		id.part = next
	}
	name := w.sink.names.name(id)
	file, err := w.root.OpenFile(name+unfinished, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, &WriteError{Sink: name, Err: err}
	}
	return newRollingFile(name, start, file, w.sink.format), nil
}

// nextPart returns the number behind the largest that there is. Instances
// have names of their own, so nobody takes it in between.
func (w *fileWriter[T]) nextPart(id fileID) (int, error) {
	entries, err := w.list()
	if err != nil {
		return 0, err
	}
	next := 0
	for _, base := range entries {
		base = strings.TrimSuffix(base, unfinished)
		if other, ok := w.sink.names.parse(base); ok && other.start == id.start && other.instance == id.instance {
			next = max(next, other.part+1)
		}
	}
	return next, nil
}

// list returns the base names in the directory of the files.
func (w *fileWriter[T]) list() ([]string, error) {
	dir, err := w.root.Open(w.sink.names.dir())
	if err != nil {
		return nil, &WriteError{Sink: w.sink.dir, Err: err}
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, &WriteError{Sink: w.sink.dir, Err: err}
	}
	return names, nil
}

// Advance finishes the files whose interval the watermark has passed.
func (w *fileWriter[T]) Advance(_ context.Context, wm stream.Time) error {
	if w.sink.every == 0 {
		return nil
	}
	for start, f := range w.open {
		if wm >= start.Add(w.sink.every) {
			if err := w.finish(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// Flush makes what was written durable.
func (w *fileWriter[T]) Flush(context.Context) error {
	for _, f := range w.open {
		if err := f.sync(); err != nil {
			return err
		}
	}
	if len(w.open) > 0 && w.dirty { // a new file is not durable before its name is
		if err := w.syncDir(); err != nil {
			return err
		}
	}
	w.dirty = false
	return nil
}

// finish completes a file and gives it its name.
func (w *fileWriter[T]) finish(f *rollingFile[T]) error {
	delete(w.open, f.start)
	if err := f.close(); err != nil {
		return err
	}
	return w.publish(f.name, f.name+unfinished)
}

// publish renames a complete file.
func (w *fileWriter[T]) publish(name, from string) error {
	if _, err := w.root.Lstat(name); err == nil {
		return &WriteError{Sink: name, Err: os.ErrExist}
	}
	if err := w.root.Rename(from, name); err != nil {
		return &WriteError{Sink: name, Err: err}
	}
	return w.syncDir()
}

func (w *fileWriter[T]) syncDir() error {
	dir, err := w.root.Open(w.sink.names.dir())
	if err != nil {
		return &WriteError{Sink: w.sink.dir, Err: err}
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return &WriteError{Sink: w.sink.dir, Err: fmt.Errorf("sync directory: %w", err)}
	}
	return nil
}

// Close finishes the files of a run that has come to its end. Those of one
// that failed stay behind as they are, for the next run to complete.
func (w *fileWriter[T]) Close() error {
	var errs []error
	for _, f := range w.open {
		if w.dirty {
			f.abandon()
			continue
		}
		errs = append(errs, w.finish(f))
	}
	return errors.Join(append(errs, w.root.Close())...)
}
