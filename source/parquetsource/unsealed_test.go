package parquetsource_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
	"github.com/stretchr/testify/require"
)

// unsealed returns a file whose pages have no checksums, which many writers leave out. With them damage is found before
// it is decoded.
func unsealed(t testing.TB, data []byte) []byte {
	t.Helper()
	data = bytes.Clone(data)
	file, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	for _, group := range file.Metadata().RowGroups {
		for _, column := range group.Columns {
			at := column.MetaData.DataPageOffset
			if column.MetaData.DictionaryPageOffset != 0 {
				at = column.MetaData.DictionaryPageOffset
			}
			for end := at + column.MetaData.TotalCompressedSize; at < end; {
				in := bytes.NewReader(data[at:end])
				var head format.PageHeader
				require.NoError(t, thrift.NewDecoder(new(thrift.CompactProtocol).NewReader(in)).Decode(&head))
				size := end - at - int64(in.Len())
				sum := binary.AppendVarint(nil, int64(head.CRC))
				where := bytes.Index(data[at:at+size], sum)
				require.GreaterOrEqual(t, where, 0)
				for i := range sum {
					data[at+int64(where+i)] = 0x80 // zero, as long as the sum was
				}
				data[at+int64(where+len(sum)-1)] = 0
				at += size + int64(head.CompressedPageSize)
			}
		}
	}
	return data
}
