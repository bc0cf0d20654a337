package main

import "time"

// An axis maps times of the day to places.
type axis struct {
	from, to    time.Time
	left, right float64
}

func (a axis) x(t time.Time) float64 {
	return a.left + (a.right-a.left)*float64(t.Sub(a.from))/float64(a.to.Sub(a.from))
}

// draw draws lines at each step, from top to bottom, and times below each second one or all of them.
func (a axis) draw(p *picture, top, bottom float64, step, named time.Duration) {
	for t := a.from; !t.After(a.to); t = t.Add(step) {
		p.line(a.x(t), top, a.x(t), bottom, 1, "grid")
		if t.Sub(a.from)%named == 0 {
			p.text(a.x(t), bottom+18, middle, "m", t.Format("15:04"))
		}
	}
	p.line(a.left, bottom, a.right, bottom, 1, "axis")
}

// clock returns a time of the day that the guide speaks of.
func clock(hour, minute int) time.Time {
	return time.Date(2026, 11, 27, hour, minute, 0, 0, time.UTC)
}
