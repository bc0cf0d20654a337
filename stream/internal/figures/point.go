package figures

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// A Point is a value of a figure.
type Point struct {
	Figure    int
	Labels    []string // values, in the order of the figure's Labels
	Value     float64
	Durations stream.Latency // of a histogram
}

// A Reading makes points of the statistics of one pipeline. Any goroutine may call it.
type Reading struct {
	most int // partitions of a source that are shown one by one

	mu    sync.Mutex
	shown map[string]map[string]bool // partitions by source: those that were met first
}

// NewReading returns a reading that shows so many partitions of each source one by
// one: those that it meets first, for as long as it lives, so that sources whose partitions come and
// go do not make series without end.
func NewReading(partitions int) *Reading {
	return &Reading{most: partitions, shown: map[string]map[string]bool{}}
}

// Of calls yield with each point of s. What is not known yet, such as a watermark before the first, has
// no point. At is when s was taken, by the run's clock. A pipeline that has never run has none.
func (r *Reading) Of(s stream.Stats, at time.Time, yield func(Point)) {
	put := func(figure int, value float64, labels ...string) {
		yield(Point{Figure: figure, Value: value, Labels: labels})
	}
	if s.Elapsed == 0 && !s.Running {
		put(running, 0)
		return
	}
	put(running, truth(s.Running))
	put(start, unix(at.Add(-s.Elapsed)))
	put(restarts, float64(s.Restarts))
	names := labelsOf(s)
	for _, o := range s.Operators {
		r.operator(s, o, names[o.Name], put, yield)
	}
	for _, e := range s.Edges {
		labels := []string{names[e.From], names[e.To], strconv.Itoa(e.Input)}
		put(edgeBatches, float64(e.Batches), labels...)
		put(edgeEvents, float64(e.Events), labels...)
		put(edgeBlocked, e.Blocked.Seconds(), labels...)
		put(edgeQueued, float64(e.Queued), labels...)
		put(edgeCapacity, float64(e.Capacity), labels...)
	}
	c := s.Checkpoints
	if c.Every == 0 {
		return
	}
	put(checkpointInterval, c.Every.Seconds())
	put(checkpoints, float64(c.Made))
	put(checkpointFailures, float64(c.Failed))
	yield(Point{Figure: checkpointDuration, Durations: c.Durations})
	if c.Made > 0 {
		put(checkpointLast, unix(c.At))
		put(checkpointState, float64(c.Bytes))
		put(checkpointWritten, float64(c.Written))
	}
}

func (r *Reading) operator(s stream.Stats, o stream.OperatorStats, name string, put func(int, float64, ...string), yield func(Point)) {
	sum, _ := s.Operator(o.Name)
	put(input, float64(sum.In), name, o.Kind)
	put(output, float64(sum.Out), name, o.Kind)
	put(failed, float64(sum.Failed), name, o.Kind)
	put(late, float64(sum.Late), name, o.Kind)
	put(kept, float64(sum.Kept), name, o.Kind)
	put(dropped, float64(sum.TooLate-sum.Kept), name, o.Kind, "too_late")
	put(dropped, float64(sum.Unmatched), name, o.Kind, "unmatched")
	put(dropped, float64(sum.Duplicates), name, o.Kind, "duplicate")
	put(keys, float64(sum.Keys), name, o.Kind)
	put(state, float64(o.StateBytes), name, o.Kind)
	put(busy, sum.Busy.Seconds(), name, o.Kind, "busy")
	put(busy, sum.Idle.Seconds(), name, o.Kind, "idle")
	put(busy, sum.BackPressured.Seconds(), name, o.Kind, "backpressured")
	if !sum.Watermark.IsZero() {
		put(watermark, unix(sum.Watermark), name, o.Kind)
	}
	switch o.Kind {
	case "sink":
		yield(Point{Figure: latency, Labels: []string{name}, Durations: sum.Latency})
	case "source":
		put(partitions, float64(len(o.Partitions)), name, o.Kind)
		r.partitions(o, name, put)
	}
}

func (r *Reading) partitions(o stream.OperatorStats, name string, put func(int, float64, ...string)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	shown := r.shown[name]
	if shown == nil {
		shown = map[string]bool{}
		r.shown[name] = shown
	}
	now := map[string]bool{}
	for _, p := range o.Partitions {
		label := clean(p.Name)
		if now[label] || !shown[label] && len(shown) >= r.most {
			continue
		}
		shown[label], now[label] = true, true
		put(partitionEvents, float64(p.Events), name, label)
		put(partitionIdle, truth(p.Idle), name, label)
		put(partitionEnded, truth(p.Ended), name, label)
		if !p.Watermark.IsZero() {
			put(partitionWatermark, unix(p.Watermark), name, label)
		}
	}
}

// labelsOf returns what the operators are called in labels, by name: no two the same.
func labelsOf(s stream.Stats) map[string]string {
	names, taken := map[string]string{}, map[string]bool{}
	for _, o := range s.Operators {
		name := clean(o.Name)
		for k := 2; taken[name]; k++ {
			name = clean(o.Name) + " (" + strconv.Itoa(k) + ")"
		}
		taken[name] = true
		names[o.Name] = name
	}
	return names
}

// longest is how many bytes of a name are shown.
const longest = 200

// clean returns a name as label values may be: UTF-8, and not without end.
func clean(name string) string {
	if len(name) > longest {
		name = name[:longest] + "…"
	}
	return strings.ToValidUTF8(name, "\uFFFD")
}

// Name returns the name of a pipeline as a label.
func Name(s string) string { return clean(s) }

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// unix returns a time in seconds since the Unix epoch.
func unix(t time.Time) float64 { return float64(t.Unix()) + float64(t.Nanosecond())/1e9 }
