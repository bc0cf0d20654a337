package parquetsource

import (
	"encoding/binary"
	"fmt"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// Runs are how levels, indexes into a dictionary and most booleans are written: a count, and what comes so often, or how many
// eights of values are packed behind it. parquet-go makes as many as the counts say, be it gigabytes out of a few bytes.

// checkRuns returns an error if runs of values of so many bits are longer than a page of so many values can need. What is damaged
// otherwise is found where it is decoded.
func checkRuns(data []byte, bits int, values int64) error {
	const padding = 63 * 8 // that a run which is packed may be filled up with
	for n := int64(0); len(data) > 0; {
		head, size := binary.Uvarint(data)
		if size <= 0 {
			return nil
		}
		data = data[size:]
		count, length := int64(min(head>>1, 1<<40)), int64(bits+7)/8
		if head&1 != 0 {
			count, length = 8*count, count*int64(bits)
		}
		if n += count; n > values+padding {
			return fmt.Errorf("a page of %d values has runs of %d or more: %w", values, n, parquet.ErrCorrupted)
		}
		if length > int64(len(data)) {
			return nil
		}
		data = data[length:]
	}
	return nil
}

// checkLevels checks the levels that stand in front of the values of a page, and returns the values.
func checkLevels(head *format.PageHeader, data []byte, values int64, l limits) ([]byte, error) {
	for _, bits := range []int{l.repetition, l.definition} {
		if bits == 0 || head.Type != format.DataPage {
			continue // there are none, or they have been cut off
		}
		if len(data) < 4 || int64(binary.LittleEndian.Uint32(data)) > int64(len(data))-4 {
			return nil, errThrift
		}
		end := 4 + binary.LittleEndian.Uint32(data)
		if err := checkRuns(data[4:end], bits, values); err != nil {
			return nil, err
		}
		data = data[end:]
	}
	return data, nil
}

// checkIndexes checks the indexes into a dictionary, in front of which stands how many bits each has.
func checkIndexes(data []byte, values int64) error {
	if len(data) == 0 || data[0] > 32 {
		return nil
	}
	return checkRuns(data[1:], int(data[0]), values)
}
