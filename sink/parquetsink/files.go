package parquetsink

import (
	"fmt"
	"path"
	"reflect"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/filesystem"
)

// Files writes the values into Parquet files in the directory dir, as [sink.Files] does: in a run with
// checkpoints each row arrives exactly once, under a final name there is never half a file, and [Roll] says when a file is finished. Name
// has one "*" in its last element: "sales-*.parquet".
//
// Of each file that is being written, the rows of the open row group are in memory, see [RowGroup]. They must not be changed by others.
//
// Files panics if T is no struct, has a tag that parquet-go does not know or a type that it writes wrong, if an option names a column that T
// has not, and where sink.Files does. A name that ends in ".gz" or ".zst" is refused: compression is inside.
func Files[T any](dir, name string, opts ...Option) stream.Sink[T] {
	f, c := newFormat[T]("Files", name, opts)
	return sink.Files(dir, name, f, c.roll...)
}

// FilesIn is [Files] in another file system: HDFS, a bucket, or whatever else keeps the contract of [filesystem.Writable].
//
// FilesIn panics if system is nil, and where Files does.
func FilesIn[T any](system filesystem.Writable, name string, opts ...Option) stream.Sink[T] {
	f, c := newFormat[T]("FilesIn", name, opts)
	return sink.FilesIn(system, name, f, c.roll...)
}

func newFormat[T any](call, name string, opts []Option) (*files[T], *config) {
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("parquetsink: %s(%q): %v is no struct, whose fields would be the columns", call, name, t))
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".gz", ".zst":
		panic(fmt.Sprintf("parquetsink: %s(%q): a Parquet file is compressed inside, see Compression", call, name))
	}
	c := &config{rows: 128 << 10, bytes: 64 << 20, codec: Snappy}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("parquetsink: %s(%q): option %d is nil", call, name, i+1))
		}
		o(c)
	}
	tags := microseconds(t)
	schema := parquet.SchemaOf(*new(T), tags...)
	if len(schema.Columns()) == 0 {
		panic(fmt.Sprintf("parquetsink: %s(%q): %v has no exported field", call, name, t))
	}
	f := &files[T]{config: c, schema: schema, nulls: nulls(schema), weigh: weigherOf(t, schema)}
	for _, tag := range tags {
		f.options = append(f.options, tag.(parquet.WriterOption))
	}
	f.options = append(f.options, parquet.Compression(c.codec.codec()))
	for _, column := range append(c.bloomed(), c.sorted()...) {
		leaf, ok := schema.Lookup(strings.Split(column, ".")...)
		if !ok || leaf.MaxRepetitionLevel > 0 {
			panic(fmt.Sprintf("parquetsink: %s(%q): %v has no column %q, or a list of them", call, name, t, column))
		}
	}
	f.options = append(f.options, c.writerOptions()...)
	return f, c
}

// files are the format of a sink's files.
type files[T any] struct {
	*config
	schema  *parquet.Schema
	nulls   bool // a column may lack values
	options []parquet.WriterOption
	weigh   weigher // of a row
	writers writers[T]
}
