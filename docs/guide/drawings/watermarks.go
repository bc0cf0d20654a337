package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// noTest is what a streamtest.Driver is given outside of a test: what fails, panics.
type noTest struct{ testing.TB }

func (noTest) Helper()                   {}
func (noTest) Cleanup(func())            {}
func (noTest) Fatalf(f string, a ...any) { panic(f) }

// A step is an event that has arrived, and the watermark behind it.
type step struct {
	at, watermark time.Time // watermark is zero before the first
	late          bool
	partition     int
}

// arrive has events arrive one after another, at the partitions given.
func arrive(times []time.Time, partitions []int, of int, disorder time.Duration) (steps []step) {
	in := streamtest.NewInput[time.Time](of)
	p := stream.New("drawing")
	onTime, late := p.From(in).
		EventTime(func(t time.Time) time.Time { return t }, stream.Disorder(disorder)).
		SplitLate()
	// Each partition has a task of its own; behind a key their watermarks are one.
	counted := onTime.KeyBy(func(time.Time) bool { return true }).Running(window.Count[time.Time]())
	punctual, behind := streamtest.Collect(counted), streamtest.Collect(late)
	d := streamtest.Start(noTest{}, p)
	defer d.Kill()

	var watermark time.Time
	for i, t := range times {
		in.PushTo(partitions[i], t)
		d.Settle()
		for _, wm := range punctual.Watermarks() {
			if wm > window.MinTime {
				watermark = wm.Std()
			}
		}
		punctual.Take()
		steps = append(steps, step{t, watermark, len(behind.Take()) > 0, partitions[i]})
	}
	return steps
}

// arrivals is a chart of event times by the order of arrival.
type arrivals struct {
	*picture
	times axis
	n     int
}

func newArrivals(n int, from, to time.Time, label string) arrivals {
	p := newPicture(720, 360, label)
	a := arrivals{p, axis{from, to, 300, 40}, n} // from below to above
	for t := from; !t.After(to); t = t.Add(2 * time.Minute) {
		p.line(80, a.times.x(t), 560, a.times.x(t), 1, "grid")
		p.text(70, a.times.x(t)+5, end, "m", t.Format("15:04"))
	}
	p.line(80, 300, 560, 300, 1, "axis")
	for i := range n {
		p.text(a.x(i), 320, middle, "m", string(rune('1'+i)))
	}
	p.text(320, 344, middle, "m", "order of arrival")
	p.text(12, 24, start, "m", "event time")
	return a
}

func (a arrivals) x(i int) float64 { return 80 + 480*(float64(i)+0.5)/float64(a.n) }

// stairs draws what a time has been behind each event.
func (a arrivals) stairs(of []time.Time, width float64, class string) (last float64) {
	var points [][2]float64
	half := 240 / float64(a.n)
	for i, t := range of {
		if !t.IsZero() {
			points = append(points, [2]float64{a.x(i), a.times.x(t)}, [2]float64{a.x(i) + 2*half, a.times.x(t)})
		}
	}
	points[len(points)-1][0] = 560
	a.path(points, width, class)
	return points[len(points)-1][1]
}

func watermark() (*picture, error) {
	var times []time.Time
	for _, minute := range []int{1, 3, 2, 6, 5, 3, 8, 9} {
		times = append(times, clock(9, minute))
	}
	steps := arrive(times, make([]int, len(times)), 1, 2*time.Minute)
	a := newArrivals(len(steps), clock(8, 58), clock(9, 10), "Event times by the order of arrival, and the watermark two minutes behind the latest")
	var marks []time.Time
	for i, s := range steps {
		marks = append(marks, s.watermark)
		y := a.times.x(s.at)
		if s.late {
			a.ring(a.x(i), y, 1)
			a.text(a.x(i), y+24, middle, "t", "late")
			continue
		}
		a.mark(a.x(i), y, 0)
	}
	y := a.stairs(marks, 2.5, "l2")
	a.text(570, y+5, start, "t", "watermark")
	a.text(570, y+23, start, "m", "two minutes behind")
	a.text(570, y+41, start, "m", "the latest event")
	return a.picture, nil
}

func partitions() (*picture, error) {
	minutes := []int{1, 2, 4, 3, 6, 8, 5, 9}
	partitions := []int{0, 1, 0, 1, 0, 0, 1, 0}
	var times []time.Time
	for _, minute := range minutes {
		times = append(times, clock(9, minute))
	}
	steps := arrive(times, partitions, 2, 0)
	a := newArrivals(len(steps), clock(9, 0), clock(9, 10), "Event times of two partitions by the order of arrival, and the watermark, which is the lower of theirs")
	var marks []time.Time
	for i, s := range steps {
		marks = append(marks, s.watermark)
		a.mark(a.x(i), a.times.x(s.at), s.partition)
	}
	for partition, y := range []float64{50, 74} {
		a.mark(580, y, partition)
		a.text(594, y+5, start, "t", fmt.Sprintf("partition %d", partition+1))
	}
	y := a.stairs(marks, 2.5, "l2")
	a.text(570, y+5, start, "t", "watermark: as far")
	a.text(570, y+23, start, "t", "as the slower one")
	return a.picture, nil
}
