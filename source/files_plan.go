package source

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/freshet-go/freshet/stream/codec"
)

// A filePart is what one reader reads: the records of a file that begin in
// [begin, end).
type filePart struct {
	partition  string
	file       foundFile
	begin, end int64
	at         int64 // where to go on
}

// toEnd is the end of a part that reaches to the end of its file, wherever
// that is.
const toEnd = math.MaxInt64

// plan cuts files into parts. A file that an earlier run has begun is cut
// where it was cut then.
func (s *files[T]) plan(found []foundFile, offsets map[string]string) ([]filePart, error) {
	begun, err := begunParts(offsets)
	if err != nil {
		return nil, err
	}
	var parts []filePart
	for _, f := range found {
		if old := begun[f.name]; old != nil {
			for i := range old {
				old[i].file = f
			}
			parts = append(parts, old...)
			delete(begun, f.name)
			continue
		}
		split, err := s.canSplit(f)
		if err != nil {
			return nil, err
		}
		if !split {
			parts = append(parts, filePart{partition: f.name, file: f, end: toEnd})
			continue
		}
		for begin := int64(0); begin < f.size; begin += s.splitSize {
			end := int64(toEnd)
			if begin < f.size-s.splitSize {
				end = begin + s.splitSize
			}
			parts = append(parts, filePart{partition: partitionName(f.name, begin), file: f, begin: begin, end: end, at: begin})
		}
	}
	if len(begun) > 0 && !s.allowMissing {
		name := slices.Min(slices.Collect(maps.Keys(begun)))
		return nil, fmt.Errorf("source: cannot go on in %s: %w", begun[name][0].partition, fs.ErrNotExist)
	}
	return parts, nil
}

const fromByte = " from byte "

func partitionName(file string, begin int64) string {
	return file + fromByte + strconv.FormatInt(begin, 10)
}

// begunParts returns the parts that offsets name, by file and ascending.
func begunParts(offsets map[string]string) (map[string][]filePart, error) {
	begun := make(map[string][]filePart)
	for partition, offset := range offsets {
		p := filePart{partition: partition, end: toEnd}
		name := partition
		if i := strings.LastIndex(partition, fromByte); i >= 0 {
			if n, err := strconv.ParseInt(partition[i+len(fromByte):], 10, 64); err == nil && n >= 0 {
				name, p.begin = partition[:i], n
			}
		}
		at, err := strconv.ParseInt(offset, 10, 64)
		if err != nil || at < p.begin {
			return nil, fmt.Errorf("source: %s has no byte %q to go on from", partition, offset)
		}
		p.at = at
		begun[name] = append(begun[name], p)
	}
	for _, parts := range begun {
		slices.SortFunc(parts, func(a, b filePart) int { return cmp.Compare(a.begin, b.begin) })
		for i := range parts[1:] {
			parts[i].end = parts[i+1].begin
		}
	}
	return begun, nil
}

// canSplit reports whether f is to be read from several places.
func (s *files[T]) canSplit(f foundFile) (bool, error) {
	if f.size <= s.splitSize || compression(f.name) != "" || !codec.CanSplit(s.format) {
		return false, nil
	}
	file, err := s.fsys.Open(f.name)
	if err != nil {
		return false, readError(f.name, 0, err)
	}
	defer file.Close()
	_, seeks := file.(io.Seeker)
	_, reads := file.(io.ReaderAt)
	return seeks || reads, nil
}
