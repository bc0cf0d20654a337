package parquetsource

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// nested makes rows of structs that have lists, maps or structs behind pointers. Parquet-go puts them together.
type nested[T any] struct {
	source *files[T]
	file   *parquet.File
	in     *input
	schema *parquet.Schema
	conv   parquet.Conversion
	rows   *parquet.GenericReader[T]
}

// newNested returns a decoder, if all columns fit.
func (s *files[T]) newNested(file *parquet.File, in *input) (decoder[T], error) {
	for _, path := range s.schema.Columns() {
		want, _ := s.schema.Lookup(path...)
		have, ok := file.Schema().Lookup(path...)
		if !ok {
			if want.Node.Optional() && want.MaxRepetitionLevel == 0 {
				continue
			}
			return nil, s.lacks(file, path)
		}
		if err := packed(file, have); err != nil {
			return nil, err
		}
		if !fits(want.Node.Type(), have.Node.Type()) || !slices.Equal(shape(s.schema, path), shape(file.Schema(), path)) {
			return nil, s.mismatch(path, describe(s.schema, path), describe(file.Schema(), path))
		}
	}
	schema := withTimes(s.schema, file.Schema())
	conv, err := parquet.Convert(schema, file.Schema())
	if err != nil {
		return nil, &typeError{err.Error()}
	}
	return &nested[T]{source: s, file: file, in: in, schema: schema, conv: conv}, nil
}

// shape returns for each part of a path whether it is repeated.
func shape(node parquet.Node, path []string) (repeated []bool) {
	for _, name := range path {
		if node = childOf(node, name); node == nil {
			break
		}
		repeated = append(repeated, node.Repeated())
	}
	return repeated
}

func describe(node parquet.Node, path []string) string {
	var words []string
	for i, repeated := range shape(node, path) {
		if node = childOf(node, path[i]); repeated {
			words = append(words, "repeated")
		}
	}
	return strings.Join(append(words, node.Type().String()), " ")
}

// fits reports whether parquet-go converts a column without loss.
func fits(want, have parquet.Type) bool {
	w, h := logicalOf(want), logicalOf(have)
	switch w := w.(type) {
	case *format.TimestampType:
		if _, ok := h.(*format.TimestampType); ok {
			return true
		}
		_, ok := h.(*format.DateType)
		return ok
	case *format.DateType, *format.TimeType, *format.DecimalType:
		if t, ok := w.(*format.TimeType); ok {
			o, ok := h.(*format.TimeType)
			return ok && unitOf(t.Unit) == unitOf(o.Unit)
		}
		return reflect.TypeOf(w) == reflect.TypeOf(h) && want.Kind() == have.Kind() && want.Length() == have.Length() && sameDecimal(w, h)
	}
	switch h.(type) {
	case *format.TimestampType, *format.DateType, *format.TimeType, *format.DecimalType:
		return false
	}
	switch want.Kind() {
	case parquet.Int32, parquet.Int64:
		return integers(want, w) == integers(have, h) || integers(have, h) == "int32" && integers(want, w) == "int64"
	case parquet.Double:
		return have.Kind() == parquet.Double || have.Kind() == parquet.Float
	case parquet.FixedLenByteArray:
		return have.Kind() == parquet.FixedLenByteArray && have.Length() == want.Length()
	}
	return want.Kind() == have.Kind()
}

// integers returns what integers of a column are like: "int64", "uint8".
func integers(t parquet.Type, logical any) string {
	if l, ok := logical.(*format.IntType); ok {
		if !l.IsSigned {
			return fmt.Sprintf("uint%d", l.BitWidth)
		}
		return fmt.Sprintf("int%d", l.BitWidth)
	}
	return strings.ToLower(t.Kind().String())
}

func (d *nested[T]) begin(group int, row int64) (err error) {
	defer catch(&err)
	d.end()
	from := d.file.RowGroups()[group]
	g := &checkedGroup{RowGroup: from}
	for i, chunk := range from.ColumnChunks() {
		leaf, _ := d.file.Schema().Lookup(d.file.Schema().Columns()[i]...)
		g.chunks = append(g.chunks, checkedChunk{
			chunk.(*parquet.FileColumnChunk), &d.file.Metadata().RowGroups[group].Columns[i].MetaData,
			d.in, limitsOf(leaf, d.source.maxPage),
		})
	}
	d.rows = parquet.NewGenericRowGroupReader[T](parquet.ConvertRowGroup(g, d.conv), d.schema)
	for skipped := make([]T, min(row, 256)); row > 0; row -= int64(len(skipped)) {
		skipped = skipped[:min(row, int64(len(skipped)))]
		if err := d.fill(skipped); err != nil {
			return err
		}
		clear(skipped)
	}
	return nil
}

func (d *nested[T]) read(rows []T) (err error) {
	defer catch(&err)
	return d.fill(rows)
}

func (d *nested[T]) fill(rows []T) error {
	n, err := d.rows.Read(rows)
	switch {
	case n == len(rows):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return fmt.Errorf("its columns end before the row group does: %w", parquet.ErrCorrupted)
	}
	return err
}

func (d *nested[T]) end() {
	if d.rows != nil {
		_ = d.rows.Close() // it was only read from
		d.rows = nil
	}
}

// A checkedGroup is a row group whose pages are checked.
type checkedGroup struct {
	parquet.RowGroup
	chunks []parquet.ColumnChunk
}

func (g *checkedGroup) ColumnChunks() []parquet.ColumnChunk { return g.chunks }

func (g *checkedGroup) Rows() parquet.Rows { return parquet.NewRowGroupRowReader(g) }
