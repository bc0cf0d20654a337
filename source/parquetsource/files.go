package parquetsource

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"reflect"

	"github.com/parquet-go/parquet-go"

	"github.com/freshet-go/freshet/source/internal/glob"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/filesystem"
)

// Files gives the rows of all Parquet files of fsys whose names match glob, as [source.Files] has it: with
// "**" for any number of directories. T is a struct whose tags name the columns. Files of fsys have to be
// [io.ReaderAt] or [io.Seeker], as those of [os.DirFS] are.
//
// Which files there are is found out once, when the run begins, and all their footers are read then.
//
// A file is cut between row groups into partitions of [SplitSize], read in parallel, each with the watermark
// of its own that this brings; the one that is furthest behind in event time is read next. Inside a partition rows come in the order of
// the file. See [InOrder] for the other way. At most [OpenParts] partitions are open at once.
//
// The offset of a partition is a row group and a row in it, and a fingerprint of the file's size and footer. Each row
// comes once, also across a kill. A run goes on from there whatever SplitSize it is given; it decodes the row group from its beginning, and
// drops what had been read. A file that has been replaced is a [*source.ReadError] with [source.ErrReplaced], or with [AllowReplaced] read from its
// beginning. A new file is read from its beginning.
//
// A reader that is open holds one page of each column as it is decoded, its dictionary, and 64 KiB.
//
// Files panics if fsys or an option is nil, if glob is malformed as source.Files has it, and if T is no struct or has a tag
// that parquet-go does not know.
func Files[T any](fsys fs.FS, glob string, opts ...Option) stream.Source[T] {
	if fsys == nil {
		panic(fmt.Sprintf("parquetsource: Files(nil, %q): the file system is nil", glob))
	}
	return newFiles[T]("Files", directory{fsys: fsys, name: nameOf(fsys)}, glob, opts)
}

// FilesIn is [Files] in another file system: HDFS, a bucket, or whatever else keeps the contract of
// [filesystem.Readable]. Of a file 256 KiB are asked for at once, for each column that is read; calls end when the run has to stop.
//
// FilesIn panics if system is nil, and where Files does.
func FilesIn[T any](system filesystem.Readable, glob string, opts ...Option) stream.Source[T] {
	if system == nil {
		panic(fmt.Sprintf("parquetsource: FilesIn(nil, %q): the file system is nil", glob))
	}
	return newFiles[T]("FilesIn", directory{system: system, name: system.String()}, glob, opts)
}

func newFiles[T any](call string, dir directory, pattern string, opts []Option) *files[T] {
	if err := glob.Check(pattern); err != nil {
		panic(fmt.Sprintf("parquetsource: %s: glob %q: %v", call, pattern, err))
	}
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("parquetsource: %s(%q): %v is no struct, whose fields would name the columns", call, pattern, t))
	}
	s := &files[T]{
		dir: dir, glob: pattern, schema: parquet.SchemaOf(*new(T)),
		config: config{splitSize: 64 << 20, maxPage: 256 << 20, openParts: 64},
	}
	if len(s.schema.Columns()) == 0 {
		panic(fmt.Sprintf("parquetsource: %s(%q): %v has no exported field", call, pattern, t))
	}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("parquetsource: %s(%q): option %d is nil", call, pattern, i+1))
		}
		o(&s.config)
	}
	s.fields, s.flat = fieldsOf(t, s.schema)
	return s
}

type files[T any] struct {
	dir    directory
	glob   string
	schema *parquet.Schema // of T
	fields []field         // of T, if it is flat
	flat   bool            // it has no lists, maps, or structs behind pointers
	config
}

func (s *files[T]) String() string { return s.glob }

// A run is the source in one run.
type run[T any] struct {
	*files[T]
	ctx    context.Context
	table  *table
	logger *slog.Logger
}

// Open finds the files, reads their footers, and returns the readers of their parts. A file is opened again when a part of
// it is first read, and closed at its end.
func (s *files[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	o := &run[T]{s, c.Context, &table{most: s.openParts}, c.Logger}
	if o.ctx == nil {
		o.ctx = context.Background()
	}
	if o.logger == nil {
		o.logger = slog.New(slog.DiscardHandler)
	}
	found, err := s.dir.find(o.ctx, s.glob)
	if err == nil && len(found) == 0 {
		err = s.dir.noneFound(s.glob)
	}
	if err != nil && !(s.allowMissing && isMissing(err)) {
		return nil, err
	}
	summaries, err := o.summarize(found)
	if err != nil {
		return nil, err
	}
	if s.inOrder {
		r, err := o.planInOrder(summaries, c.Offsets)
		if err != nil {
			return nil, err
		}
		return []stream.Reader[T]{r}, nil
	}
	parts, err := o.plan(summaries, c.Offsets)
	if err != nil {
		return nil, err
	}
	var readers []stream.Reader[T]
	for _, p := range parts {
		readers = append(readers, &reader[T]{run: o, parts: []part{p}, name: p.partition, file: p.file.name})
	}
	return readers, nil
}
