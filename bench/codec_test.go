package bench

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

// A basket is a state such as users keep by key.
type basket struct {
	Customer int64
	Items    []item
	Coupon   string
	Cents    int64
	Opened   time.Time
	Sizes    map[string]int32
}

type item struct {
	Product int64
	Name    string
	Number  int32
	Cents   int64
}

// small is the state of a running sum: most keys of most pipelines have one like it.
type small struct {
	Count int64
	Sum   int64
	Last  int64
}

func baskets(n int) []basket {
	all := make([]basket, n)
	names := []string{"white hanging heart", "regency cakestand", "jumbo bag red retrospot"}
	for i := range all {
		b := basket{Customer: int64(i) * 7919, Coupon: "SPRING", Cents: int64(i) * 331, Opened: time.Unix(1_700_000_000+int64(i), 0).UTC(), Sizes: map[string]int32{"small": 1, "large": int32(i)}}
		for k := range i % 5 {
			b.Items = append(b.Items, item{int64(i + k), names[k%3], int32(k), int64(i * k)})
		}
		all[i] = b
	}
	return all
}

func smalls(n int) []small {
	all := make([]small, n)
	for i := range all {
		all[i] = small{int64(i), int64(i) * 1234, 1_700_000_000_000_000 + int64(i)}
	}
	return all
}

// Encoding and decoding of state: codec.Binary against CBOR with its fastest
// options, fields by name for both.
func BenchmarkState(b *testing.B) {
	b.Run("small", func(b *testing.B) { compareCodecs(b, smalls(1000)) })
	b.Run("basket", func(b *testing.B) { compareCodecs(b, baskets(1000)) })
}

func compareCodecs[T any](b *testing.B, values []T) {
	var ours, theirs [][]byte
	measure := func(do func()) time.Duration {
		var all []time.Duration
		for range 5 {
			start := time.Now()
			for range 20 {
				do()
			}
			all = append(all, time.Since(start)/20)
		}
		slices.Sort(all)
		return all[2] / time.Duration(len(values))
	}
	format := codec.Binary[T]()
	encoder, decoder := format.NewEncoder(), format.NewDecoder()
	mode, err := cbor.EncOptions{Time: cbor.TimeUnixDynamic}.EncMode()
	require.NoError(b, err)
	for range b.N {
		ours, theirs = nil, nil
		for _, v := range values {
			data, err := encoder.Append(nil, v)
			require.NoError(b, err)
			_, record, err := decoder.Split(data, true)
			require.NoError(b, err)
			ours = append(ours, record)
			data, err = mode.Marshal(v)
			require.NoError(b, err)
			theirs = append(theirs, data)
		}
		for i := range values {
			var v T
			require.NoError(b, decoder.Decode(ours[i], &v))
			require.True(b, reflect.DeepEqual(values[i], v), "%v %v", values[i], v)
		}
		var data []byte
		b.ReportMetric(float64(measure(func() {
			for i := range values {
				data, _ = encoder.Append(data[:0], values[i])
			}
		})), "encode-ns")
		b.ReportMetric(float64(measure(func() {
			for i := range values {
				_, _ = mode.Marshal(&values[i])
			}
		})), "cbor-encode-ns")
		b.ReportMetric(float64(measure(func() {
			for i := range values {
				var v T
				_ = decoder.Decode(ours[i], &v)
			}
		})), "decode-ns")
		b.ReportMetric(float64(measure(func() {
			for i := range values {
				var v T
				_ = cbor.Unmarshal(theirs[i], &v)
			}
		})), "cbor-decode-ns")
	}
	size := func(all [][]byte) (n int) {
		for _, d := range all {
			n += len(d)
		}
		return n
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(size(ours))/float64(len(values)), "B")
	b.ReportMetric(float64(size(theirs))/float64(len(values)), "cbor-B")
}
