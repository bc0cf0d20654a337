package online

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
)

// A watch is a detector as an operator holds it.
type watch struct {
	detector     Detector
	seen, number uint64
	since        uint64  // numbers since the last change
	mean         float64 // of them
	saved        []byte  // of a watch that was restored and is not open yet, the detector
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

// add notes a number that the detector has seen.
func (w *watch) add(x float64) {
	w.seen++
	w.since++
	n := float64(w.since)
	w.mean += x/n - w.mean/n // which does not overflow
}

// changed notes that the detector has said so.
func (w *watch) changed() { w.number, w.since, w.mean = w.number+1, 0, 0 }

// AppendBinary appends the watch with its detector.
func (w *watch) AppendBinary(b []byte) ([]byte, error) {
	b = appendCounts(b, w.seen, w.number, w.since, math.Float64bits(w.mean))
	if w.detector == nil {
		return append(b, w.saved...), nil
	}
	return w.detector.AppendBinary(b)
}

// UnmarshalBinary reads what AppendBinary appended, all but the detector: see open.
func (w *watch) UnmarshalBinary(data []byte) error {
	var read watch
	var mean uint64
	rest, err := readCounts(data, &read.seen, &read.number, &read.since, &mean)
	if err != nil {
		return err
	}
	read.mean, read.saved = math.Float64frombits(mean), bytes.Clone(rest)
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
	return readUvarints(data[1:], counts...)
}

func readUvarints(data []byte, counts ...*uint64) (rest []byte, err error) {
	for _, to := range counts {
		n, size := binary.Uvarint(data)
		if size <= 0 {
			return nil, errCounts
		}
		*to, data = n, data[size:]
	}
	return data, nil
}
