package online

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// A watch is a detector as an operator holds it.
type watch struct {
	detector     Detector
	seen, number uint64
	saved        []byte // of a watch that was restored and is not open yet, the detector
}

// open makes the detector of a watch that was restored.
func (w *watch) open(build func() Detector) error {
	if w.detector != nil {
		return nil
	}
	d := build()
	if err := d.UnmarshalBinary(w.saved); err != nil {
		return err
	}
	w.detector, w.saved = d, nil
	return nil
}

// AppendBinary appends the watch with its detector.
func (w *watch) AppendBinary(b []byte) ([]byte, error) {
	b = appendCounts(b, w.seen, w.number)
	if w.detector == nil {
		return append(b, w.saved...), nil
	}
	return w.detector.AppendBinary(b)
}

// UnmarshalBinary reads what AppendBinary appended, all but the detector: see open.
func (w *watch) UnmarshalBinary(data []byte) error {
	var read watch
	rest, err := readCounts(data, &read.seen, &read.number)
	if err != nil {
		return err
	}
	read.saved = bytes.Clone(rest)
	*w = read
	return nil
}

// countsFormat is the first byte of what stands in front of a saved model.
const countsFormat = 1

func appendCounts(b []byte, counts ...uint64) []byte {
	b = append(b, countsFormat)
	for _, n := range counts {
		b = binary.AppendUvarint(b, n)
	}
	return b
}

var errCounts = errors.New("online: these bytes are not of an operator of this package")

// readCounts reads what appendCounts appended, and returns what is behind it.
func readCounts(data []byte, counts ...*uint64) (rest []byte, err error) {
	if len(data) == 0 || data[0] != countsFormat {
		return nil, errCounts
	}
	data = data[1:]
	for _, to := range counts {
		n, size := binary.Uvarint(data)
		if size <= 0 {
			return nil, errCounts
		}
		*to, data = n, data[size:]
	}
	return data, nil
}
