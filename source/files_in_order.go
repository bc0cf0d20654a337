package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/freshet-go/freshet/stream"
)

// An inOrderReader reads files one after the other. A position in it counts
// the bytes of all files from the first on, as if they were one.
type inOrderReader[T any] struct {
	source  *files[T]
	rest    []foundFile // still to be read
	current *fileReader[T]
	base    int64 // bytes of the files before current
	name    string
	at      int64 // in current, or in the last one
	resumed int64 // where to begin in the first of rest

	mu     sync.Mutex
	places []basedPlace // ascending
}

// A basedPlace is a file that has been begun.
type basedPlace struct {
	base int64
	*lineCounter
}

// openInOrder returns the reader of all files. Its offset is "120 4096
// orders-2.jsonl": the byte in the file, those in all the files before it, and
// the file.
func (s *files[T]) openInOrder(found []foundFile, offsets map[string]string) (*inOrderReader[T], error) {
	r := &inOrderReader[T]{source: s, rest: found}
	if len(found) > 0 {
		r.name = found[0].name
	}
	offset := offsets[r.Partition()]
	if offset == "" {
		return r, nil
	}
	at, rest, _ := strings.Cut(offset, " ")
	base, name, _ := strings.Cut(rest, " ")
	var err1, err2 error
	r.at, err1 = strconv.ParseInt(at, 10, 64)
	r.base, err2 = strconv.ParseInt(base, 10, 64)
	r.name = name
	if err1 != nil || err2 != nil || r.at < 0 || r.base < 0 || r.name == "" {
		return nil, fmt.Errorf("source: %s has no place %q to go on from", s.glob, offset)
	}
	i, ok := slices.BinarySearchFunc(found, r.name, func(f foundFile, name string) int { return cmp.Compare(f.name, name) })
	r.rest = found[i:]
	if ok {
		r.resumed = r.at
		return r, nil
	}
	if !s.allowMissing {
		return nil, fmt.Errorf("source: cannot go on in %s: %w", r.name, fs.ErrNotExist)
	}
	r.base += r.at
	r.at = 0
	return r, nil
}

func (r *inOrderReader[T]) Partition() string { return r.source.glob }

func (r *inOrderReader[T]) Offset() string {
	if r.name == "" {
		return ""
	}
	return fmt.Sprintf("%d %d %s", r.at, r.base, r.name)
}

func (r *inOrderReader[T]) Read(ctx context.Context, b *stream.Batch[T]) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for b.Room() > 0 {
		if r.current == nil {
			if len(r.rest) == 0 {
				return io.EOF
			}
			r.begin(r.rest[0])
		}
		err := r.current.Read(ctx, b)
		r.at = r.current.at
		if !errors.Is(err, io.EOF) {
			return err
		}
		r.current.place.rest()
		r.current = nil
		r.rest = r.rest[1:]
	}
	return nil
}

func (r *inOrderReader[T]) begin(f foundFile) {
	if f.name != r.name { // r.at is the end of the one before
		r.base += r.at
	}
	r.name, r.at = f.name, r.resumed
	r.resumed = 0
	r.current = r.source.newReader(filePart{partition: f.name, file: f, end: toEnd, at: r.at})
	r.current.base = r.base
	r.mu.Lock()
	defer r.mu.Unlock()
	r.places = append(r.places, basedPlace{r.base, r.current.place})
}

func (r *inOrderReader[T]) Locate(position int64) string {
	r.mu.Lock()
	i := len(r.places) - 1
	for i >= 0 && r.places[i].base > position {
		i--
	}
	if i < 0 {
		r.mu.Unlock()
		return fmt.Sprintf("%s byte %d of all", r.source.glob, position) // of an earlier run
	}
	p := r.places[i]
	r.mu.Unlock()
	return p.locate(position - p.base)
}

func (r *inOrderReader[T]) Close() error {
	if r.current == nil {
		return nil
	}
	return r.current.Close()
}
