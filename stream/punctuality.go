package stream

import (
	"time"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/window"
)

// A punctuality is how the events of one batch pass by the watermark of their
// partition: which of them are late, and how far they bring it. It is compiled once
// for all types, and its loop calls nothing.
type punctuality struct {
	marks *watermarks
	part  *partTime
	head  *header // of the batch with its times
	limit Time    // the latest time that events may have
}

// measure makes head that of a batch with times, of which no event has passed yet.
func (e *watermarks) measure(part *partTime, head *header, times []Time, late []lateMark) punctuality {
	head.times, head.late = times, late
	head.first, head.last, head.bounded = engine.MaxTime, engine.MinTime, true
	return punctuality{e, part, head, e.limit()}
}

// by takes the events from the k-th to the n-th, and has the watermark follow the
// latest at the distance of the disorder. It returns where one is too far ahead.
func (p *punctuality) by(k, n int) (at int, cause error) {
	if p.byAll(k, n) {
		return n, nil
	}
	times, late, rows := p.head.times, p.head.late, p.head.selected()
	first, last := p.head.first, p.head.last
	high, watermark, disorder := p.part.high, p.part.watermark, Time(p.marks.disorder)
	limit, lowest := p.limit, engine.MinTime+disorder
	for ; k < n; k++ {
		row := k
		if rows != nil {
			row = int(rows[k])
		}
		t := times[row]
		if t < watermark {
			late = append(late, lateMark{int32(row), watermark})
		}
		if t > limit {
			cause = p.marks.tooFar("event time", t)
			break
		}
		first, last = min(first, t), max(last, t)
		if t > high {
			high, watermark = t, max(watermark, max(t, lowest)-disorder)
		}
	}
	p.head.first, p.head.last, p.head.late = first, last, late
	p.part.high, p.part.watermark = high, watermark
	return k, cause
}

// byAll is by of events of which none is behind what the watermark is after the last one, nor
// too far ahead: no event has to be looked at by itself then. It reports whether that was so.
func (p *punctuality) byAll(k, n int) bool {
	first, last := engine.MaxTime, engine.MinTime
	if rows := p.head.selected(); rows != nil {
		for _, row := range rows[k:n] {
			t := p.head.times[row]
			first, last = min(first, t), max(last, t)
		}
	} else {
		for _, t := range p.head.times[k:n] {
			first, last = min(first, t), max(last, t)
		}
	}
	watermark, disorder := p.part.watermark, Time(p.marks.disorder)
	if last > p.part.high {
		watermark = max(watermark, max(last, engine.MinTime+disorder)-disorder)
	}
	if first < watermark || last > p.limit {
		return false
	}
	p.head.first, p.head.last = min(p.head.first, first), max(p.head.last, last)
	p.part.high, p.part.watermark = max(p.part.high, last), watermark
	return true
}

// pass takes one event of those that tell the watermark.
func (p *punctuality) pass(row int) error {
	t := p.head.times[row]
	if t < p.part.watermark {
		p.head.late = append(p.head.late, lateMark{int32(row), p.part.watermark})
	}
	if t > p.limit {
		return p.marks.tooFar("event time", t)
	}
	p.head.first, p.head.last = min(p.head.first, t), max(p.head.last, t)
	return nil
}

// heed has the watermark go as far as an event tells.
func (p *punctuality) heed(wm time.Time) error {
	w, ok := window.At(wm)
	switch {
	case !ok:
		return &timeError{"watermark", wm}
	case w <= p.part.watermark:
		return nil
	case w > p.limit:
		return p.marks.tooFar("watermark", w)
	}
	p.part.watermark = w
	return nil
}
