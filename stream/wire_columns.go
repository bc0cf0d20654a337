package stream

import (
	"encoding/binary"
	"errors"
)

var errCutShort = errors.New("cut short")

// appendFixed appends numbers of 8 bytes. They need not be of type uint64: a time is a number, too.
func appendFixed(b []byte, all []uint64) []byte {
	b = binary.AppendUvarint(b, uint64(len(all)))
	for _, x := range all {
		b = binary.LittleEndian.AppendUint64(b, x)
	}
	return b
}

func readFixed(b []byte, to *[]uint64) ([]byte, error) {
	n, used := binary.Uvarint(b)
	if used <= 0 || n > uint64(len(b)-used)/8 {
		return b, errCutShort
	}
	b = b[used:]
	all := sized(*to, int(n))
	for i := range all {
		all[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	*to = all
	return b[8*n:], nil
}

func appendLate(b []byte, all []lateMark) []byte {
	b = binary.AppendUvarint(b, uint64(len(all)))
	for _, m := range all {
		b = binary.AppendUvarint(b, uint64(m.row))
		b = binary.LittleEndian.AppendUint64(b, uint64(m.watermark))
	}
	return b
}

func readLate(b []byte, to *[]lateMark) ([]byte, error) {
	n, used := binary.Uvarint(b)
	if used <= 0 || n > uint64(len(b)-used)/9 {
		return b, errCutShort
	}
	b = b[used:]
	all := (*to)[:0]
	for range n {
		row, used := binary.Uvarint(b)
		if used <= 0 || row > 1<<30 || len(b) < used+8 {
			return b, errCutShort
		}
		all = append(all, lateMark{int32(row), Time(binary.LittleEndian.Uint64(b[used:]))})
		b = b[used+8:]
	}
	*to = all
	return b, nil
}

// appendTo appends what travels of a header. All rows are selected in a batch that is sent. Times and places are
// stored as differences, as they mostly grow by little.
func (h *header) appendTo(b []byte) []byte {
	timed := byte(0)
	if h.times != nil && len(h.seqs) > 0 {
		timed = 1
	}
	b = binary.AppendUvarint(append(b, timed), uint64(len(h.seqs)))
	b = appendDifferences(b, h.seqs)
	if timed == 1 {
		b = appendDifferences(b, h.times)
	}
	return appendLate(b, h.late)
}

func (h *header) readFrom(b []byte) (_ []byte, err error) {
	if len(b) == 0 || b[0] > 1 {
		return b, errCutShort
	}
	timed := b[0] == 1
	n, used := binary.Uvarint(b[1:])
	if used <= 0 || n > uint64(len(b)) {
		return b, errCutShort
	}
	b = b[1+used:]
	h.seqs = sized(h.seqs, int(n))
	if b, err = readDifferences(b, h.seqs); err != nil {
		return b, err
	}
	if timed {
		h.times = sized(h.times, int(n))
		if b, err = readDifferences(b, h.times); err != nil {
			return b, err
		}
	} else {
		h.times = nil
	}
	return readLate(b, &h.late)
}

// appendDifferences appends numbers, each as what it is more than the one before. Most take a byte.
func appendDifferences[N ~int64 | ~uint64](b []byte, all []N) []byte {
	last := N(0)
	for _, x := range all {
		d := int64(x - last)
		if u := uint64(d)<<1 ^ uint64(d>>63); u < 0x80 {
			b = append(b, byte(u))
		} else {
			b = binary.AppendVarint(b, d)
		}
		last = x
	}
	return b
}

// readDifferences reads as many numbers as there is room for.
func readDifferences[N ~int64 | ~uint64](b []byte, to []N) ([]byte, error) {
	last, at := N(0), 0
	for i := range to {
		if at < len(b) && b[at] < 0x80 {
			last += N(b[at]>>1) ^ -N(b[at]&1)
			at++
		} else {
			d, used := binary.Varint(b[at:])
			if used <= 0 {
				return b, errCutShort
			}
			last += N(d)
			at += used
		}
		to[i] = last
	}
	return b[at:], nil
}
