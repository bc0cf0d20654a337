package promstats

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/internal/figures"
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
	for i, n := range figures.Below(h.of, h.bounds) {
		x.Bucket = append(x.Bucket, &dto.Bucket{UpperBound: proto.Float64(h.bounds[i]), CumulativeCount: proto.Uint64(uint64(n))})
	}
	h.native(x)
	to.Label, to.Histogram = h.labels, x
	return nil
}

// zeroThreshold is what the library has by default: nothing is as short.
const zeroThreshold = 0x1p-128

// native puts in buckets as one span, in which each is the difference to the one before. One
// of length 0 says that the histogram is a native one though it is empty.
func (h *histogram) native(x *dto.Histogram) {
	first, counts := figures.Exponential(h.of)
	x.Schema, x.ZeroThreshold, x.ZeroCount = proto.Int32(figures.Scale), proto.Float64(zeroThreshold), proto.Uint64(0)
	x.PositiveSpan = []*dto.BucketSpan{{Offset: proto.Int32(int32(first)), Length: proto.Uint32(uint32(len(counts)))}}
	var before int64
	for _, n := range counts {
		x.PositiveDelta = append(x.PositiveDelta, n-before)
		before = n
	}
}
