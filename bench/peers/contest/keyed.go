package contest

import "strconv"

// The events of the keyed contest. A lap lasts as long as its events, a
// sixteenth of a millisecond each or so, and one in ten is up to Late behind.
const (
	Keys   = 100_000
	Minute = 60_000
	Late   = 3_000
	begin  = 1_773_478_800_000 // 2026-03-14 09:00
)

// A Sale is an event: so much of a key at a time, in milliseconds since 1970.
type Sale struct{ Key, Amount, At int64 }

// Span returns how many milliseconds a lap of so many events lasts.
func Span(events int) int64 { return int64(events) * 60 / 1000 }

// Sales makes the events of a lap: event i is in part i modulo parts.
func Sales(events, parts int) [][]Sale {
	all := make([][]Sale, parts)
	for p := range all {
		all[p] = make([]Sale, 0, events/parts+1)
	}
	for i := range events {
		x := scattered(uint64(i))
		s := Sale{Key: int64(x >> 8 % Keys), Amount: int64(x >> 40 % 1000), At: begin + Span(i)}
		if x%10 == 0 {
			s.At -= int64(x >> 20 % Late)
		}
		all[i%parts] = append(all[i%parts], s)
	}
	return all
}

// scattered is the finalizer of SplitMix64.
func scattered(x uint64) uint64 {
	x *= 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Totals are what the sums by key and minute come to, in whatever order they come.
type Totals struct {
	panes, sum int64
	mix        uint64
}

// Add adds the sum of a key in a minute since 1970.
func (t *Totals) Add(key, minute, sum int64) {
	t.panes++
	t.sum += sum
	t.mix += uint64(key*31+minute*17+7) * uint64(sum+1)
}

// Merge adds what another has.
func (t *Totals) Merge(u Totals) {
	t.panes += u.panes
	t.sum += u.sum
	t.mix += u.mix
}

// Result makes totals comparable.
func (t Totals) Result() Result {
	return Result{
		"panes": strconv.FormatInt(t.panes, 10),
		"sum":   strconv.FormatInt(t.sum, 10),
		"mix":   strconv.FormatUint(t.mix, 10),
	}
}
