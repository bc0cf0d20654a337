package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// An inOrderReader reads files one after the other. A position in it counts
// the bytes of all files from the first on, as if they were one.
type inOrderReader struct {
	source    *openedFiles
	values    values
	partition string
	rest      []foundFile // still to be read
	current   *fileReader
	place     fileOffset // in current, or where reading begins or has ended

	mu     sync.Mutex
	places []basedPlace // ascending
}

// A basedPlace is a file that has been begun.
type basedPlace struct {
	base int64
	*lineCounter
}

// openInOrder returns the reader of all files. Its offset is that of the file
// which it has come to.
func (s *openedFiles) openInOrder(found []foundFile, offsets map[string]string) (*inOrderReader, error) {
	r := &inOrderReader{source: s, values: s.newValues(), partition: label(s.glob), rest: found}
	if len(found) > 0 {
		r.place.name = found[0].name
	}
	offset, begun := offsets[r.partition]
	if old, ok := offsets[s.glob]; ok && !begun { // version 0.1.0 knew no labels
		r.partition, offset = s.glob, old
	}
	if err := stray(offsets, r.partition); err != nil {
		return nil, err
	}
	if offset == "" {
		return r, nil
	}
	place, ok, err := parseOffset(offset)
	if !ok {
		place, err = oldInOrder(offset)
	}
	if err != nil {
		return nil, fmt.Errorf("source: %s has no place %q to go on from", r.partition, offset)
	}
	r.place = place
	i, ok := slices.BinarySearchFunc(found, place.name, func(f foundFile, name string) int { return cmp.Compare(f.name, name) })
	r.rest = found[i:]
	if !ok && !s.allowMissing {
		return nil, s.cannotGoOn(place.name)
	}
	return r, nil
}

// oldInOrder reads an offset of version 0.1.0, "120 4096 orders-2.jsonl": the byte in
// the file, those in all the files before it, and the file.
func oldInOrder(offset string) (o fileOffset, err error) {
	at, rest, _ := strings.Cut(offset, " ")
	base, name, _ := strings.Cut(rest, " ")
	var err2 error
	o.at, err = strconv.ParseInt(at, 10, 64)
	o.base, err2 = strconv.ParseInt(base, 10, 64)
	o.name = name
	if err != nil || err2 != nil || o.at < 0 || o.base < 0 || o.name == "" {
		return o, errOffset
	}
	return o, nil
}

func (r *inOrderReader) Partition() string { return r.partition }

func (r *inOrderReader) Offset() string {
	place := r.place
	if r.current != nil {
		place = r.current.offset()
	}
	if place.name == "" {
		return ""
	}
	return place.String()
}

func (r *inOrderReader) into() values { return r.values }

func (r *inOrderReader) read(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for r.values.room() > 0 {
		if r.current == nil {
			if len(r.rest) == 0 {
				return io.EOF
			}
			r.begin(r.rest[0])
		}
		if err := r.current.read(ctx); !errors.Is(err, io.EOF) {
			return err
		}
		r.place = r.current.offset()
		r.current.place.rest()
		r.current = nil
		r.rest = r.rest[1:]
	}
	return nil
}

// begin begins a file, or goes on in it.
func (r *inOrderReader) begin(f foundFile) {
	if f.name != r.place.name {
		r.place = fileOffset{name: f.name, base: r.place.base + r.place.at}
	}
	r.current = r.source.newReader(filePart{partition: label(f.name), size: f.size, end: toEnd, fileOffset: r.place}, r.values)
	r.current.growing = r.source.growing && len(r.rest) == 1
	r.mu.Lock()
	defer r.mu.Unlock()
	r.places = append(r.places, basedPlace{r.place.base, r.current.place})
}

func (r *inOrderReader) Locate(position int64) string {
	r.mu.Lock()
	i := len(r.places) - 1
	for i >= 0 && r.places[i].base > position {
		i--
	}
	if i < 0 {
		r.mu.Unlock()
		return fmt.Sprintf("%s byte %d of all", r.partition, position) // of an earlier run
	}
	p := r.places[i]
	r.mu.Unlock()
	return p.locate(position - p.base)
}

func (r *inOrderReader) Close() error {
	if r.current == nil {
		return nil
	}
	return r.current.Close()
}
