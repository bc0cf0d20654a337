package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json/v2"
	"fmt"
	"os"
	"path/filepath"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// kept is a result, in memory; where workers of a cluster have found it, it lies in files first.
type kept[T any] struct {
	sink.Collector[T]
	fetched []T
}

// Values returns the result.
func (k *kept[T]) Values() []T { return append(k.Collector.Values(), k.fetched...) }

// to returns the sink of a result: memory, or files in the folder of f if it has one.
func to[T any](f *found, name string, k *kept[T]) stream.Sink[T] {
	if f.folder == "" {
		return &k.Collector
	}
	f.later = append(f.later, func(context.Context) error {
		return fetch(f.folder, name, func(v T) { k.fetched = append(k.fetched, v) })
	})
	return left[T](f, name)
}

// toLetters is to for dead letters.
func toLetters(f *found) stream.Sink[letter] {
	if f.folder == "" {
		return sink.Func(f.letters.add)
	}
	f.later = append(f.later, func(ctx context.Context) error {
		return fetch(f.folder, "letters", func(l letter) { _ = f.letters.add(ctx, stream.Event[letter]{Value: l}) }) // never fails
	})
	return left[letter](f, "letters")
}

// left returns the sink of what workers leave in the folder.
func left[T any](f *found, name string) stream.Sink[T] {
	folder := filepath.Join(f.folder, name)
	if f.commits {
		return sink.Files(folder, "part-*.jsonl", codec.JSON[T]())
	}
	return spool[T]{folder}
}

// fetch reads what workers have written.
func (f *found) fetch(ctx context.Context) error {
	for _, fetch := range f.later {
		if err := fetch(ctx); err != nil {
			return err
		}
	}
	return nil
}

// fetch calls add with each value in the files of a result.
func fetch[T any](folder, name string, add func(T)) error {
	return fetchLines(folder, name, func(line []byte) error {
		var v T
		err := json.Unmarshal(line, &v)
		add(v)
		return err
	})
}

func fetchLines(folder, name string, add func(line []byte) error) error {
	files, err := filepath.Glob(filepath.Join(folder, name, "*.jsonl"))
	if err != nil {
		return err
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for line := range bytes.Lines(text) {
			if err := add(line); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

// A spool is a sink of JSON lines, in one file for each process and instance: workers do not know of each other.
type spool[T any] struct{ folder string }

// Open makes the file.
func (s spool[T]) Open(c *stream.SinkContext) (stream.Writer[T], error) {
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(s.folder, fmt.Sprintf("%d-%d.jsonl", os.Getpid(), c.Instance)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	return spoolWriter[T]{bufio.NewWriter(f), f}, err
}

type spoolWriter[T any] struct {
	out  *bufio.Writer
	file *os.File
}

func (w spoolWriter[T]) Write(_ context.Context, b *stream.Batch[T]) error {
	for _, v := range b.All() {
		if err := json.MarshalWrite(w.out, v); err != nil {
			return err
		}
		if err := w.out.WriteByte('\n'); err != nil {
			return err
		}
	}
	return nil
}

func (w spoolWriter[T]) Flush(context.Context) error { return w.out.Flush() }
func (w spoolWriter[T]) Close() error                { return w.file.Close() }
