package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/freshet-go/freshet/source/internal/decompress"
)

// A filePart is what one reader reads: the records of a file that begin in
// [begin, end).
type filePart struct {
	partition string
	size      int64 // of the file, when it was found
	end       int64
	fileOffset
}

// toEnd is the end of a part that reaches to the end of its file, wherever
// that is.
const toEnd = math.MaxInt64

// plan cuts files into parts. A file that an earlier run has begun is cut
// where it was cut then.
func (s *openedFiles) plan(ctx context.Context, found []foundFile, offsets map[string]string) ([]filePart, error) {
	begun, err := begunParts(found, offsets)
	if err != nil {
		return nil, err
	}
	var parts []filePart
	for _, f := range found {
		old := begun[f.name]
		delete(begun, f.name)
		for i := range old {
			old[i].size = f.size
		}
		if len(old) > 1 {
			if old, err = s.stillThere(ctx, f, old); err != nil {
				return nil, err
			}
		}
		if len(old) == 0 {
			if old, err = s.cut(f); err != nil {
				return nil, err
			}
		}
		parts = append(parts, old...)
	}
	if len(begun) > 0 && !s.allowMissing {
		return nil, s.cannotGoOn(slices.Min(slices.Collect(maps.Keys(begun))))
	}
	return parts, nil
}

// cannotGoOn is the error where a file that an earlier run had begun is not among those that match. It wraps fs.ErrNotExist, as the source has none of
// that name, though the directory may.
func (s *fileSet) cannotGoOn(name string) error {
	why := "it is gone"
	if _, err := fs.Stat(s.fsys, name); err == nil {
		why = fmt.Sprintf("%q does not match it", s.glob)
	} else {
		for _, ext := range []string{".gz", ".zst"} {
			if _, err := fs.Stat(s.fsys, name+ext); err == nil {
				why = "it is compressed now, as " + label(name+ext)
			}
		}
	}
	return fmt.Errorf("source: cannot go on in %s, which an earlier run had begun, as %s; with source.AllowMissing it is left: %w", s.path(name), why, fs.ErrNotExist)
}

// cut cuts a file that nobody has begun. An empty one is a part, too: it may
// have grown when a later run goes on.
func (s *openedFiles) cut(f foundFile) ([]filePart, error) {
	splits, err := s.splits(f)
	if err != nil {
		return nil, err
	}
	if splits == 0 {
		return []filePart{{label(f.name), f.size, toEnd, fileOffset{name: f.name}}}, nil
	}
	var parts []filePart
	size := s.partSize(splits)
	for begin := int64(0); begin < splits; begin += size {
		end := int64(toEnd)
		if begin < splits-size {
			end = begin + size
		}
		parts = append(parts, filePart{partLabel(f.name, begin), f.size, end, fileOffset{name: f.name, begin: begin, at: begin}})
	}
	return parts, nil
}

// leastPart is how small parts may become so that all shards have as much to read.
const leastPart = 1 << 20

// partSize returns the size of the parts of a file: with as many bytes for each shard, all are done at once.
func (s *openedFiles) partSize(size int64) int64 {
	parts := (size-1)/s.splitSize + 1
	parts = ((parts-1)/s.shards + 1) * s.shards
	return max((size-1)/parts+1, min(s.splitSize, leastPart))
}

// stillThere returns the parts of a file that was begun in several, and none if
// it has been replaced and may be. It has to be known before any of them is
// read: all go on, or none. The reader of a file that is one part finds out by
// itself.
func (s *openedFiles) stillThere(ctx context.Context, f foundFile, parts []filePart) ([]filePart, error) {
	if ctx == nil {
		ctx = context.Background()
	}
	for _, p := range parts {
		r := s.newReader(p, s.newValues())
		err := r.open(ctx)
		r.release()
		switch {
		case errors.Is(err, ErrReplaced) && s.allowReplaced:
			s.logReplaced(f.name, err)
			return nil, nil
		case errors.Is(err, fs.ErrNotExist) && s.allowMissing:
		case err != nil:
			return nil, r.failed(ctx, err)
		}
	}
	return parts, nil
}

func (s *openedFiles) logReplaced(name string, err error) {
	s.logger.Warn("a file has been replaced, and is read from its beginning", "file", s.path(name), "cause", err)
}

// begunParts returns the parts that offsets tell of, by file and ascending.
func begunParts(found []foundFile, offsets map[string]string) (map[string][]filePart, error) {
	begun := make(map[string][]filePart)
	for partition, offset := range offsets {
		o, ok, err := parseOffset(offset)
		if !ok {
			o, err = oldOffset(found, partition, offset)
		}
		if err != nil {
			return nil, fmt.Errorf("source: %s has no place %q to go on from", label(partition), offset)
		}
		if !strings.HasPrefix(partition, o.name) && !strings.HasPrefix(partition, label(o.name)) {
			return nil, fmt.Errorf("source: the checkpoint was made InOrder, as %s: files that were read would be read again; %s", label(partition), wayOut)
		}
		begun[o.name] = append(begun[o.name], filePart{partition: partition, end: toEnd, fileOffset: o})
	}
	for _, parts := range begun {
		slices.SortFunc(parts, func(a, b filePart) int { return cmp.Compare(a.begin, b.begin) })
		for i := range parts[1:] {
			parts[i].end = parts[i+1].begin
		}
	}
	return begun, nil
}

// oldOffset reads an offset of version 0.1.0, the byte alone: the partition's
// name said the rest, and a file called like a part of another goes first.
func oldOffset(found []foundFile, partition, offset string) (fileOffset, error) {
	o := fileOffset{name: partition}
	isFile := slices.ContainsFunc(found, func(f foundFile) bool { return f.name == partition })
	if name, begin, part := oldPartition(partition); part && !isFile {
		o.name, o.begin = name, begin
	}
	var err error
	o.at, err = strconv.ParseInt(offset, 10, 64)
	if err != nil || o.at < o.begin {
		return o, errOffset
	}
	return o, nil
}

// splits returns how many bytes of f are to be read from several places, or 0 if it is read from one. Of a file that is being
// written, that may be fewer than it was found with.
func (s *openedFiles) splits(f foundFile) (int64, error) {
	if f.size <= s.splitSize || decompress.Extension(f.name) != "" || !s.splittable {
		return 0, nil
	}
	file, err := s.fsys.Open(f.name)
	if errors.Is(err, fs.ErrNotExist) && s.allowMissing {
		return 0, nil // nor will its reader find it
	}
	if err != nil {
		return 0, readError(s.path(f.name), 0, err)
	}
	defer file.Close()
	_, seeks := file.(io.Seeker)
	_, reads := file.(io.ReaderAt)
	size := f.size
	if remote, ok := file.(*systemFile); ok {
		size, err = remote.readable()
		if errors.Is(err, fs.ErrNotExist) && s.allowMissing {
			return 0, nil
		}
		if size = min(size, f.size); err != nil {
			return 0, readError(s.path(f.name), 0, err)
		}
	}
	if size <= s.splitSize || !seeks && !reads {
		return 0, nil
	}
	return size, nil
}
