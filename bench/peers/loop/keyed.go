package main

import (
	"math"
	"sync"

	"github.com/freshet-go/freshet/bench/peers/contest"
)

// sums are those of the keys in one minute.
type sums interface {
	add(key, amount int64)
	each(f func(key, sum int64))
	clear()
}

// keyedBy adds up sales by key and minute. Each part has a goroutine and tables
// of its own, and a minute is merged when all have passed it.
func keyedBy[S sums](fresh func() S) contest.Work {
	return func(a contest.Args) (func() (contest.Result, error), error) {
		parts := contest.Sales(a.Events, a.Threads)
		return func() (contest.Result, error) {
			m := merger[S]{parts: len(parts), open: map[int64]S{}, seen: map[int64]int{}, fresh: fresh}
			var wg sync.WaitGroup
			for _, part := range parts {
				l := &lane[S]{merger: &m, sold: part, open: map[int64]S{}}
				wg.Go(func() { l.run(a.Laps, contest.Span(a.Events)) })
			}
			wg.Wait()
			m.rest()
			return m.totals.Result(), nil
		}, nil
	}
}

// A lane adds up one part.
type lane[S sums] struct {
	*merger[S]
	sold []contest.Sale
	open map[int64]S // by minute
	due  int64       // when the first of them ends
}

func (l *lane[S]) run(laps int, span int64) {
	l.due = math.MaxInt64
	var (
		newest  S
		minute  = int64(math.MinInt64)
		high    = int64(math.MinInt64)
		shift   = int64(0)
		current = func(at int64) S {
			m := at / contest.Minute
			s, ok := l.open[m]
			if !ok {
				s = l.take()
				l.open[m] = s
				l.due = min(l.due, (m+1)*contest.Minute)
			}
			return s
		}
	)
	for range laps {
		for _, s := range l.sold {
			s.At += shift
			if m := s.At / contest.Minute; m != minute {
				newest, minute = current(s.At), m
			}
			newest.add(s.Key, s.Amount)
			if s.At > high {
				if high = s.At; high-contest.Late >= l.due {
					l.fire(high - contest.Late)
					minute = math.MinInt64
				}
			}
		}
		shift += span
	}
	l.fire(math.MaxInt64)
}

// fire hands on the minutes that end at the watermark or before.
func (l *lane[S]) fire(watermark int64) {
	l.due = math.MaxInt64
	for m, s := range l.open {
		if end := (m + 1) * contest.Minute; end > watermark {
			l.due = min(l.due, end)
			continue
		}
		delete(l.open, m)
		l.passed(m, s)
	}
}

// A merger merges the minutes of all lanes.
type merger[S sums] struct {
	parts int
	fresh func() S

	mu     sync.Mutex
	open   map[int64]S
	seen   map[int64]int // lanes that have passed a minute
	spare  []S           // tables that can be used again
	totals contest.Totals
}

func (m *merger[S]) take() S {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := len(m.spare); n > 0 {
		s := m.spare[n-1]
		m.spare = m.spare[:n-1]
		return s
	}
	return m.fresh()
}

// passed takes what a lane has of a minute.
func (m *merger[S]) passed(minute int64, s S) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if all, ok := m.open[minute]; ok {
		s.each(all.add)
		s.clear()
		m.spare = append(m.spare, s)
	} else {
		m.open[minute] = s
	}
	if m.seen[minute]++; m.seen[minute] == m.parts {
		m.total(minute)
	}
}

func (m *merger[S]) total(minute int64) {
	all := m.open[minute]
	all.each(func(key, sum int64) { m.totals.Add(key, minute, sum) })
	all.clear()
	m.spare = append(m.spare, all)
	delete(m.open, minute)
	delete(m.seen, minute)
}

// rest totals the minutes that not every lane had sales in.
func (m *merger[S]) rest() {
	for minute := range m.open {
		m.total(minute)
	}
}
