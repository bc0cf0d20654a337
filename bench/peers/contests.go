package main

import "slices"

// A contested job is a table.
type contested struct {
	Name, Title string
	Kind        kind
	Orders      int // at size 1, where it reads files
	Entries     []entry
}

// A kind is what is measured.
type kind int

const (
	ofFiles   kind = iota // seconds of a whole process
	ofEvents              // events a second, in memory
	ofLatency             // how late results come, at a rate
)

// An entry is a row: a program that does a contest, in a way.
type entry struct {
	Program string
	Way     string // what distinguishes it from the program's other rows
	Do      string // what the program is told to do
	Threads int
	Laps    int // at size 1, in memory: enough for two seconds or more
	Saved   bool
	Part    int // of the files' orders it is given one in so many, and its figures are that many times; all if 0
}

func (e entry) title() string {
	t := programs[e.Program].Title
	if e.Way != "" {
		t += ", " + e.Way
	}
	return t
}

const (
	keyedEvents = 8_000_000 // of a lap, at size 1
	keyedJobs   = 3         // the first warms up
)

var contests = []contested{
	{
		Name: "sum", Title: "the sum of JSON orders in 8 files", Kind: ofFiles, Orders: 10_000_000,
		Entries: []entry{
			{Program: "freshet", Do: "sum", Threads: 2},
			{Program: "freshet", Way: "nine fields", Do: "sum-full", Threads: 2},
			{Program: "loop", Do: "sum", Threads: 2},
			{Program: "duckdb", Do: "sum", Threads: 2},
			{Program: "polars", Do: "sum", Threads: 2},
			{Program: "flink", Do: "sum", Threads: 2},
			{Program: "spark", Way: "with schema", Do: "sum", Threads: 2},
			{Program: "spark", Way: "schema inferred", Do: "sum-infer", Threads: 2},
			{Program: "onspark", Do: "sum", Threads: 2},
			{Program: "benthos", Way: "a twentieth, times twenty", Do: "sum", Threads: 2, Part: 20},
		},
	},
	{
		Name: "minutes", Title: "revenue by minute and category of JSON orders, one in a hundred late", Kind: ofFiles, Orders: 4_000_000,
		Entries: []entry{
			{Program: "freshet", Do: "minutes", Threads: 2},
			{Program: "loop", Do: "minutes", Threads: 2},
			{Program: "duckdb", Do: "minutes", Threads: 2},
			{Program: "polars", Do: "minutes", Threads: 2},
			{Program: "flink", Do: "minutes", Threads: 2},
			{Program: "jet", Do: "minutes", Threads: 2},
			{Program: "spark", Way: "batch", Do: "minutes", Threads: 2},
			{Program: "spark", Way: "stream", Do: "minutes-stream", Threads: 2},
			{Program: "onspark", Do: "minutes", Threads: 2},
		},
	},
	{
		Name: "keyed", Title: "in memory: the sum of 100,000 keys in each minute, one event in ten up to 3 s late", Kind: ofEvents,
		Entries: slices.Concat(onCores(1), onCores(2)),
	},
	{
		Name: "latency", Title: "counts of 10,000 keys in a second, every 10 ms, 0.5 M events/s on two shards, one in ten late", Kind: ofLatency,
		Entries: []entry{
			{Program: "freshet", Do: "latency", Threads: 2},
			{Program: "jet", Do: "latency", Threads: 2},
			{Program: "freshet", Do: "latency", Threads: 2, Saved: true},
			{Program: "jet", Do: "latency", Threads: 2, Saved: true},
		},
	},
}

// onCores are the rows of the keyed contest on so many cores.
func onCores(n int) []entry {
	return []entry{
		{Program: "freshet", Do: "keyed", Threads: n, Laps: 6},
		{Program: "freshet", Do: "keyed", Threads: n, Laps: 12, Saved: true},
		{Program: "loop", Way: "a map", Do: "keyed", Threads: n, Laps: 6},
		{Program: "loop", Way: "open addressing", Do: "keyed-open", Threads: n, Laps: 6},
		{Program: "timely", Do: "keyed", Threads: n, Laps: 6},
		{Program: "flink", Do: "keyed", Threads: n, Laps: 1},
		{Program: "flink", Do: "keyed", Threads: n, Laps: 1, Saved: true},
		{Program: "jet", Do: "keyed", Threads: n, Laps: 1},
		{Program: "jet", Do: "keyed", Threads: n, Laps: 1, Saved: true},
	}
}
