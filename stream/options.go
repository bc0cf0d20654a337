package stream

import (
	"fmt"
	"reflect"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
)

// An Option sets what operators have in common: their names, what becomes of
// the events that their functions fail on, and how those with a key go by event time. An
// operator panics if it is given one that means nothing to it. Of two that set the same thing the
// last one counts.
//
// It is a TimeOption and an EnrichOption too: EventTime, Enrich and Lookup take it beside their own.
type Option interface {
	TimeOption
	EnrichOption
	setOperator(*config)
}

// An option is the Option that calls it.
type option func(*config)

func (o option) setOperator(c *config)     { o(c) }
func (o option) setTime(c *timeConfig)     { c.opts = append(c.opts, o) }
func (o option) setEnrich(c *enrichConfig) { c.opts = append(c.opts, o) }

type config struct {
	name   string
	policy policy
	divert diversion // *Failures[T] of the operator's input type: the last of diverts

	diverts []diversion // all that were given; an operator with two inputs may have one for each

	ordered bool          // of a keyed operator: see InOrder
	ttl     time.Duration // see TimeToLive

	idle time.Duration // of a source: see Idle

	parent   any          // of a source: see TraceParent
	parentOf reflect.Type // the type that parent is for

	sides []sideOutput // of an operator of the caller's own
	view  any          // *View[K, V]: see Expose

	viewMaker any // viewMaker[K, V] of that
	eachKey   any // see EachKey

	late    [2]lateOutput // of each input: see LateLeft
	given   optionSet
	missing string // says which option is nil

	// What the operator sets itself.
	needs [2]timeNeed // for each input, whether its events have to have event times
	mute  bool        // its right input has no say in the watermark; NoWaitForRules sets it as well
}

// configOf returns what an operator was configured with.
func configOf(n *engine.Node) *config { return n.Options.(*config) }

// Name names an operator. Names are unique in a pipeline; logs, errors,
// statistics and plans show them, and state is found by them. The default is
// the operator's kind, numbered where there are several, in which names that are
// taken are passed over. It panics if the name is empty or not UTF-8.
func Name(name string) Option {
	if name == "" {
		panic("stream: Name: the name is empty")
	}
	writable("Name", name)
	return option(func(c *config) { c.name = name })
}

func configure(opts []Option) (c config) {
	for i, o := range opts {
		if o == nil {
			o = missing(i, len(opts))
		}
		o.setOperator(&c)
	}
	return c
}

// missing stands for the i-th of n options, which is nil.
func missing(i, n int) option {
	return func(c *config) { c.missing = fmt.Sprintf("option %d of %d is nil", i+1, n) }
}

// gives notes an option that is of one operator only.
func gives(opts *[]Option, set optionSet) {
	*opts = append(*opts, option(func(c *config) { c.given |= set }))
}

// An optionSet is some of the options that not every operator takes.
type optionSet uint16

const (
	optSkip optionSet = 1 << iota
	optDivert
	optInOrder
	optTimeToLive
	optSide
	optDisorder
	optUnordered
	optCacheResults
	optIdle
	optTraceParent
	optExpose
	optNoWait
	optEachKey
	optLateLeft
	optLateRight // behind it

	optFailures = optSkip | optDivert
)

// taken are the options that each kind of operator takes, besides Name. An
// option that means nothing to an operator is refused: whoever wrote it
// expects something of it.
var taken = map[string]optionSet{
	"source":       optFailures | optIdle | optTraceParent,
	"filter":       optFailures,
	"map":          optFailures,
	"flatmap":      optFailures,
	"filtermap":    optFailures,
	"tap":          optFailures,
	"split":        optFailures,
	"splitby":      optFailures,
	"enrich":       optFailures | optUnordered,
	"eventtime":    optFailures | optDisorder,
	"keyby":        optFailures,
	"sink":         optFailures,
	"lookup":       optFailures | optInOrder | optCacheResults,
	"process":      optFailures | optSide | optInOrder | optTimeToLive | optExpose,
	"connectall":   optFailures | optSide | optInOrder | optTimeToLive | optExpose | optNoWait | optEachKey,
	"processboth":  optFailures | optSide | optInOrder | optTimeToLive | optExpose,
	"running":      optFailures | optInOrder | optTimeToLive | optExpose,
	"apply":        optFailures | optInOrder | optSide | optTimeToLive,
	"connect":      optFailures | optSide | optTimeToLive,
	"aggregate":    optFailures | optInOrder | optExpose,
	"cogroup":      optFailures | optLateLeft | optLateRight,
	"windowjoin":   optFailures | optLateLeft | optLateRight,
	"intervaljoin": optFailures | optLateLeft | optLateRight,
	"asofjoin":     optFailures | optTimeToLive | optLateLeft,
	"tablejoin":    optFailures | optTimeToLive | optExpose,

	"tableof":        optFailures | optTimeToLive | optExpose,
	"totable":        optFailures | optTimeToLive | optExpose,
	"panetable":      optTimeToLive | optExpose,
	"latesttable":    optTimeToLive | optExpose,
	"aggregatetable": optFailures | optTimeToLive | optExpose,
	"filtertable":    optFailures,
	"maptable":       optFailures,
	"groupby":        optFailures,
	"grouptable":     optFailures | optExpose,
	"jointables":     optFailures,
	"foreignkey":     0,
	"foreignkeyjoin": optFailures,
	"foreignrows":    0,
	"temporaljoin":   optFailures,
	"orderby":        optFailures,
	"overtable":      optExpose,
	"overrows":       0,
	"over":           optTimeToLive,
}

// What each option is for, to be told to who gave it to another operator.
var options = []struct {
	set         optionSet
	name, where string
}{
	{optSkip, "SkipFailures", "operators that call a function for each event, and sources and sinks"},
	{optDivert, "Divert", "operators that call a function for each event, and sources and sinks"},
	{optInOrder, "InOrder", "Process, ProcessBoth, ConnectAll, Running, Lookup, Apply on a Keyed stream, and windows ByCount or with triggers of their own"},
	{optSide, "SideOutput", "Process, ProcessBoth and ConnectAll, and operators of the caller's own: Apply and Connect"},
	{optDisorder, "Disorder", "EventTime without Punctuated"},
	{optUnordered, "Unordered", "Enrich, as Lookup waits for all keys of a batch"},
	{optCacheResults, "CacheResults", "Lookup, on a Keyed stream, as Enrich knows no keys"},
	{optIdle, "Idle", "EventTime, and sources that promise watermarks"},
	{optTraceParent, "TraceParent", "From, as a batch is followed from its source on"},
	{optExpose, "Expose", "Process, ProcessBoth, ConnectAll, Running, TableJoin, TableOf, ToTable, LatestTable, PaneTable, AggregateTable, Grouped.Aggregate, what an Ordered table is for, and Aggregate, Reduce and Count of windows; an operator of the caller's own has KeyedState.Expose"},
	{optNoWait, "NoWaitForRules", "ConnectAll"},
	{optEachKey, "EachKey", "ConnectAll"},
	{optLateLeft, "LateLeft", "IntervalJoin, WindowJoin, CoGroup and AsOfJoin"},
	{optLateRight, "LateRight", "IntervalJoin, WindowJoin and CoGroup"},
	{optTimeToLive, "TimeToLive", "Process, ProcessBoth, ConnectAll, Running, Over, AsOfJoin, TableJoin, TableOf, ToTable, LatestTable, PaneTable, AggregateTable, and Apply and Connect with KeyedState"},
}

// refuse panics if n was given options that mean nothing to it.
func refuse(n *engine.Node, these optionSet) {
	for _, o := range options {
		if these&configOf(n).given&o.set == 0 {
			continue
		}
		panic(fmt.Sprintf("stream: %s: %s means nothing to it: it is for %s", called(n), o.name, o.where))
	}
}

// called names the operator in a message about how it was made.
func called(n *engine.Node) string {
	if !n.Named {
		return n.Kind
	}
	return fmt.Sprintf("%s %q", n.Kind, n.Name)
}
