package onflink

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// Keep returns a sink that keeps events in a folder, a file for each process and instance. It knows nothing of checkpoints.
func Keep[T any](folder string) stream.Sink[T] { return keeping[T](folder) }

type keeping[T any] string

func (k keeping[T]) Open(c *stream.SinkContext) (stream.Writer[T], error) {
	file, err := os.OpenFile(filepath.Join(string(k), fmt.Sprintf("kept-%d-%d", os.Getpid(), c.Instance)), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &keepingWriter[T]{file: file, to: codec.Binary[stream.Event[T]]().NewEncoder()}, nil
}

type keepingWriter[T any] struct {
	file *os.File
	to   codec.Encoder[stream.Event[T]]
	held []byte
}

func (w *keepingWriter[T]) Write(_ context.Context, b *stream.Batch[T]) (err error) {
	for row, v := range b.All() {
		if w.held, err = w.to.Append(w.held, stream.Event[T]{Value: v, Time: b.Time(row)}); err != nil {
			return err
		}
	}
	return nil
}

func (w *keepingWriter[T]) Flush(context.Context) error {
	_, err := w.file.Write(w.held)
	w.held = w.held[:0]
	return err
}

func (w *keepingWriter[T]) Close() error { return w.file.Close() }

// Kept returns the events that a folder has: those of an instance in their order.
func Kept[T any](t *testing.T, folder string) []stream.Event[T] {
	t.Helper()
	p := stream.New("kept")
	all := sink.Collect[stream.Event[T]]()
	p.From(source.Files(os.DirFS(folder), "kept-*", codec.Binary[stream.Event[T]](), source.AllowMissing())).To(all)
	if err := p.Run(t.Context(), stream.Shards(1)); err != nil {
		t.Fatal(err)
	}
	return all.Values()
}
