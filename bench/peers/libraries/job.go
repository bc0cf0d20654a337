package main

import "time"

// A sale is an event of the comparison.
type sale struct {
	Shop  int64
	Cents int64
	At    int64 // nanoseconds since 1970
}

func (s sale) paid() bool      { return s.Cents > 0 }
func (s sale) shop() int64     { return s.Shop }
func (s sale) cents() int64    { return s.Cents }
func (s sale) time() time.Time { return time.Unix(0, s.At) }
func (s sale) large() bool     { return s.Cents >= 300 }

// gross adds a fifth.
func (s sale) gross() sale {
	s.Cents += s.Cents / 5
	return s
}

const (
	shops    = 100
	rate     = 1000            // sales in a second of event time
	disorder = 3 * time.Second // by which one sale in ten may be late
	size     = time.Minute     // of windows
	slide    = 10 * time.Second
)

var opening = time.Date(2026, 3, 14, 9, 0, 5, 0, time.UTC).UnixNano()

// saleAt makes sale i; one in eleven is unpaid.
func saleAt(i int64) sale {
	x := scattered(i)
	at := opening + i*int64(time.Second)/rate
	if x%10 == 0 {
		at -= int64(x>>40) % int64(disorder)
	}
	return sale{int64(x>>8) % shops, int64(x>>16%11) * 100, at}
}

// scattered is the finalizer of SplitMix64, without its last bit.
func scattered(i int64) uint64 {
	x := uint64(i) * 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return (x ^ x>>31) >> 1
}

// sales makes the first n sales.
func sales(n int) []sale {
	all := make([]sale, n)
	for i := range all {
		all[i] = saleAt(int64(i))
	}
	return all
}

// A total is what the results of a job come to, in whatever order they come.
// Two runs have the same one only if they have the same results: not for
// certain, but nearly so.
type total struct {
	Results int64
	Sum     int64
	Mix     uint64
}

// add adds a result: of a shop and the window that ends at end, where a job
// has these.
func (t *total) add(shop, end, value int64) {
	t.Results++
	t.Sum += value
	t.Mix += scattered(shop*31+end*17) * uint64(value+1)
}

// A job is the work that is compared.
type job struct {
	Name, Meaning string
}

var jobs = []job{
	{"filter-map-filter", "sales that are paid, with a fifth added, if they are large then"},
	{"sum", "the sum of each shop, at the end of the input"},
	{"tumbling", "the sum of each shop in each minute of event time, one event in ten late"},
	{"sliding", "the sales of each shop in a minute of event time, each 10 s, one event in ten late"},
}

// A peer does jobs, each in its own way. What it cannot do, it says.
type peer struct {
	Name   string
	Cannot string
	most   map[string]int   // sales it is given, where it takes long for more
	can    map[string]doing // by job
}

// A doing prepares a job on so many sales, and returns what is timed.
type doing func(n int) (run func() (total, error))

// fromMemory does a job on sales that are made before.
func fromMemory(do func(all []sale) (total, error)) doing {
	return func(n int) func() (total, error) {
		all := sales(n)
		return func() (total, error) { return do(all) }
	}
}
