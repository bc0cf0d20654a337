package edges_test

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// options are those that not every operator takes.
var options = map[string]func(operator) stream.Option{
	failures: func(operator) stream.Option { return stream.SkipFailures() },
	diverted: func(o operator) stream.Option {
		if o.diverts != nil {
			return o.diverts()
		}
		return divert[row]()
	},
	ordered: func(operator) stream.Option { return stream.InOrder() },
	ttl:     func(operator) stream.Option { return stream.TimeToLive(time.Minute) },
	beside:  func(operator) stream.Option { return stream.SideOutput(new(stream.Side[row])) },
	idle:    func(operator) stream.Option { return stream.Idle(time.Minute) },
	exposed: func(o operator) stream.Option {
		if o.exposes != nil {
			return o.exposes()
		}
		return expose[row]()
	},
	noWait:    func(operator) stream.Option { return stream.NoWaitForRules() },
	lateLeft:  func(operator) stream.Option { return stream.LateLeft(new(stream.Side[row])) },
	lateRight: func(operator) stream.Option { return stream.LateRight(new(stream.Side[row])) },
	eachKey: func(operator) stream.Option {
		return stream.EachKey(func(*stream.KeyContext[string, int, string], *stream.Rules[string, int], string) error { return nil })
	},
	traced: func(operator) stream.Option { return stream.TraceParent(func(row) string { return "" }) },
}

func expose[V any]() stream.Option { return stream.Expose(new(stream.View[string, V])) }

// exposeWindows exposes the windows that are open.
func exposeWindows[R any]() stream.Option {
	return stream.Expose(new(stream.View[string, []stream.Pane[string, R]]))
}

// exposeBoard exposes rows of a partition, of which there are those of true and false.
func exposeBoard[R any]() stream.Option {
	return stream.Expose(new(stream.View[bool, []stream.KeyValue[string, R]]))
}

// Each option of each operator is one that means something to it, or a panic
// that names both and says where it belongs.
func TestOptionsOfOperators(t *testing.T) {
	names := slices.Sorted(maps.Keys(options))
	require.Equal(t, declaredOptions(t, "Option"), slices.Sorted(slices.Values(append(names, "Name"))))
	for _, o := range operators {
		if o.name == "Failures.Stream" || o.name == "Side.Stream" || o.name == "Windowed.Late" || o.name == "Table.Keyed" {
			continue // they have no options
		}
		for _, name := range names {
			c, _, _ := newCall()
			c.opts = []stream.Option{stream.Name("mine"), options[name](o)}
			message := panics(func() { o.add(c) })
			if slices.Contains(o.takes, name) {
				require.Empty(t, message, "%s with %s", o.name, name)
				continue
			}
			if o.name == "Try" && (name == failures || name == diverted) {
				require.Contains(t, message, "stream: Try: neither SkipFailures nor Divert means anything to it")
				continue
			}
			if o.name == "pattern.Match" && name == beside {
				require.Contains(t, message, "pattern: Match: SideOutput means nothing to it: Late and TimedOut are its further outputs")
				continue
			}
			require.Regexp(t, `^stream: `+o.kind+` "mine": `+name+` means nothing to it: it is for .*(Process|functions?|sinks|Apply|sources|From|ConnectAll|Join).*$`, message, "%s with %s", o.name, name)
		}
		c, _, _ := newCall()
		c.opts = []stream.Option{nil}
		require.Regexp(t, "^(stream: "+o.kind+"|pattern: Match): option 1 of [12] is nil$", panics(func() { o.add(c) }), o.name)
	}
}

func call1(context.Context, row) (string, error) { return "", nil }
func find1(context.Context, string) (int, error) { return 0, nil }
func f1(row, int) string                         { return "" }

func TestEnrichOptions(t *testing.T) {
	given := map[string]stream.EnrichOption{
		"Concurrency": stream.Concurrency(3), "Unordered": stream.Unordered(), "Timeout": stream.Timeout(time.Second),
		"Retry": stream.Retry(1, time.Second), "CacheResults": stream.CacheResults(3, time.Second),
	}
	require.Equal(t, declaredOptions(t, "EnrichOption"), slices.Sorted(maps.Keys(given)))
	for name, o := range given {
		c, _, _ := newCall()
		enrich := panics(func() { c.left.Enrich(call1, o, stream.Name("ask")) })
		lookup := panics(func() { c.left.KeyBy(row.key).Lookup(find1, f1, o, stream.Name("find")) })
		switch name {
		case "CacheResults":
			require.Equal(t, `stream: enrich "ask": CacheResults means nothing to it: it is for Lookup, on a Keyed stream, as Enrich knows no keys`, enrich)
			require.Empty(t, lookup)
		case "Unordered":
			require.Equal(t, `stream: lookup "find": Unordered means nothing to it: it is for Enrich, as Lookup waits for all keys of a batch`, lookup)
			require.Empty(t, enrich)
		default:
			require.Empty(t, enrich+lookup, name)
		}
	}
}

func TestTimeOptions(t *testing.T) {
	punctuated := stream.Punctuated(func(r row) (time.Time, bool) { return r.when(), true })
	given := map[string]stream.TimeOption{
		"Disorder": stream.Disorder(time.Second), "Punctuated": punctuated, "Idle": stream.Idle(time.Second),
		"AdvanceWhenQuiet": stream.AdvanceWhenQuiet(time.Second), "MaxAhead": stream.MaxAhead(time.Second), "MaxDrift": stream.MaxDrift(time.Second),
	}
	require.ElementsMatch(t, append(declaredOptions(t, "TimeOption"), "Idle"), slices.Collect(maps.Keys(given)), "From takes Idle, too")
	for name, o := range given {
		c, _, _ := newCall()
		require.Empty(t, panics(func() { c.left.EventTime(row.when, stream.Name("times"), o) }), name)
		c, _, _ = newCall()
		with := panics(func() { c.left.EventTime(row.when, punctuated, o) })
		if name == "Disorder" {
			require.Equal(t, "stream: eventtime: Disorder means nothing to it: it is for EventTime without Punctuated", with)
		} else {
			require.Empty(t, with, name)
		}
	}
}

// A value that an option cannot mean is refused where it is written.
func TestValuesOfOptions(t *testing.T) {
	for want, f := range map[string]func(){
		"Name: the name is empty":                   func() { stream.Name("") },
		"Divert: the Failures are nil":              func() { stream.Divert[row](nil) },
		"TimeToLive(0s): not positive":              func() { stream.TimeToLive(0) },
		"TimeToLive(-1s): not positive":             func() { stream.TimeToLive(-time.Second) },
		"Concurrency(0): want at least 1":           func() { stream.Concurrency(0) },
		"Timeout(-1s): not positive":                func() { stream.Timeout(-time.Second) },
		"Timeout(0s): not positive":                 func() { stream.Timeout(0) },
		"Retry(-1, 0s): want numbers":               func() { stream.Retry(-1, 0) },
		"Retry(1, -1s): want numbers":               func() { stream.Retry(1, -time.Second) },
		"CacheResults(0, 1s): want positive":        func() { stream.CacheResults(0, time.Second) },
		"CacheResults(-1, 1s): want positive":       func() { stream.CacheResults(-1, time.Second) },
		"CacheResults(1, 0s): want positive":        func() { stream.CacheResults(1, 0) },
		"Idle(0s): not positive":                    func() { stream.Idle(0) },
		"Idle(-1s): not positive":                   func() { stream.Idle(-time.Second) },
		"Disorder(-1s): negative":                   func() { stream.Disorder(-time.Second) },
		"MaxDrift(-1s): negative":                   func() { stream.MaxDrift(-time.Second) },
		"Punctuated: the function watermark is nil": func() { stream.Punctuated[row](nil) },
		"Shards(0): want":                           func() { stream.Shards(0) },
		"BatchSize(0): want":                        func() { stream.BatchSize(0) },
		"Logger: the Logger is nil":                 func() { stream.Logger(nil) },
		"Progress: the Writer is nil":               func() { stream.Progress(nil) },
		"StopTimeout(-1s): negative":                func() { stream.StopTimeout(-time.Second) },
		"CheckpointTimeout(0s): not positive":       func() { stream.CheckpointTimeout(0) },
		"CheckpointTimeout(-1s): not positive":      func() { stream.CheckpointTimeout(-time.Second) },
		"FromSavepoint: the name is empty":          func() { stream.FromSavepoint("") },
		"Checkpoints: the Store is nil":             func() { stream.Checkpoints(nil, time.Second) },
		"Checkpoints every 0s: not positive":        func() { stream.Checkpoints(checkpoint.Memory(), 0) },
		"Redact: the function f is nil":             func() { stream.Redact(nil) },
		"Restarts(-1, 1s): want numbers":            func() { stream.Restarts(-1, time.Second) },
		"Observe: the Observer is nil":              func() { stream.Observe(nil) },
		"SampleBatches(-1s): negative":              func() { stream.SampleBatches(-time.Second) },
		"TraceParent: the function f is nil":        func() { stream.TraceParent[row](nil) },
	} {
		require.Contains(t, panics(f), "stream: "+want)
	}
}

// short returns a pipeline that ends at once.
func short(opts ...stream.Option) *stream.Pipeline {
	p := stream.New("short")
	p.From(source.Slice(rows)).KeyBy(row.key).Running(total{&call{}}, opts...).To(sink.Discard[stream.KeyValue[string, int64]]())
	return p
}

// An option of a run that means nothing without another is an error of Run.
func TestOptionsOfRuns(t *testing.T) {
	alone := map[string]stream.RunOption{ // need nothing
		"Shards": stream.Shards(2), "BatchSize": stream.BatchSize(7), "Logger": stream.Logger(slog.New(slog.DiscardHandler)),
		"StopTimeout": stream.StopTimeout(time.Second), "Progress": stream.Progress(io.Discard),
		"Checkpoints": stream.Checkpoints(checkpoint.Memory(), time.Second), "Observe": stream.Observe(unseen{}),
		"Redact": stream.Redact(func(string) string { return "" }),
	}
	needy := map[string]stream.RunOption{ // need Checkpoints
		"FromSavepoint": stream.FromSavepoint("v1"), "CheckpointTimeout": stream.CheckpointTimeout(time.Second),
		"DropState": stream.DropState("running"), "Restarts": stream.Restarts(3, time.Second),
	}
	require.Equal(t, declaredOptions(t, "RunOption"), slices.Sorted(slices.Values(append(slices.Collect(maps.Keys(alone)), append(slices.Collect(maps.Keys(needy)), "SampleBatches")...))))
	for name, o := range alone {
		require.NoError(t, short().Run(t.Context(), o), name)
	}
	for name, o := range needy {
		err := short().Run(t.Context(), o)
		require.ErrorContains(t, err, `stream: pipeline "short" is run with `+name)
		require.ErrorContains(t, err, "without Checkpoints")
	}
	require.EqualError(t, short().Run(t.Context(), stream.SampleBatches(0)),
		`stream: pipeline "short" is run with SampleBatches, which means nothing without Observe`)
	require.Contains(t, panics(func() { _ = short().Run(t.Context(), nil) }), `stream: Run of pipeline "short": option 1 of 1 is nil`)
}

// unseen is an Observer that looks away.
type unseen struct{}

func (unseen) Begin(ctx context.Context, _ stream.Activity) context.Context { return ctx }
func (unseen) End(context.Context, stream.Activity, error)                  {}

// A name that DropState is given is one of the pipeline or of the checkpoint,
// or was dropped before; what came about since is not dropped again.
func TestDropState(t *testing.T) {
	store := checkpoint.Memory()
	run := func(p *stream.Pipeline, drop ...string) error {
		opts := []stream.RunOption{stream.Checkpoints(store, time.Hour), stream.Shards(2)}
		if drop != nil {
			opts = append(opts, stream.DropState(drop...))
		}
		return p.Run(t.Context(), opts...)
	}
	require.EqualError(t, run(short(), "nonsense"),
		`stream: DropState("nonsense"): pipeline "short" has no operator of that name, and there is no checkpoint yet. There are keyby, running, sink, source`)
	require.NoError(t, run(short(stream.Name("old")), "keyby"))
	err := run(short(stream.Name("new")), "old", "nonsense")
	require.ErrorContains(t, err, `DropState("nonsense"): pipeline "short" has no operator of that name, nor does checkpoint `)
	require.NotContains(t, err.Error(), `DropState("old")`)
	require.NoError(t, run(short(stream.Name("new")), "old"))
	require.NoError(t, run(short(stream.Name("new")), "old"), "a program that starts again")

	kept := func() int64 {
		all, err := checkpoint.Inspect(store)
		require.NoError(t, err)
		for _, o := range all[0].Operators {
			if o.Name == "new" {
				return o.Keys
			}
		}
		return 0
	}
	require.Zero(t, kept(), "nothing was read since old was dropped")
	require.NoError(t, run(short(stream.Name("new")), "source"), "which is read again")
	require.Equal(t, int64(2), kept())
	require.NoError(t, run(short(stream.Name("new")), "new"))
	require.Zero(t, kept(), "it was dropped")
	require.NoError(t, run(short(stream.Name("new")), "new", "source"))
	require.Zero(t, kept(), "source has been dropped before, and goes on")
}

// Names that nobody gave give way to those that somebody did.
func TestNames(t *testing.T) {
	keep := func(row) bool { return true }
	plan := func(names ...string) (kinds []string, message string) {
		c, _, _ := newCall()
		s := c.left
		message = panics(func() {
			for _, name := range names {
				var opts []stream.Option
				if name != "" {
					opts = append(opts, stream.Name(name))
				}
				s = s.Filter(keep, opts...)
			}
		})
		for line := range strings.Lines(c.p.Plan().String()) {
			if name, _, _ := strings.Cut(strings.TrimSpace(line), " "); strings.Contains(name, "filter") {
				kinds = append(kinds, name)
			}
		}
		return kinds, message
	}
	for _, x := range []struct{ names, want []string }{
		{[]string{"", ""}, []string{"filter", "filter-2"}},
		{[]string{"filter-2", "", ""}, []string{"filter-2", "filter-3", "filter-4"}},
		{[]string{"", "filter-2", ""}, []string{"filter", "filter-2", "filter-3"}},
		{[]string{"", "", "filter-2"}, []string{"filter", "filter-4", "filter-2"}},
		{[]string{"", "filter"}, []string{"filter-3", "filter"}},
	} {
		got, message := plan(x.names...)
		require.Empty(t, message)
		require.Equal(t, x.want, got)
	}
	_, message := plan("mine", "mine")
	require.Equal(t, `stream: two operators of pipeline "edges" are named "mine"`, message)
}
