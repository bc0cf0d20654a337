package behaviour

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/freshet-go/freshet/window"
)

// A Funnel is steps that a user takes one after another, all within a time from the first: seen, in the cart, paid.
// Other events between them do not matter, and neither do steps that come again. One event takes one step.
type Funnel struct {
	within time.Duration
	steps  []string
}

// NewFunnel returns the funnel of the named steps. It panics unless within is positive and there are between 2 and 64 steps.
func NewFunnel(within time.Duration, steps ...string) *Funnel {
	if within <= 0 || len(steps) < 2 || len(steps) > 64 {
		panic(fmt.Sprintf("behaviour: NewFunnel within %v of %d steps: want a positive time and 2 to 64 steps", within, len(steps)))
	}
	return &Funnel{within, slices.Clone(steps)}
}

// A Step is a step of a funnel that a user took.
type Step struct {
	At   time.Time
	Step int // from 0
}

// mostSteps is how many steps of a user are kept.
const mostSteps = 10_000

// Taken is what steps a user took, in any order. The zero value is of one who took none. Of a user with more than 10,000 steps, a
// robot for certain, the last 10,000 count.
type Taken struct{ Steps []Step }

// Add adds a step.
func (t *Taken) Add(at time.Time, step int) {
	t.Steps = append(t.Steps, Step{at, step})
	t.trim()
}

// Merge adds what b has.
func (t *Taken) Merge(b Taken) {
	t.Steps = append(t.Steps, b.Steps...)
	t.trim()
}

// trim keeps twice as many as count at most, so that it is seldom called for.
func (t *Taken) trim() {
	if len(t.Steps) > 2*mostSteps {
		t.Steps = append([]Step(nil), t.last()...)
	}
}

// last returns the steps that count, in order.
func (t *Taken) last() []Step {
	t.sort()
	return t.Steps[max(0, len(t.Steps)-mostSteps):]
}

// sort puts steps in the order of their times; of equal times the earlier step comes first.
func (t *Taken) sort() {
	slices.SortFunc(t.Steps, func(a, b Step) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Step, b.Step)) })
}

// TakenOf aggregates events into the steps of a user: step returns which step an event is, and -1 for none. Keyed by user in
// a window, it is what Funnel.Report needs of each.
func TakenOf[T any](at func(T) time.Time, step func(T) int) window.Aggregator[T, Taken, Taken] {
	if at == nil || step == nil {
		panic("behaviour: TakenOf: a function is nil")
	}
	return window.Of(
		func() Taken { return Taken{} },
		func(t Taken, v T) Taken {
			if s := step(v); s >= 0 {
				t.Add(at(v), s)
			}
			return t
		},
		func(a, b Taken) Taken { a.Merge(b); return a },
		func(t Taken) Taken {
			t.Steps = slices.Clone(t.Steps)
			t.Steps = t.last()
			return t
		},
	)
}

// Follow returns when a user took the steps of the funnel: as many as were taken in order, within the funnel's time. Of several ways to get
// as far it is the one that was complete first, and of these the one that began last. Steps beyond the funnel's do not
// matter.
func (f *Funnel) Follow(t Taken) []time.Time {
	t.Steps = slices.Clone(t.Steps)
	ways := make([][]time.Time, len(f.steps)) // by how far they have got: the way that began last
	best := 0
	var first []time.Time
	for _, s := range t.last() {
		if s.Step < 0 || s.Step >= len(f.steps) {
			continue
		}
		var way []time.Time
		if s.Step > 0 {
			if way = ways[s.Step-1]; way == nil || s.At.Sub(way[0]) > f.within {
				continue
			}
		}
		// A way that another one has begun with must not change: it is copied.
		way = append(slices.Clone(way), s.At)
		if old := ways[s.Step]; old == nil || !way[0].Before(old[0]) {
			ways[s.Step] = way
		}
		if len(way) > best {
			best, first = len(way), way
		}
	}
	return first
}

// A FunnelReport is how far users got.
type FunnelReport struct{ Steps []FunnelStep }

// A FunnelStep is a step of a report.
type FunnelStep struct {
	Name     string
	Users    int
	OfFirst  float64       // share of those who took the first step; NaN if nobody did
	OfBefore float64       // share of those who took the step before; 1 for the first
	Median   time.Duration // from the step before, of those who took it; 0 for the first
}

// Report follows each user. It takes time for all of their steps.
func (f *Funnel) Report(users []Taken) FunnelReport {
	between := make([][]time.Duration, len(f.steps))
	for _, u := range users {
		way := f.Follow(u)
		for i, at := range way {
			d := time.Duration(0)
			if i > 0 {
				d = at.Sub(way[i-1])
			}
			between[i] = append(between[i], d)
		}
	}
	var r FunnelReport
	for i, name := range f.steps {
		s := FunnelStep{Name: name, Users: len(between[i]), OfBefore: 1, Median: median(between[i])}
		s.OfFirst = float64(s.Users) / float64(len(between[0]))
		if i > 0 {
			s.OfBefore = float64(s.Users) / float64(len(between[i-1]))
		}
		r.Steps = append(r.Steps, s)
	}
	return r
}

// median returns the middle of durations, the mean of the two of an even number, and 0 of none.
func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	switch n := len(d); {
	case n == 0:
		return 0
	case n%2 == 1:
		return d[n/2]
	default:
		return d[n/2-1] + (d[n/2]-d[n/2-1])/2
	}
}

// spoken writes a time as people say it: in days from two days on, and in hours from two hours on.
func spoken(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%.0f days", d.Hours()/24)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%.0f hours", d.Hours())
	}
	return d.Round(time.Second).String()
}

// String returns a line for each step: "paid  120  24 % of all  40 % of those before, after 3m0s".
func (r FunnelReport) String() string {
	var b strings.Builder
	for i, s := range r.Steps {
		fmt.Fprintf(&b, "%-16s %8d  %5.1f %% of all", s.Name, s.Users, 100*s.OfFirst)
		if i > 0 {
			fmt.Fprintf(&b, "  %5.1f %% of those before, after %s", 100*s.OfBefore, spoken(s.Median))
		}
		b.WriteByte('\n')
	}
	return b.String()
}
