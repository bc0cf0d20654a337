package parquetsink

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"sort"
	"sync"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// A file is
//
//	"PAR1" { head, row group, what the footer has to tell of it } footer
//
// and can be completed after each of the braces: the heads lead from one to the next. Readers go by the footer, and never see
// what stands between.
//
// A row group is made by parquet-go as a file of its own, in memory, whose places are shifted to where it comes to stand.

const magic = "PAR1"

// A head stands before a row group, the lowest byte of numbers first:
//
//	"FRSH", 8 bytes: length of the row group, 4: of what the footer has to tell, 4: CRC-32C of both, 4: CRC-32C of the head so far
const (
	headMagic = "FRSH"
	headSize  = 24
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func appendHead(dst []byte, data, meta []byte) []byte {
	from := len(dst)
	dst = append(dst, headMagic...)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(data)))
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(meta)))
	sum := crc32.Update(crc32.Checksum(data, castagnoli), castagnoli, meta)
	dst = binary.LittleEndian.AppendUint32(dst, sum)
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[from:], castagnoli))
}

// parseHead reads a head. It reports false for anything else.
func parseHead(b []byte) (data int64, meta int, sum uint32, ok bool) {
	n := binary.LittleEndian.Uint64(b[4:])
	ok = string(b[:4]) == headMagic && crc32.Checksum(b[:20], castagnoli) == binary.LittleEndian.Uint32(b[20:]) && n < 1<<60
	return int64(n), int(binary.LittleEndian.Uint32(b[12:])), binary.LittleEndian.Uint32(b[16:]), ok
}

// A writer makes files of one row group.
type writer[T any] struct {
	out    bytes.Buffer
	writer *parquet.GenericWriter[T]
	sorted *parquet.GenericBuffer[T] // nil if rows are not sorted
}

// writers are those that nobody uses at the moment: one serves all files of an instance.
type writers[T any] struct{ pool sync.Pool }

func (f *files[T]) writer() *writer[T] {
	if w, ok := f.writers.pool.Get().(*writer[T]); ok {
		return w
	}
	w := &writer[T]{}
	w.writer = parquet.NewGenericWriter[T](&w.out, f.options...)
	if len(f.sort) > 0 {
		w.sorted = parquet.NewGenericBuffer[T](f.schema, parquet.SortingRowGroupConfig(parquet.SortingColumns(f.sort...)))
	}
	return w
}

// encode appends a row group, with its head and what the footer has to tell, that comes to stand at a place of the file. First says
// that it is the file's first.
func (f *files[T]) encode(dst []byte, rows []T, at int64, first bool) (_ []byte, g group, err error) {
	defer func() {
		if p := recover(); p != nil { // nothing that weigh lets pass should
			err = fmt.Errorf("parquet-go panics: %v", p)
		}
	}()
	w := f.writer()
	w.out.Reset()
	w.writer.Reset(&w.out)
	if w.sorted == nil {
		_, err = w.writer.Write(rows)
	} else {
		w.sorted.Reset()
		if err = f.fill(w.sorted, rows); err == nil {
			sort.Sort(w.sorted)
			_, err = w.writer.WriteRowGroup(w.sorted)
		}
	}
	if err == nil {
		err = w.writer.Close()
	}
	if err != nil {
		return dst, g, err
	}
	view := w.writer.File()
	meta := view.Metadata()
	if len(meta.RowGroups) != 1 {
		return dst, g, fmt.Errorf("parquet-go made %d row groups of one", len(meta.RowGroups))
	}
	made := &meta.RowGroups[0]
	data := w.out.Bytes()[len(magic):made.Columns[0].ColumnIndexOffset] // the indexes follow the row group
	shift(made, view.OffsetIndexes(), at+headSize-int64(len(magic)))
	if g, err = newGroup(meta, view, first); err != nil {
		return dst, g, err
	}
	// The writer's next Reset clears what stands here, and that is shared: the names of the schema's columns would be gone, and by what rows
	// are sorted.
	*made = format.RowGroup{}
	told := g.append(nil)
	dst = appendHead(dst, data, told)
	dst = append(append(dst, data...), told...)
	f.writers.pool.Put(w)
	return dst, g, nil
}

// fill writes rows to what sorts them. Where a column may lack values, each goes by itself: parquet-go 0.32.0 mixes up the places of several values
// behind each other that are not null, and then panics, or sorts for ever.
func (f *files[T]) fill(to *parquet.GenericBuffer[T], rows []T) error {
	at := len(rows)
	if f.nulls {
		at = 1
	}
	for some := range slices.Chunk(rows, max(at, 1)) {
		if _, err := to.Write(some); err != nil {
			return err
		}
	}
	return nil
}

// nulls reports whether a column of a schema may lack values.
func nulls(schema *parquet.Schema) bool {
	return slices.ContainsFunc(schema.Columns(), func(path []string) bool {
		leaf, _ := schema.Lookup(path...)
		return leaf.MaxDefinitionLevel > 0
	})
}

// shift moves the places that a row group tells of.
func shift(g *format.RowGroup, indexes []format.OffsetIndex, by int64) {
	move := func(at *int64) {
		if *at != 0 {
			*at += by
		}
	}
	move(&g.FileOffset)
	for i := range g.Columns {
		c := &g.Columns[i]
		move(&c.FileOffset)
		move(&c.MetaData.DataPageOffset)
		move(&c.MetaData.DictionaryPageOffset)
		move(&c.MetaData.IndexPageOffset)
		move(&c.MetaData.BloomFilterOffset)
	}
	for i := range indexes {
		for j := range indexes[i].PageLocations {
			move(&indexes[i].PageLocations[j].Offset)
		}
	}
}

// marshal encodes metadata.
func marshal(v any) ([]byte, error) { return thrift.Marshal(new(thrift.CompactProtocol), v) }
