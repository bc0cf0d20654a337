package sketch_test

import (
	"encoding/binary"
	"hash/crc32"
	"strconv"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/sketch"
)

// summaries returns one of each kind, with something in it.
func summaries() []mining.Saved {
	hll, few, theta, count, bloom := sketch.NewHLL(sketch.Precision(5)), sketch.NewHLL(), sketch.NewTheta(sketch.Nominal(16)), sketch.NewCountMin(sketch.Width(8), sketch.Depth(2)), sketch.NewBloom(20, 0.1)
	frequent, values, kll, reservoir := sketch.NewFrequent[string](sketch.Counters(8)), sketch.NewValues(), sketch.NewKLL(sketch.Nominal(8)), sketch.NewReservoir[int](3)
	for i := range 300 {
		h := sketch.Hash(i)
		hll.Add(h)
		theta.Add(h)
		count.Add(h, 1)
		bloom.Add(h)
		frequent.Add(strconv.Itoa(i%20), 1)
		values.Add(float64(i - 20))
		kll.Add(float64(i))
		reservoir.Add(i)
		if i < 10 {
			few.Add(h)
		}
	}
	return []mining.Saved{hll, few, theta, count, bloom, frequent, values, kll, reservoir}
}

// use asks and adds to whatever was read.
func use(s mining.Saved) {
	switch s := s.(type) {
	case *sketch.HLL:
		s.Add(7)
		s.Estimate()
		s.Merge(s)
	case *sketch.Theta:
		s.Add(7)
		s.Estimate()
	case *sketch.CountMin:
		s.Add(7, 1)
		s.Count(7)
	case *sketch.Bloom:
		s.Add(7)
		s.Has(7)
	case *sketch.Frequent[string]:
		s.Add("x", 1)
		s.Top(3)
	case *sketch.Values:
		s.Add(7)
		s.Quantile(0.5)
	case *sketch.KLL:
		for range 100 {
			s.Add(7)
		}
		s.Quantile(0.5)
	case *sketch.Reservoir[int]:
		s.Add(7)
		s.Values()
	}
}

// seal writes the checksum that the bytes have now. It stands before head.
func seal(b []byte, head int) {
	table := crc32.MakeTable(crc32.Castagnoli)
	sum := head - 4
	c := crc32.Update(crc32.Checksum(b[:sum], table), table, b[head:])
	binary.LittleEndian.PutUint32(b[sum:], c)
}
