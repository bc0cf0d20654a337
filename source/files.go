package source

import (
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// Files gives the values in all files of fsys whose names match glob, as
// [fs.Glob] has it. Files whose names end in ".gz" and ".zst" are
// decompressed. They should not change while they are read.
//
// Each file is a partition, with the watermark of its own that this brings;
// all are open at once, and the one that is furthest behind in event time is
// read next. A file of a format that [codec.CanSplit], if it is longer than
// [SplitSize], not compressed, and can be read from anywhere ([io.Seeker] or
// [io.ReaderAt]), is several partitions, read in parallel. Inside a partition
// values come in the order of the file. See [InOrder] for the other way.
//
// A record that cannot be decoded is rejected, which by default ends the run,
// and the next one is read; its place reads "orders.jsonl line 3 byte 120",
// or, for a format that is not one of lines, "orders.bin byte 120". The line
// is counted when it is asked for. Bytes are counted behind decompression.
// What cannot be read at all is a [*ReadError].
//
// The offset of a partition is the byte at which its next record begins. A
// run goes on from there whatever SplitSize it is given, though it has to read a
// compressed file from its start. A new file is read from its beginning.
//
// A reader holds a buffer of 128 KiB, or of the file's size if that is less,
// or of its longest record up to [MaxRecord].
//
// Files panics if glob is malformed.
func Files[T any](fsys fs.FS, glob string, format codec.Format[T], opts ...FilesOption) stream.Source[T] {
	if _, err := path.Match(glob, ""); err != nil {
		panic(fmt.Sprintf("source: Files: glob %q: %v", glob, err))
	}
	s := &files[T]{fsys: fsys, glob: glob, format: format, filesConfig: filesConfig{splitSize: 64 << 20, maxRecord: 16 << 20}}
	for _, o := range opts {
		o(&s.filesConfig)
	}
	return s
}

// A FilesOption says how files are read.
type FilesOption func(*filesConfig)

type filesConfig struct {
	splitSize    int64
	maxRecord    int
	inOrder      bool
	allowMissing bool
}

// SplitSize sets above how many bytes a file is split, and the size of the
// parts. The default is 64 MiB. It panics if bytes is not positive.
func SplitSize(bytes int64) FilesOption {
	if bytes <= 0 {
		panic(fmt.Sprintf("source: SplitSize(%d): want a positive number", bytes))
	}
	return func(c *filesConfig) { c.splitSize = bytes }
}

// MaxRecord sets how many bytes a record may have. The default is 16 MiB. A
// longer one is rejected with [ErrTooLong] and its first KiB, and takes no
// more memory than this; in a format that is not [codec.Splittable] its end
// cannot be found, so there it is a [*ReadError]. It panics if bytes is not
// positive.
func MaxRecord(bytes int) FilesOption {
	if bytes <= 0 {
		panic(fmt.Sprintf("source: MaxRecord(%d): want a positive number", bytes))
	}
	return func(c *filesConfig) { c.maxRecord = bytes }
}

// InOrder reads one file after the other, in the order of their names, as one
// partition. It is for files whose times ascend with their names, such as a
// log that is rotated daily: one file is open at a time, and the watermark
// follows it.
//
// Without it the watermark is that of the slowest of all files. Where
// each covers a day of its own, the partition furthest behind is always the same file and nothing
// is read in parallel, though all are open.
//
// A run goes on in the file that it had come to; files that have appeared
// since with a lesser name are not read.
func InOrder() FilesOption { return func(c *filesConfig) { c.inOrder = true } }

// AllowMissing accepts that no file matches, and that a file which an
// earlier run had begun is gone when a run goes on. Without it, both are
// errors, which wrap [fs.ErrNotExist].
func AllowMissing() FilesOption { return func(c *filesConfig) { c.allowMissing = true } }

type files[T any] struct {
	fsys   fs.FS
	glob   string
	format codec.Format[T]
	filesConfig
}

func (s *files[T]) String() string { return s.glob }

// Open finds the files and returns their readers. A file is opened when it is
// first read, and closed at its end.
func (s *files[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	found, err := s.find()
	if err != nil {
		return nil, err
	}
	if s.inOrder {
		r, err := s.openInOrder(found, c.Offsets)
		if err != nil {
			return nil, err
		}
		return []stream.Reader[T]{r}, nil
	}
	parts, err := s.plan(found, c.Offsets)
	if err != nil {
		return nil, err
	}
	var readers []stream.Reader[T]
	for _, p := range parts {
		readers = append(readers, s.newReader(p))
	}
	return readers, nil
}

// A foundFile is a file that matches.
type foundFile struct {
	name string
	size int64
}

// find returns the files that match, by name.
func (s *files[T]) find() ([]foundFile, error) {
	names, err := fs.Glob(s.fsys, s.glob)
	if err != nil {
		return nil, fmt.Errorf("source: files %q: %w", s.glob, err)
	}
	var found []foundFile
	for _, name := range names {
		info, err := fs.Stat(s.fsys, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed since it was listed, or a dangling link
		}
		if err != nil {
			return nil, fmt.Errorf("source: files %q: %w", s.glob, err)
		}
		if !info.IsDir() {
			found = append(found, foundFile{name, info.Size()})
		}
	}
	if len(found) == 0 && !s.allowMissing {
		return nil, fmt.Errorf("source: no file matches %q: %w", s.glob, fs.ErrNotExist)
	}
	return found, nil
}
