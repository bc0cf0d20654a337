package parquetsource

import (
	"encoding/binary"
	"fmt"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// isRuns reports whether a page holds booleans in runs, as data pages of version 2 mostly do. parquet-go 0.32.0 reads its own such pages
// only: it takes a run to be of whole bytes, and the value of one to be a byte of eight.
func isRuns(head *format.PageHeader, of format.Type) bool {
	if of != format.Boolean {
		return false
	}
	return head.DataPageHeader.Valid && head.DataPageHeader.V.Encoding == format.RLE ||
		head.DataPageHeaderV2.Valid && head.DataPageHeaderV2.V.Encoding == format.RLE
}

// booleans decodes runs of booleans into bits, the first in the lowest, and returns them with how many they are: at most
// values, but for what fills up the last run.
func booleans(data []byte, values int64) (bits []byte, n int64, err error) {
	if len(data) < 4 || int64(binary.LittleEndian.Uint32(data)) > int64(len(data))-4 {
		return nil, 0, errRuns
	}
	data = data[4 : 4+binary.LittleEndian.Uint32(data)]
	if err := checkRuns(data, 1, values); err != nil {
		return nil, 0, err
	}
	bits = make([]byte, (values+7)/8)
	for len(data) > 0 && n < values {
		head, size := binary.Uvarint(data)
		if size <= 0 {
			return nil, 0, errRuns
		}
		data = data[size:]
		count := int64(min(head>>1, 1<<40))
		if head&1 == 0 {
			if len(data) == 0 {
				return nil, 0, errRuns
			}
			if data[0]&1 != 0 {
				setBits(bits, n, min(n+count, values))
			}
			data = data[1:]
			n += count
			continue
		}
		if count > int64(len(data)) {
			return nil, 0, errRuns
		}
		appendBits(bits, n, data[:count])
		data = data[count:]
		n += 8 * count
	}
	return bits, n, nil
}

// setBits sets those from one on, up to another.
func setBits(bits []byte, from, to int64) {
	for ; from < to && from&7 != 0; from++ {
		bits[from>>3] |= 1 << (from & 7)
	}
	for ; from+8 <= to; from += 8 {
		bits[from>>3] = 0xff
	}
	for ; from < to; from++ {
		bits[from>>3] |= 1 << (from & 7)
	}
}

// appendBits puts in bits from one on, as many as there is room for. Those from there on are 0.
func appendBits(bits []byte, from int64, more []byte) {
	to, shift := bits[from>>3:], from&7
	for i, b := range more {
		if i >= len(to) {
			return
		}
		to[i] |= b << shift
		if shift > 0 && i+1 < len(to) {
			to[i+1] |= b >> (8 - shift)
		}
	}
}

// correct puts bits in the place of what parquet-go has made of a page. It made whole bytes of each run, so that there is room for all.
func correct(page parquet.Page, bits []byte, n int64) error {
	data := page.Data()
	want := page.NumValues() - page.NumNulls()
	if n < want {
		return fmt.Errorf("a page of %d booleans has %d: %w", want, n, parquet.ErrCorrupted)
	}
	copy(data.Boolean(), bits)
	return nil
}

var errRuns = fmt.Errorf("runs of booleans are cut short: %w", parquet.ErrCorrupted)
