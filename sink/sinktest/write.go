package sinktest

import (
	"context"
	"log/slog"

	"github.com/freshet-go/freshet/stream"
)

// write writes events with one of count instances, in batches of size, and
// flushes now and then. It closes the writer if it could be opened.
func write[T any](ctx context.Context, sink stream.Sink[T], events []stream.Event[T], size, instance, count int, flush bool) (err error) {
	w, err := sink.Open(&stream.SinkContext{
		Context: ctx, Name: "suite", Instance: instance, Count: count, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	defer func() {
		if e := w.Close(); err == nil {
			err = e
		}
	}()
	wm, advances := w.(stream.WatermarkWriter)
	for n := 0; len(events) > 0; n++ {
		k := min(size, len(events))
		values := make([]T, k)
		b := stream.NewIntake[T](k)
		for i, e := range events[:k] {
			values[i] = e.Value
			b.AppendAt(e.Value, e.Time)
		}
		if err := w.Write(ctx, b.Batch()); err != nil {
			return err
		}
		overwrite(b)
		if n%3 == 2 && flush {
			if err := w.Flush(ctx); err != nil {
				return err
			}
		}
		if n%5 == 4 && advances {
			if err := wm.Advance(ctx, events[0].Time); err != nil {
				return err
			}
		}
		events = events[k:]
	}
	if flush {
		return w.Flush(ctx)
	}
	return nil
}

// overwrite makes a batch that a writer has kept show: its memory is used
// again for other events, as a run would.
func overwrite[T any](b *stream.Intake[T]) {
	n := b.Len()
	for range n {
		b.Unread()
	}
	for range n {
		b.Next()
	}
}

// deal gives each instance its events, every count-th one.
func deal[T any](events []stream.Event[T], count int) [][]stream.Event[T] {
	hands := make([][]stream.Event[T], count)
	for i, e := range events {
		hands[i%count] = append(hands[i%count], e)
	}
	return hands
}
