package parquetsource

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"

	"github.com/parquet-go/parquet-go"
)

// firstRead is how much is read of the end of a file: most footers are shorter.
const firstRead = 64 << 10

// openFooter reads the footer of a file, and returns its fingerprint, too. An error of the medium is in.failure.
func openFooter(in *input, most int64) (file *parquet.File, print string, err error) {
	defer catch(&err)
	if in.size < 12 {
		return nil, "", fmt.Errorf("it has %d bytes, and a Parquet file at least 12: %w", in.size, parquet.ErrCorrupted)
	}
	tail := make([]byte, min(firstRead, in.size))
	if _, err := in.ReadAt(tail, in.size-int64(len(tail))); err != nil && err != io.EOF {
		return nil, "", err
	}
	magic := string(tail[len(tail)-4:])
	if magic == "PARE" {
		return nil, "", fmt.Errorf("its footer is encrypted")
	}
	if magic != "PAR1" {
		return nil, "", fmt.Errorf("it ends in %q, and a Parquet file in \"PAR1\": it is none, or was not written to its end: %w", magic, parquet.ErrCorrupted)
	}
	length := int64(binary.LittleEndian.Uint32(tail[len(tail)-8:]))
	if length > in.size-12 || length > most {
		return nil, "", claims("the footer", length, min(most, in.size-12))
	}
	if length+8 > int64(len(tail)) {
		tail = make([]byte, length+8)
		if _, err := in.ReadAt(tail, in.size-int64(len(tail))); err != nil && err != io.EOF {
			return nil, "", err
		}
	}
	footer := tail[int64(len(tail))-8-length : len(tail)-8]
	if _, err := structLength(footer); err != nil {
		return nil, "", err
	}
	file, err = parquet.OpenFile(footerReader{in, tail}, in.size,
		parquet.SkipMagicBytes(true), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, "", err
	}
	if err := checkFooter(file, in.size); err != nil {
		return nil, "", err
	}
	h := fnv.New64a()
	h.Write(footer)
	return file, fmt.Sprintf("%x-%016x", in.size, h.Sum64()), nil
}

// checkFooter returns an error if what a footer tells does not fit together, or into the file.
func checkFooter(file *parquet.File, size int64) error {
	columns := len(file.Schema().Columns())
	for g, group := range file.Metadata().RowGroups {
		if len(group.Columns) != columns {
			return fmt.Errorf("row group %d has %d columns, and the schema %d: %w", g, len(group.Columns), columns, parquet.ErrCorrupted)
		}
		for c := range group.Columns {
			meta := &group.Columns[c].MetaData
			from := meta.DataPageOffset
			if meta.DictionaryPageOffset != 0 {
				from = meta.DictionaryPageOffset
			}
			if n := meta.TotalCompressedSize; from < 0 || n < 0 || from > size || n > size-from || meta.NumValues < 0 {
				return fmt.Errorf("row group %d has column %q at byte %d, of %d bytes and %d values, and the file %d bytes: %w",
					g, file.Schema().Columns()[c], from, n, meta.NumValues, size, parquet.ErrCorrupted)
			}
		}
	}
	return nil
}

// A footerReader reads a file whose end is at hand.
type footerReader struct {
	*input
	tail []byte
}

func (r footerReader) ReadAt(p []byte, at int64) (int, error) {
	from := r.size - int64(len(r.tail))
	if at < from {
		return r.input.ReadAt(p, at)
	}
	n := copy(p, r.tail[min(at-from, int64(len(r.tail))):])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// catch makes a panic of parquet-go's, which has met damage, an error.
func catch(err *error) {
	switch p := recover().(type) {
	case nil:
	case error:
		*err = fmt.Errorf("%w: %w", parquet.ErrCorrupted, p)
	default:
		*err = fmt.Errorf("%w: %v", parquet.ErrCorrupted, p)
	}
}
