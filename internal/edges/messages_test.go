package edges_test

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

// A stream that leads nowhere is told what could take it.
func TestNothingConsumes(t *testing.T) {
	for want, add := range map[string]func(*call){
		"nothing consumes window: call Aggregate, Reduce, Count or Group on it, or take it out":                       func(c *call) { c.left.KeyBy(row.key).Window(window.Tumbling(time.Minute)) },
		"nothing consumes keyby: call an operator of Keyed on it, such as Window, Running or Process, or take it out": func(c *call) { c.left.KeyBy(row.key) },
		"nothing consumes filter: end it with To, or take it out":                                                     func(c *call) { c.left.Filter(func(row) bool { return true }) },
		"nothing consumes split (rest): end it with To, or take it out": func(c *call) {
			yes, _ := c.left.Split(func(row) bool { return true })
			yes.To(sink.Discard[row]())
		},
	} {
		c, _, _ := newCall()
		add(c)
		require.EqualError(t, c.p.Validate(), "stream: "+want)
	}
}

// sealed is a type of the caller's that cannot be stored.
type sealed struct {
	N    int
	Done chan int
}

func (s sealed) Key() string { return "a" }

// State that cannot be stored is told in the types of the caller, whatever
// holds them.
func TestStateThatCannotBeSaved(t *testing.T) {
	const why = "it holds values of edges_test.sealed, and codec.Binary cannot store them: edges_test.sealed.Done: no way to store a chan int. " +
		"Give the type AppendBinary and UnmarshalBinary, or leave the field out by the tag `binary:\"-\"`"
	seal := func(r row) sealed { return sealed{N: r.N} }
	unseal := func(s sealed) int64 { return int64(s.N) }
	for name, add := range map[string]func(stream.Stream[row]){
		"process": func(s stream.Stream[row]) {
			s.KeyBy(row.key).Process(func(*stream.KeyContext[string, sealed, string], row) error { return nil }, nil).To(sink.Discard[string]())
		},
		"aggregate": func(s stream.Stream[row]) {
			s.Map(seal).KeyBy(sealed.Key).Window(window.Tumbling(time.Minute)).Group(func(p stream.Pane[string, []sealed]) int64 { return unseal(p.Value[0]) }).
				To(sink.Discard[stream.Pane[string, int64]]())
		},
		"running": func(s stream.Stream[row]) {
			s.KeyBy(row.key).Running(window.MapReduce(seal, func(a, _ sealed) sealed { return a })).To(sink.Discard[stream.KeyValue[string, sealed]]())
		},
		"intervaljoin": func(s stream.Stream[row]) {
			s.KeyBy(row.key).IntervalJoin(s.Map(seal).KeyBy(sealed.Key), 0, 1, stream.Inner, func(stream.Match[row, sealed]) string { return "" }).To(sink.Discard[string]())
		},
	} {
		p := stream.New("edges")
		add(p.From(source.Slice(rows)).EventTime(row.when))
		require.EqualError(t, p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Second)), "stream: "+name+" cannot be saved in a checkpoint: "+why)
	}
}

// A key that no other process would know again is refused, with what to take
// instead.
func TestKeysThatAreNone(t *testing.T) {
	type day struct {
		Shop string
		At   time.Time
	}
	c, _, _ := newCall()
	require.Equal(t, "stream: KeyBy by a time.Time: time.Time is a time.Time, of which two of one instant may differ: take its UnixNano or a text",
		panics(func() { c.left.KeyBy(row.when) }))
	require.Equal(t, "stream: KeyBy by a edges_test.day: edges_test.day.At is a time.Time, of which two of one instant may differ: take its UnixNano or a text",
		panics(func() { c.left.KeyBy(func(r row) day { return day{} }) }))
	require.Equal(t, "stream: KeyBy by a *int: *int is a ptr, which has no hash that another process would agree on: take what it stands for",
		panics(func() { c.left.KeyBy(func(r row) *int { return nil }) }))
}

// The log of a run that goes on from a checkpoint names the operators whose
// state is found by names that nobody gave.
func TestNamesThatStateDependsOn(t *testing.T) {
	store := checkpoint.Memory()
	var log bytes.Buffer
	for range 2 {
		p := short()
		opts := []stream.RunOption{stream.Checkpoints(store, time.Hour), stream.Logger(slog.New(slog.NewTextHandler(&log, nil)))}
		require.NoError(t, p.Run(t.Context(), opts...))
	}
	require.Equal(t, 1, bytes.Count(log.Bytes(), []byte("give these a stream.Name")), "%s", &log)
	require.Contains(t, log.String(), "operators=[running]")
	log.Reset()
	p := stream.New("short")
	p.From(source.Slice(rows)).KeyBy(row.key).Running(total{&call{}}, stream.Name("sums")).To(sink.Discard[stream.KeyValue[string, int64]]())
	require.NoError(t, p.Run(t.Context(), stream.Checkpoints(store, time.Hour), stream.DropState("running"), stream.Logger(slog.New(slog.NewTextHandler(&log, nil)))))
	require.NotContains(t, log.String(), "give these a stream.Name")
}

// A Pipeline that is nothing, and a window.Spec that is none.
func TestZeroValues(t *testing.T) {
	var none *stream.Pipeline
	require.Equal(t, "stream: From of a nil Pipeline: make one with New", panics(func() { none.From(source.Slice(rows)) }))
	var p stream.Pipeline // is a pipeline without a name
	p.From(source.Slice(rows)).To(sink.Discard[row]())
	require.NoError(t, p.Run(t.Context()))
	c, _, _ := newCall()
	require.Equal(t, "stream: Window: the window.Spec is zero: make one with window.Tumbling, Sliding, Session, …",
		panics(func() { c.left.Window(window.Spec{}) }))
	require.Equal(t, "stream: Reduce of edges_test.row: the function merge returns a string: see window.MapReduce",
		panics(func() { c.left.Window(window.Tumbling(1)).Reduce(func(row, row) string { return "" }) }))
	require.Equal(t, "stream: Apply: the Operator is nil", panics(func() { c.left.Apply(stream.Operator[row, string](nil)) }))
}
