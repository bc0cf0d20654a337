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
	last := uint64(0)
	for _, s := range h.seqs {
		b = binary.AppendVarint(b, int64(s-last))
		last = s
	}
	if timed == 1 {
		before := Time(0)
		for _, t := range h.times {
			b = binary.AppendVarint(b, int64(t-before))
			before = t
		}
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
	seqs, last := sized(h.seqs, int(n)), uint64(0)
	for i := range seqs {
		d, used := binary.Varint(b)
		if used <= 0 {
			return b, errCutShort
		}
		last += uint64(d)
		seqs[i], b = last, b[used:]
	}
	h.seqs = seqs
	if timed {
		times, last := sized(h.times, int(n)), Time(0)
		for i := range times {
			d, used := binary.Varint(b)
			if used <= 0 {
				return b, errCutShort
			}
			last += Time(d)
			times[i], b = last, b[used:]
		}
		h.times = times
	} else {
		h.times = nil
	}
	b, err = readLate(b, &h.late)
	return b, err
}
