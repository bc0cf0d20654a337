package parquetsink

import (
	"fmt"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"

	"github.com/freshet-go/freshet/sink"
)

// An Option says how files are written.
type Option func(*config)

type config struct {
	roll   []sink.FilesOption
	rows   int   // of a row group
	bytes  int64 // of a row group, as it is in memory
	codec  Codec
	sort   []parquet.SortingColumn
	blooms []bloom
}

type bloom struct {
	column string
	bits   uint
}

// Roll says when a file is finished and the next one begun: [sink.RollSize], [sink.RollRows], [sink.RollEvery], [sink.RollBy]. The size of a
// file is looked at when a row group ends. By default a file is finished by the end of the events alone.
func Roll(opts ...sink.FilesOption) Option {
	return func(c *config) { c.roll = append(c.roll, opts...) }
}

// RowGroup sets when a row group is full: when it has so many rows, or so many bytes as they are in memory. The default is 131,072 rows and 64
// MiB. It panics unless both are positive.
func RowGroup(rows int, bytes int64) Option {
	if rows <= 0 || bytes <= 0 {
		panic(fmt.Sprintf("parquetsink: RowGroup(%d, %d): want positive numbers", rows, bytes))
	}
	return func(c *config) { c.rows, c.bytes = rows, bytes }
}

// A Codec is how pages are compressed.
type Codec int

// Codecs that all readers know.
const (
	Snappy Codec = iota // quick, and the default
	Gzip
	Zstd // small, and nearly as quick
	Uncompressed
)

func (c Codec) codec() compress.Codec {
	switch c {
	case Gzip:
		return &parquet.Gzip
	case Zstd:
		return &parquet.Zstd
	case Uncompressed:
		return &parquet.Uncompressed
	}
	return &parquet.Snappy
}

// Compression sets how pages are compressed. The default is Snappy. A tag of a field has its column compressed
// otherwise.
func Compression(c Codec) Option {
	if c < Snappy || c > Uncompressed {
		panic(fmt.Sprintf("parquetsink: Compression(%d): no such codec", c))
	}
	return func(cfg *config) { cfg.codec = c }
}

// Sort has the rows of each row group sorted by columns, the first one first: "shop", "buyer.city"; with a minus in front, "-at",
// the largest comes first. Nulls come last. Equal rows keep no order. It costs twice the time of writing, or more.
func Sort(columns ...string) Option {
	var all []parquet.SortingColumn
	for _, name := range columns {
		path := strings.Split(strings.TrimPrefix(name, "-"), ".")
		if strings.HasPrefix(name, "-") {
			all = append(all, parquet.Descending(path...))
		} else {
			all = append(all, parquet.Ascending(path...))
		}
	}
	return func(c *config) { c.sort = append(c.sort, all...) }
}

// Bloom has a Bloom filter be written for a column, by which readers pass over row groups that lack a value: of bits
// bits for each value, of which 10 let 1 % of the others through. It panics unless bits is between 1 and 64.
func Bloom(column string, bits int) Option {
	if bits < 1 || bits > 64 {
		panic(fmt.Sprintf("parquetsink: Bloom(%q, %d): want 1 to 64 bits", column, bits))
	}
	return func(c *config) { c.blooms = append(c.blooms, bloom{column, uint(bits)}) }
}

func (c *config) bloomed() (columns []string) {
	for _, b := range c.blooms {
		columns = append(columns, b.column)
	}
	return columns
}

func (c *config) sorted() (columns []string) {
	for _, s := range c.sort {
		columns = append(columns, strings.Join(s.Path(), "."))
	}
	return columns
}

// writerOptions are those of parquet-go that the options come to.
func (c *config) writerOptions() (opts []parquet.WriterOption) {
	if len(c.sort) > 0 {
		opts = append(opts, parquet.SortingWriterConfig(parquet.SortingColumns(c.sort...)))
	}
	var filters []parquet.BloomFilterColumn
	for _, b := range c.blooms {
		filters = append(filters, parquet.SplitBlockFilter(b.bits, strings.Split(b.column, ".")...))
	}
	if len(filters) > 0 {
		opts = append(opts, parquet.BloomFilters(filters...))
	}
	return opts
}
