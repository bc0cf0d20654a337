package parquetsource

import (
	"cmp"
	"encoding/binary"
	"fmt"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/format"
)

// A checked page is what check has found out of it.
type checked struct {
	values int64  // how many there are, nulls included
	bits   []byte // of booleans in runs, which parquet-go reads wrong; nil where there are none
	bools  int64  // how many of those there are
}

// check returns what a page has, and an error if what it claims is beyond the limits.
func check(head *format.PageHeader, body []byte, meta *format.ColumnMetaData, l limits) (c checked, err error) {
	values, data, err := checkSizes(head, body, meta.Codec, l)
	if c.values = values; err != nil {
		return c, err
	}
	encoding := encodingOf(head)
	if (encoding == format.Plain || encoding == format.ByteStreamSplit) && (l.repetition+l.definition == 0 || head.Type != format.DataPage) {
		return c, nil // most pages need not be decompressed once more
	}
	if data, err = unpacked(head, data, meta.Codec); err != nil {
		return c, err
	}
	if data, err = checkLevels(head, data, values, l); err != nil {
		return c, err
	}
	switch {
	case isRuns(head, meta.Type):
		c.bits, c.bools, err = booleans(data, values)
	case encoding == format.RLEDictionary, encoding == plainDictionary:
		err = checkIndexes(data, values)
	case encoding == format.DeltaBinaryPacked, encoding == format.DeltaLengthByteArray, encoding == format.DeltaByteArray:
		err = checkDelta(data, encoding, values, l.most)
	}
	return c, err
}

// plainDictionary is what older writers call RLEDictionary, and newer ones are not to write.
const plainDictionary format.Encoding = 2

func encodingOf(head *format.PageHeader) format.Encoding {
	switch {
	case head.Type == format.DataPage:
		return head.DataPageHeader.V.Encoding
	case head.Type == format.DataPageV2:
		return head.DataPageHeaderV2.V.Encoding
	}
	return format.Plain
}

// unpacked returns what stands behind levels that are not compressed, decompressed.
func unpacked(head *format.PageHeader, data []byte, codec format.CompressionCodec) ([]byte, error) {
	if !isPacked(head) || codec == format.Uncompressed {
		return data, nil
	}
	return parquet.LookupCompressionCodec(codec).Decode(make([]byte, 0, head.UncompressedPageSize), data)
}

func isPacked(head *format.PageHeader) bool {
	h := &head.DataPageHeaderV2.V
	return head.Type != format.DataPageV2 || !h.IsCompressed.Valid || h.IsCompressed.V
}

// checkSizes returns how many values a page has, and its data behind levels that are not compressed.
func checkSizes(head *format.PageHeader, body []byte, codec format.CompressionCodec, l limits) (values int64, data []byte, err error) {
	most, levels := l.most, int64(0)
	switch {
	case head.Type == format.DataPage && head.DataPageHeader.Valid:
		values = int64(head.DataPageHeader.V.NumValues)
	case head.Type == format.DataPageV2 && head.DataPageHeaderV2.Valid:
		h := &head.DataPageHeaderV2.V
		values = int64(h.NumValues)
		levels = int64(h.RepetitionLevelsByteLength) + int64(h.DefinitionLevelsByteLength)
		if h.NumNulls < 0 || h.NumNulls > h.NumValues || h.NumRows < 0 || h.NumRows > h.NumValues {
			return 0, nil, fmt.Errorf("a page of %d values claims %d nulls and %d rows: %w", h.NumValues, h.NumNulls, h.NumRows, parquet.ErrCorrupted)
		}
		if h.RepetitionLevelsByteLength < 0 || h.DefinitionLevelsByteLength < 0 || levels > int64(len(body)) {
			return 0, nil, claims("the levels of a page", levels, int64(len(body)))
		}
		repetition, definition := body[:h.RepetitionLevelsByteLength], body[h.RepetitionLevelsByteLength:levels]
		if err := cmp.Or(checkRuns(repetition, l.repetition, values), checkRuns(definition, l.definition, values)); err != nil {
			return 0, nil, err
		}
	case head.Type == format.DictionaryPage && head.DictionaryPageHeader.Valid:
		values = int64(head.DictionaryPageHeader.V.NumValues)
	default:
		return 0, nil, fmt.Errorf("a page is of type %v, and has no header of it: %w", head.Type, parquet.ErrCorrupted)
	}
	size := int64(head.UncompressedPageSize)
	if size < 0 || size > most {
		return 0, nil, claims("a page, uncompressed,", size, most)
	}
	if values < 0 || values > most/8 {
		return 0, nil, fmt.Errorf("a page claims %d values, and may have %d (see parquetsource.MaxPage): %w", values, most/8, parquet.ErrCorrupted)
	}
	data = body[levels:]
	if isPacked(head) {
		err = unpacks(data, codec, size, most)
	}
	return values, data, err
}

// checkDelta returns an error if data of a delta encoding tells of more values than the page has, or of longer ones than fit into most bytes
// together: it names a count, and lengths of beginnings that values share with the one before.
func checkDelta(data []byte, encoding format.Encoding, values, most int64) error {
	lists := 1 // of lengths
	switch encoding {
	case format.DeltaBinaryPacked:
		lists = 0
	case format.DeltaByteArray:
		lists = 2
	}
	total := int64(0)
	for list := 0; ; list++ {
		if count, err := deltaCount(data); list == 0 || list < lists {
			if err != nil || count > values {
				return fmt.Errorf("a page of %d values has delta encoding of %d: %w", values, count, parquet.ErrCorrupted)
			}
		}
		if list == lists {
			return nil
		}
		lengths, rest, err := deltaLengths(data)
		if err != nil {
			return err
		}
		for _, n := range lengths {
			if total += int64(n); n < 0 || total > most {
				return claims("the strings of a page", total, most)
			}
		}
		data = rest
	}
}

// deltaCount reads how many values a delta encoding says it has.
func deltaCount(data []byte) (int64, error) {
	var v uint64
	for range 3 { // values of a block, blocks of a block, values
		var n int
		if v, n = binary.Uvarint(data); n <= 0 {
			return 0, errThrift
		}
		data = data[n:]
	}
	return int64(min(v, 1<<40)), nil
}

// deltaLengths decodes lengths, whose count has been checked, and returns what follows.
func deltaLengths(data []byte) (lengths []int32, rest []byte, err error) {
	var e delta.BinaryPackedEncoding
	lengths, err = e.DecodeInt32(nil, data)
	if err != nil {
		return nil, nil, err
	}
	rest, err = behindDelta(data)
	return lengths, rest, err
}

// behindDelta returns what follows delta encoding.
func behindDelta(data []byte) ([]byte, error) {
	var head [3]uint64
	for i := range head {
		v, n := binary.Uvarint(data)
		if n <= 0 {
			return nil, errThrift
		}
		head[i], data = v, data[n:]
	}
	_, n := binary.Varint(data) // the first value
	if n <= 0 || head[1] == 0 || head[0]/head[1] == 0 {
		return nil, errThrift
	}
	data = data[n:]
	block, small := head[1], head[0]/head[1]
	for left := int64(head[2]) - 1; left > 0; {
		_, n := binary.Varint(data) // the least difference
		if n <= 0 || uint64(len(data)-n) < block {
			return nil, errThrift
		}
		widths := data[n : n+int(block)]
		data = data[n+int(block):]
		for _, width := range widths {
			if left <= 0 {
				break
			}
			size := uint64(width) * small / 8
			if size > uint64(len(data)) {
				return nil, errThrift
			}
			data = data[size:]
			left -= int64(small)
		}
	}
	return data, nil
}
