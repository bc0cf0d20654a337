package sink

import (
	"context"
	"fmt"

	"github.com/freshet-go/freshet/sink/internal/footed"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A fileSink is a fileSet with the format of its values. What has the type of values is in this file.
type fileSink[T any] struct {
	set    *fileSet
	format codec.Format[T]
}

func (s *fileSink[T]) String() string { return s.set.String() }

// Local is stream.Local's.
func (s *fileSink[T]) Local() string {
	return "the writers of its folder have to be in one process: what one of them has begun another one would complete"
}

// LocalCommits is stream.LocalCommits's: what a run with checkpoints has begun only its committer completes.
func (s *fileSink[T]) LocalCommits() string { return "" }

func (s *fileSink[T]) OpenCommitter(x *stream.SinkContext) (stream.Committer, error) {
	return s.set.newCommitter(x.Context)
}

func (s *fileSink[T]) Open(c *stream.SinkContext) (stream.Writer[T], error) {
	files, err := s.set.newWriter(c)
	if err != nil {
		return nil, err
	}
	return &valueWriter[T]{files, s.format}, nil
}

// A valueWriter encodes values into the files of one instance.
type valueWriter[T any] struct {
	files  *fileWriter
	format codec.Format[T]
}

func (w *valueWriter[T]) Write(ctx context.Context, b *stream.Batch[T]) error {
	w.files.dirty = true
	rolls := w.files.set.rolls()
	var f *rollingFile
	var e codec.Encoder[T]
	for row, v := range b.All() {
		if err := ctx.Err(); err != nil {
			return err
		}
		t := stream.Time(0)
		if rolls {
			if !b.Timed() {
				return fmt.Errorf("sink: files roll by event time: %w; or roll by RollRows or RollSize", stream.ErrNoTime)
			}
			t = b.Time(row)
		}
		if f == nil || !f.interval.Contains(t) {
			var err error
			if f, err = w.files.file(ctx, t); err != nil {
				return err
			}
			e = w.encoder(f)
		}
		buf, err := e.Append(f.buf, v)
		if f.buf = buf; err != nil {
			return f.refused(row, err)
		}
		if f, err = w.files.added(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// encoder returns that of a file.
func (w *valueWriter[T]) encoder(f *rollingFile) codec.Encoder[T] {
	if f.encoder == nil {
		f.encoder = w.format.NewEncoder()
		f.groups, _ = f.encoder.(footed.Encoder)
	}
	return f.encoder.(codec.Encoder[T])
}

func (w *valueWriter[T]) Advance(ctx context.Context, wm stream.Time) error {
	return w.files.advance(ctx, wm)
}

func (w *valueWriter[T]) Flush(ctx context.Context) error { return w.files.flush(ctx) }

func (w *valueWriter[T]) Prepare(ctx context.Context) ([]byte, error) { return w.files.prepare(ctx) }

func (w *valueWriter[T]) Close() error { return w.files.close() }

// recordsOf returns what finds the records of a file of a format.
func recordsOf[T any](format codec.Format[T]) func() recordFinder {
	return func() recordFinder {
		d := format.NewDecoder()
		var v T
		return func(data []byte, atEOF bool) (n int, value bool) {
			n, record, err := d.Split(data, atEOF)
			if err != nil || n == 0 {
				return 0, false
			}
			return n, d.Decode(record, &v) == nil
		}
	}
}
