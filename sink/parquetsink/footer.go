package parquetsink

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// A group is what the footer has to tell of a row group, encoded.
type group struct {
	file    []byte // what the footer tells of the whole file; nil for all groups but the first
	rows    []byte // format.RowGroup, without the places of its indexes
	columns []byte // column indexes, one behind the other
	offsets []byte // offset indexes
}

func newGroup(meta *format.FileMetaData, view parquet.FileView, first bool) (g group, err error) {
	made := &meta.RowGroups[0]
	encode := func(v any, length *int32, dst []byte) []byte {
		b, e := marshal(v)
		if err == nil {
			err = e
		}
		*length = int32(len(b))
		return append(dst, b...)
	}
	columns, offsets := view.ColumnIndexes(), view.OffsetIndexes()
	if len(columns) != len(made.Columns) || len(offsets) != len(made.Columns) {
		return g, fmt.Errorf("%d columns have %d column indexes and %d offset indexes", len(made.Columns), len(columns), len(offsets))
	}
	for i := range made.Columns {
		c := &made.Columns[i]
		c.ColumnIndexOffset, c.OffsetIndexOffset = 0, 0
		g.columns = encode(&columns[i], &c.ColumnIndexLength, g.columns)
		g.offsets = encode(&offsets[i], &c.OffsetIndexLength, g.offsets)
	}
	var n int32
	g.rows = encode(made, &n, nil)
	if first {
		file := *meta
		file.RowGroups, file.NumRows = format.FileMetaData{}.RowGroups, 0
		g.file = encode(&file, &n, nil)
	}
	return g, err
}

// append encodes a group: the length of each of its parts, in 4 bytes, and the part.
func (g group) append(dst []byte) []byte {
	for _, part := range [][]byte{g.file, g.rows, g.columns, g.offsets} {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(len(part)))
		dst = append(dst, part...)
	}
	return dst
}

var errGroup = errors.New("parquetsink: damaged data of a row group")

// parseGroup decodes what append has encoded.
func parseGroup(b []byte) (g group, err error) {
	for _, part := range []*[]byte{&g.file, &g.rows, &g.columns, &g.offsets} {
		if len(b) < 4 || uint64(binary.LittleEndian.Uint32(b)) > uint64(len(b)-4) {
			return g, errGroup
		}
		n := binary.LittleEndian.Uint32(b)
		*part, b = b[4:4+n], b[4+n:]
	}
	if len(b) > 0 {
		return g, errGroup
	}
	return g, nil
}

// appendFooter appends the indexes of all row groups, and the footer, which come to stand at a place of the file.
func appendFooter(dst []byte, groups []group, at int64) (_ []byte, rows int64, err error) {
	protocol := new(thrift.CompactProtocol)
	var file format.FileMetaData
	if len(groups) == 0 {
		return dst, 0, errors.New("parquetsink: a file without a row group")
	}
	if err := thrift.Unmarshal(protocol, groups[0].file, &file); err != nil {
		return dst, 0, err
	}
	from := len(dst)
	columns, offsets := at, at
	for _, g := range groups {
		offsets += int64(len(g.columns))
	}
	for i, g := range groups {
		var made format.RowGroup
		if err := thrift.Unmarshal(protocol, g.rows, &made); err != nil {
			return dst, 0, err
		}
		made.Ordinal = int16(i)
		for j := range made.Columns {
			c := &made.Columns[j]
			c.ColumnIndexOffset, c.OffsetIndexOffset = columns, offsets
			columns += int64(c.ColumnIndexLength)
			offsets += int64(c.OffsetIndexLength)
		}
		file.RowGroups = append(file.RowGroups, made)
		file.NumRows += made.NumRows
		dst = append(dst, g.columns...)
	}
	for _, g := range groups {
		dst = append(dst, g.offsets...)
	}
	if at+int64(len(dst)-from) != offsets {
		return dst, 0, errGroup
	}
	footer, err := marshal(&file)
	if err != nil {
		return dst, 0, err
	}
	dst = append(dst, footer...)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(footer)))
	return append(dst, magic...), file.NumRows, nil
}
