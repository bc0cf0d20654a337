package window_test

import (
	"testing"
	"time"

	"github.com/freshet-go/freshet/window"
)

func BenchmarkAt(b *testing.B) {
	times := make([]time.Time, 1024)
	for i := range times {
		times[i] = time.Unix(1_700_000_000+int64(i), int64(i)).UTC()
	}
	b.Run("UnixNano", func(b *testing.B) { // the floor: no check of the range
		var sum int64
		for i := 0; b.Loop(); i++ {
			sum += times[i&1023].UnixNano()
		}
		sink = window.Time(sum)
	})
	b.Run("At", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if t, ok := window.At(times[i&1023]); ok {
				sink += t
			}
		}
	})
}

func BenchmarkSlice(b *testing.B) {
	for _, s := range []window.Spec{
		window.Tumbling(time.Minute),
		window.Sliding(time.Minute, 7*time.Second),
		window.Cumulating(24*time.Hour, time.Hour, window.Offset(6*time.Hour)),
	} {
		b.Run(s.Kind().String(), func(b *testing.B) {
			t := window.Time(1_700_000_000_000_000_000)
			for b.Loop() {
				t = s.Slice(t).End
			}
			sink = t
		})
	}
}

var sink window.Time
