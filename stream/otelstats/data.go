package otelstats

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/freshet-go/freshet/stream/internal/figures"
)

// times are when a run began, and when it was looked at.
type times struct{ start, now time.Time }

// data are the points of one figure: of one of the three kinds.
type data struct {
	numbers     []metricdata.DataPoint[float64]
	exponential []metricdata.ExponentialHistogramDataPoint[float64]
	explicit    []metricdata.HistogramDataPoint[float64]
}

func (d *data) add(p *figures.Point, of attribute.Set, at times, bounds []float64) {
	switch {
	case figures.All()[p.Figure].Kind != figures.Histogram:
		x := metricdata.DataPoint[float64]{Attributes: of, Time: at.now, Value: p.Value}
		if figures.All()[p.Figure].Kind == figures.Counter {
			x.StartTime = at.start
		}
		d.numbers = append(d.numbers, x)
	case bounds == nil:
		first, counts := figures.Exponential(p.Durations)
		x := metricdata.ExponentialHistogramDataPoint[float64]{
			Attributes: of, StartTime: at.start, Time: at.now, Count: uint64(p.Durations.Count()), Sum: p.Durations.Sum(), Scale: figures.Scale,
		}
		if len(counts) > 0 { // bucket i of OpenTelemetry begins with 2^(i/8), where Prometheus's ends
			x.PositiveBucket = metricdata.ExponentialBucket{Offset: int32(first - 1), Counts: unsigned(counts)}
		}
		d.exponential = append(d.exponential, x)
	default:
		counts := figures.Below(p.Durations, bounds)
		total := p.Durations.Count()
		each := make([]uint64, 0, len(counts)+1)
		before := int64(0)
		for _, n := range append(counts, total) {
			each = append(each, uint64(n-before))
			before = n
		}
		d.explicit = append(d.explicit, metricdata.HistogramDataPoint[float64]{
			Attributes: of, StartTime: at.start, Time: at.now, Count: uint64(total), Sum: p.Durations.Sum(), Bounds: bounds, BucketCounts: each,
		})
	}
}

// aggregation returns the points as the SDK has them, or nil if there are none.
func (d *data) aggregation(f figures.Figure) metricdata.Aggregation {
	switch {
	case len(d.exponential) > 0:
		return metricdata.ExponentialHistogram[float64]{DataPoints: d.exponential, Temporality: metricdata.CumulativeTemporality}
	case len(d.explicit) > 0:
		return metricdata.Histogram[float64]{DataPoints: d.explicit, Temporality: metricdata.CumulativeTemporality}
	case len(d.numbers) == 0:
		return nil
	case f.Kind == figures.Counter:
		return metricdata.Sum[float64]{DataPoints: d.numbers, Temporality: metricdata.CumulativeTemporality, IsMonotonic: true}
	}
	return metricdata.Gauge[float64]{DataPoints: d.numbers}
}

func unsigned(counts []int64) []uint64 {
	all := make([]uint64, len(counts))
	for i, n := range counts {
		all[i] = uint64(n)
	}
	return all
}
