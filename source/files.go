package source

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"

	"github.com/freshet-go/freshet/source/internal/glob"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
)

// Files gives the values in all files of fsys whose names match glob, as
// [path.Match] has it, where an element "**" stands for any number of
// directories, none included: "**/*.jsonl" matches at any depth, and does not
// follow links to directories. Which files there are is found out once, when
// the run begins. Files whose names end in ".gz" and ".zst" are decompressed, the latter
// by package zstdfiles, which the program has to import; a
// text that is compressed and has another name is a [*ReadError]. If fsys has a
// method Glob, that is asked, unless there is a "**". A named pipe that matches
// is an error, as it might never be opened.
//
// Each file is a partition, with the watermark of its own that this brings;
// the one that is furthest behind in event time is read next. At most
// [OpenFiles] are open at once. A file of a format that [codec.CanSplit], if it
// is longer than [SplitSize], not compressed, and can be read from anywhere
// ([io.Seeker] or [io.ReaderAt]), is several partitions, read in parallel. Inside
// a partition values come in the order of the file. See [InOrder] for the other
// way.
//
// A record that cannot be decoded is rejected, which by default ends the run,
// and the next one is read; its place reads "orders.jsonl line 3 byte 120",
// or, for a format that is not one of lines, "orders.bin byte 120". A name that
// is not printable text is in quotes. The line is counted when it is asked for.
// Bytes are counted behind decompression. A byte order mark at the start of a
// text is passed over. What cannot be read at all is a [*ReadError].
//
// The offset of a partition is the byte at which its next record begins, and a
// fingerprint of the file: of the first KiB, and of the KiB before that byte. A
// run goes on from there whatever SplitSize it is given, though it has to read a
// compressed file from its start. A file that was added to is read on from
// there. One that is shorter or holds something else is a [*ReadError] with
// [ErrReplaced], or with [AllowReplaced] read from its beginning. A new file is
// read from its beginning.
//
// A file that is cut short while it is read is that error, too, at its end. If it
// has grown again beyond what was read by then, its first KiB tells, in a file
// system whose files are [io.ReaderAt]; a partition that begins inside a file
// does not notice that, and lines between may be lost or torn. Lines that were
// read of it until then have been handed on.
//
// A last line without a line end is an event, where a run reads to the end of
// the file. If the line has grown when a later run goes on, it comes again, whole,
// and the log says so. With [Growing] it waits until it is whole.
//
// A reader holds a buffer of 128 KiB, or of the file's size if that is less,
// or of its longest record up to [MaxRecord].
//
// Files panics if fsys, format or an option is nil, and if glob is malformed,
// is empty or begins with a slash, or has an element ".." or one that is more than "**"; and for options that mean
// nothing together, or for the format.
func Files[T any](fsys fs.FS, glob string, format codec.Format[T], opts ...FilesOption) stream.Source[T] {
	if fsys == nil {
		panic(fmt.Sprintf("source: Files(nil, %q): the file system is nil", glob))
	}
	s := newFiles("Files", glob, format, opts)
	s.set.fsys, s.set.dir = fsys, directoryOf(fsys)
	return s
}

// newFiles returns a source without a file system, for call.
func newFiles[T any](call, pattern string, format codec.Format[T], opts []FilesOption) *files[T] {
	if format == nil {
		panic(fmt.Sprintf("source: %s(%q): the format is nil", call, pattern))
	}
	s := &files[T]{newFileSet(call, pattern, opts)}
	s.set.splittable, s.set.textual, s.set.headed = codec.CanSplit(format), codec.IsText(format), codec.HasHeader(format)
	s.set.newValues = func() values { return &valuesOf[T]{format: format} }
	if what := s.set.refused(s.set.splittable); what != "" {
		panic(fmt.Sprintf("source: %s(%q): %s", call, pattern, what))
	}
	return s
}

func newFileSet(call, pattern string, opts []FilesOption) fileSet {
	if err := glob.Check(pattern); err != nil {
		panic(fmt.Sprintf("source: %s: glob %q: %v", call, pattern, err))
	}
	s := fileSet{glob: pattern, filesConfig: filesConfig{splitSize: 64 << 20, maxRecord: 16 << 20, openFiles: 128}}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("source: %s(%q): option %d is nil", call, pattern, i+1))
		}
		o(&s.filesConfig)
	}
	return s
}

type files[T any] struct{ set fileSet }

func (s *files[T]) String() string { return s.set.glob }

// Open finds the files and returns their readers. A file is opened when it is
// first read, and closed at its end.
func (s *files[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	all, err := s.set.open(c)
	var readers []stream.Reader[T]
	for _, r := range all {
		readers = append(readers, &valueReader[T]{r, r.into().(*valuesOf[T])})
	}
	return readers, err
}

// A fileSet is a source of files but for the type of their values: all of this is
// compiled once.
type fileSet struct {
	fsys   fs.FS
	system filesystem.Readable // of FilesIn; each run makes an fsys of it
	glob   string
	dir    string // that fsys is, if it is known

	splittable, textual, headed bool // see codec.Format
	newValues                   func() values
	filesConfig
}

// An openedFiles is the source in one run.
type openedFiles struct {
	*fileSet
	table  *fileTable
	logger *slog.Logger
	shards int64 // that read at once
}

func (s *fileSet) open(c *stream.SourceContext) ([]recordReader, error) {
	if s.system == nil {
		return s.openHere(c)
	}
	ctx := c.Context
	if ctx == nil {
		ctx = context.Background()
	}
	run := *s
	run.fsys = newSystemFS(ctx, s.system)
	return run.openHere(c)
}

// openHere is open of files in s.fsys.
func (s *fileSet) openHere(c *stream.SourceContext) ([]recordReader, error) {
	o := &openedFiles{s, &fileTable{fsys: s.fsys, most: s.openFiles}, c.Logger, int64(max(1, c.Shards))}
	if o.logger == nil {
		o.logger = slog.New(slog.DiscardHandler)
	}
	found, err := s.find()
	if err != nil {
		return nil, err
	}
	if fsys, ok := s.fsys.(*systemFS); ok {
		fsys.found()
	}
	if s.inOrder {
		r, err := o.openInOrder(found, c.Offsets)
		if err != nil {
			return nil, err
		}
		return []recordReader{r}, nil
	}
	parts, err := o.plan(c.Context, found, c.Offsets)
	if err != nil {
		return nil, err
	}
	var readers []recordReader
	for _, p := range parts {
		readers = append(readers, o.newReader(p, s.newValues()))
	}
	return readers, nil
}
