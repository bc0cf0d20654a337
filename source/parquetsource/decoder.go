package parquetsource

import (
	"fmt"
	"reflect"
	"strings"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// A decoder makes rows of a file.
type decoder[T any] interface {
	// begin turns to a row of a row group.
	begin(group int, row int64) error
	// read fills rows, which are zero.
	read(rows []T) error
	// end gives back what is held.
	end()
}

// newDecoder returns what makes rows of a file, or the error that a column's type does not fit.
func (s *files[T]) newDecoder(file *parquet.File, in *input) (_ decoder[T], err error) {
	defer catch(&err)
	if !s.flat {
		return s.newNested(file, in)
	}
	d := &columns[T]{file: file}
	for _, f := range s.fields {
		leaf, ok := file.Schema().Lookup(f.path...)
		if !ok {
			if f.optional {
				continue
			}
			return nil, s.lacks(file, f.path)
		}
		if leaf.MaxRepetitionLevel > 0 {
			return nil, s.mismatch(f.path, f.typ.String(), "repeated "+leaf.Node.Type().String())
		}
		if err := packed(file, leaf); err != nil {
			return nil, err
		}
		filler := fillerFor(f.typ, f.node.Type(), leaf.Node.Type())
		if filler == nil {
			return nil, s.mismatch(f.path, f.typ.String()+tagOf(f.node), leaf.Node.Type().String())
		}
		d.all = append(d.all, &column{
			field: f, filler: filler, leaf: leaf, null: byte(leaf.MaxDefinitionLevel),
			window: window{from: in}, limits: limitsOf(leaf, s.maxPage),
		})
	}
	return d, nil
}

// A typeError is the error of a column that is missing or does not fit: no damage.
type typeError struct{ text string }

func (e *typeError) Error() string { return e.text }

func (s *files[T]) mismatch(path []string, want, have string) error {
	return &typeError{fmt.Sprintf("column %q is %s in the file, and %s in %v", strings.Join(path, "."), have, want, reflect.TypeFor[T]())}
}

func (s *files[T]) lacks(file *parquet.File, path []string) error {
	var have []string
	for _, c := range file.Schema().Columns() {
		have = append(have, strings.Join(c, "."))
		if len(have) == 20 {
			have = append(have, "…")
			break
		}
	}
	return &typeError{fmt.Sprintf("there is no column %q, which %v names; there are %s. A pointer, or the tag optional, allows that it is missing",
		strings.Join(path, "."), reflect.TypeFor[T](), strings.Join(have, ", "))}
}

// packed returns an error if a column is compressed as parquet-go cannot decompress it. Of LZ4_RAW, version 0.32.0 gives other
// bytes, without an error, where data has not become much shorter, and never ends where data is damaged.
func packed(file *parquet.File, leaf parquet.LeafColumn) error {
	for _, g := range file.Metadata().RowGroups {
		switch codec := g.Columns[leaf.ColumnIndex].MetaData.Codec; codec {
		case format.Uncompressed, format.Snappy, format.Gzip, format.Brotli, format.Zstd:
		default:
			return &typeError{fmt.Sprintf("column %q is compressed with %v, which cannot be read: have it written with Snappy or Zstd", strings.Join(leaf.Path, "."), codec)}
		}
	}
	return nil
}

// tagOf returns the logical type that a field's tags say, if it is not plain from the field's type.
func tagOf(n parquet.Node) string {
	if l := n.Type().LogicalType(); l != nil && l.Value != nil {
		return " (" + n.Type().String() + ")"
	}
	return ""
}

// columns make rows of a flat struct, one column after the other.
type columns[T any] struct {
	file *parquet.File
	all  []*column
}

func (d *columns[T]) begin(group int, row int64) (err error) {
	defer catch(&err)
	for _, c := range d.all {
		c.begin(d.file, group)
		if err := c.skip(row); err != nil {
			return c.failed(err)
		}
	}
	return nil
}

func (d *columns[T]) read(rows []T) (err error) {
	at := 0
	defer func() {
		if err != nil {
			err = d.all[at].failed(err)
		}
	}()
	defer catch(&err)
	for i, c := range d.all {
		at = i
		if err := c.fill(unsafe.Pointer(&rows[0]), unsafe.Sizeof(rows[0]), len(rows)); err != nil {
			return err
		}
	}
	return nil
}

func (d *columns[T]) end() {
	for _, c := range d.all {
		c.end()
	}
}
