package behaviour

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Period numbers times by the period that they are in, so that later periods have greater numbers: Months, Weeks, or one of
// the user's own.
type Period struct {
	name  string
	of    func(time.Time) int
	start func(int) time.Time
}

// Months are the months of a time zone.
func Months(zone *time.Location) Period {
	return Period{
		"months of " + zone.String(),
		func(t time.Time) int { y, m, _ := t.In(zone).Date(); return 12*y + int(m) - 1 },
		func(n int) time.Time { return time.Date(n/12, time.Month(n%12+1), 1, 0, 0, 0, 0, zone) },
	}
}

// Weeks are the weeks of a time zone, from Monday on.
func Weeks(zone *time.Location) Period {
	// 1970-01-05 was a Monday. Days are counted by the calendar, not by 24 hours.
	return Period{
		"weeks of " + zone.String(),
		func(t time.Time) int {
			y, m, d := t.In(zone).Date()
			return floor(int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()/86400)-4, 7)
		},
		func(n int) time.Time { return time.Date(1970, 1, 5+7*n, 0, 0, 0, 0, zone) },
	}
}

// PeriodOf is a period of the user's own: of numbers the periods, and start says when one begins. The name tells it from others where what was
// seen is merged or restored.
func PeriodOf(name string, of func(time.Time) int, start func(int) time.Time) Period {
	if of == nil || start == nil {
		panic("behaviour: PeriodOf: a function is nil")
	}
	return Period{name, of, start}
}

func floor(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// A Retention notes in which periods each user of type K was there. It takes a bit for each user and period between the user's
// first and last, and a map entry for each user.
type Retention[K cmp.Ordered] struct {
	period Period
	users  map[K]*presence
}

// presence is the periods of a user: the first, and a bit for each from it on.
type presence struct {
	first int
	bits  []uint64
}

func (p *presence) set(n int) {
	if n < p.first {
		old := *p
		*p = presence{first: n}
		for k := range old.bits {
			for i := range 64 {
				if old.bits[k]>>i&1 == 1 {
					p.set(old.first + 64*k + i)
				}
			}
		}
	}
	at := n - p.first
	for len(p.bits) <= at/64 {
		p.bits = append(p.bits, 0)
	}
	p.bits[at/64] |= 1 << (at % 64)
}

// NewRetention returns one of no users.
func NewRetention[K cmp.Ordered](p Period) *Retention[K] {
	if p.of == nil {
		panic("behaviour: NewRetention: the Period is none: use Months or Weeks")
	}
	return &Retention[K]{p, map[K]*presence{}}
}

// Add notes that a user was there. Times may come in any order. It panics if the user's periods are more than
// 10,000 apart: the time is wrong, then.
func (r *Retention[K]) Add(user K, at time.Time) {
	n := r.period.of(at)
	p := r.users[user]
	if p == nil {
		p = &presence{first: n}
		r.users[user] = p
	}
	if d := n - p.first; d > 10_000 || d < -10_000 {
		panic(fmt.Sprintf("behaviour: Retention: user %v was there at %v, more than 10,000 periods from the first time", user, at))
	}
	p.set(n)
}

// Merge adds what b has seen. It panics if the Period of b has another name.
func (r *Retention[K]) Merge(b *Retention[K]) {
	if r.period.name != b.period.name {
		panic(fmt.Sprintf("behaviour: Retention.Merge: %s and %s", r.period.name, b.period.name))
	}
	for user, p := range b.users {
		mine := r.users[user]
		if mine == nil {
			mine = &presence{first: p.first}
			r.users[user] = mine
		}
		for k := range p.bits {
			for i := range 64 {
				if p.bits[k]>>i&1 == 1 {
					mine.set(p.first + 64*k + i)
				}
			}
		}
	}
}

// A Cohort is the users whose first period is the same.
type Cohort struct {
	Start time.Time // of that period
	Users []int     // how many were there after 0, 1, 2, ... periods; the first is how many there are
}

// Share returns which share of the cohort was there after that many periods: NaN behind the last one seen.
func (c Cohort) Share(after int) float64 {
	if after < 0 || after >= len(c.Users) {
		return nan
	}
	return float64(c.Users[after]) / float64(c.Users[0])
}

// Cohorts returns the cohorts, the first one first. Each has figures up to the last period in which anybody was there: that one
// may not be over yet.
func (r *Retention[K]) Cohorts() []Cohort {
	by := map[int]*Cohort{}
	last := 0
	for i, p := range slices.Collect(maps.Values(r.users)) {
		until := p.first + 64*(len(p.bits)-1) + 63 - leading(p.bits[len(p.bits)-1])
		if last = max(last, until); i == 0 {
			last = until
		}
	}
	for _, p := range r.users {
		c := by[p.first]
		if c == nil {
			c = &Cohort{Start: r.period.start(p.first), Users: make([]int, last-p.first+1)}
			by[p.first] = c
		}
		for k := range p.bits {
			for i := range 64 {
				if p.bits[k]>>i&1 == 1 {
					c.Users[64*k+i]++
				}
			}
		}
	}
	var all []Cohort
	for _, n := range slices.Sorted(maps.Keys(by)) {
		all = append(all, *by[n])
	}
	return all
}

// Table returns a line for each cohort: when it began, how many they are, and the share of them in per cent after each period.
func Table(cohorts []Cohort) string {
	var b strings.Builder
	for _, c := range cohorts {
		fmt.Fprintf(&b, "%s %7d", c.Start.Format(time.DateOnly), c.Users[0])
		for after := 1; after < len(c.Users); after++ {
			fmt.Fprintf(&b, " %3.0f", 100*c.Share(after))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

type savedRetention[K cmp.Ordered] struct {
	Period string
	Users  map[K]savedPresence
}

type savedPresence struct {
	First int
	Bits  []uint64
}

// AppendBinary appends what r has seen.
func (r *Retention[K]) AppendBinary(b []byte) ([]byte, error) {
	s := savedRetention[K]{r.period.name, map[K]savedPresence{}}
	for user, p := range r.users {
		s.Users[user] = savedPresence{p.first, p.bits}
	}
	return saved.As[savedRetention[K]]("behaviour.Retention", 1).Append(b, &s)
}

// UnmarshalBinary replaces what r has seen by what AppendBinary has appended. Its Period stays: one with another name is an error.
func (r *Retention[K]) UnmarshalBinary(data []byte) error {
	var s savedRetention[K]
	err := saved.As[savedRetention[K]]("behaviour.Retention", 1).Read(data, &s, func(s *savedRetention[K]) error {
		if s.Period != r.period.name {
			return fmt.Errorf("it is of %s, not of %s", s.Period, r.period.name)
		}
		for user, p := range s.Users {
			if len(p.Bits) == 0 || p.Bits[0]&1 == 0 {
				return fmt.Errorf("user %v was not there in the first period", user)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.users = map[K]*presence{}
	for user, p := range s.Users {
		r.users[user] = &presence{p.First, p.Bits}
	}
	return nil
}
