package promstats

import (
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/freshet-go/freshet/stream"
)

// A histogram is durations as a classic and a native histogram at once. The
// library's own constant metrics are one or the other.
type histogram struct {
	desc   *prometheus.Desc
	labels []*dto.LabelPair
	of     stream.Latency
	bounds []float64
	began  time.Time
}

func (h *histogram) Desc() *prometheus.Desc { return h.desc }

func (h *histogram) Write(to *dto.Metric) error {
	x := &dto.Histogram{
		SampleCount:      proto.Uint64(uint64(h.of.Count())),
		SampleSum:        proto.Float64(h.of.Sum()),
		CreatedTimestamp: timestamppb.New(h.began),
	}
	h.classic(x)
	h.native(x)
	to.Label, to.Histogram = h.labels, x
	return nil
}

// classic counts what was no longer than each bound for certain.
func (h *histogram) classic(x *dto.Histogram) {
	next := 0
	var below uint64
	put := func(until float64) {
		for ; next < len(h.bounds) && h.bounds[next] < until; next++ {
			x.Bucket = append(x.Bucket, &dto.Bucket{UpperBound: proto.Float64(h.bounds[next]), CumulativeCount: proto.Uint64(below)})
		}
	}
	for most, n := range h.of.Buckets() {
		put(most.Seconds())
		below += uint64(n)
	}
	put(math.Inf(1))
}

const (
	// schema 3 has 8 buckets between a number and its double, as the run's histogram has.
	schema = 3
	// zeroThreshold is what the library has by default: nothing is as short.
	zeroThreshold = 0x1p-128
)

// native puts in each of the run's buckets at its upper end. Bucket i of schema 3 is
// (2^((i-1)/8), 2^(i/8)]. Buckets follow each other in spans, as differences of their counts.
func (h *histogram) native(x *dto.Histogram) {
	x.Schema, x.ZeroThreshold, x.ZeroCount = proto.Int32(schema), proto.Float64(zeroThreshold), proto.Uint64(0)
	var span *dto.BucketSpan
	var last int
	var before, count int64
	flush := func() {
		if count > 0 {
			x.PositiveDelta = append(x.PositiveDelta, count-before)
			before, count = count, 0
		}
	}
	for most, n := range h.of.Buckets() {
		i := int(math.Ceil(math.Log2(max(most.Seconds(), 1e-9)) * (1 << schema)))
		if span != nil && i == last {
			count += n
			continue
		}
		flush()
		if span == nil || i != last+1 {
			gap := i
			if span != nil {
				gap = i - last - 1
			}
			span = &dto.BucketSpan{Offset: proto.Int32(int32(gap)), Length: proto.Uint32(0)}
			x.PositiveSpan = append(x.PositiveSpan, span)
		}
		*span.Length++
		last, count = i, n
	}
	flush()
	if span == nil { // so that it is seen to be a native one though it is empty
		x.PositiveSpan = []*dto.BucketSpan{{Offset: proto.Int32(0), Length: proto.Uint32(0)}}
	}
}
