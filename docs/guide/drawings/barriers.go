package main

import "fmt"

// barriers shows a checkpoint on its way in four steps. It is drawn from what
// docs/reliability.md says, and not from a run: no run can be stopped in between.
func barriers() (*picture, error) {
	p := newPicture(720, 640, "A checkpoint: barriers go from the sources through a task to the sink, and each saves its state behind them")
	steps := []struct {
		title   string
		one     float64 // how far the barrier of the first source is, from 0 to 1
		two     float64
		out     float64
		saved   [4]bool // source 1, source 2, the task, the sink
		waiting bool
	}{
		{"1. Sources note how far they have read, and send a barrier behind that.", 0.35, 0.15, -1, [4]bool{true, true}, false},
		{"2. One barrier is there. The task takes nothing more from that source for now.", 1, 0.6, -1, [4]bool{true, true}, true},
		{"3. Both are there. The task copies its state, and sends the barrier on.", -1, -1, 0.5, [4]bool{true, true, true}, false},
		{"4. The sink has prepared its rows. The checkpoint is written; then the rows appear.", -1, -1, -1, [4]bool{true, true, true, true}, false},
	}
	for i, s := range steps {
		y := 20 + 155*float64(i)
		p.bold(12, y+10, start, s.title)
		node := func(x, y float64, name string, saved bool) {
			p.rect(x, y, 110, 34, "pale f0 l0")
			p.text(x+55, y+22, middle, "t", name)
			if saved {
				p.rect(x+80, y+38, 30, 12, "f2")
				p.text(x+74, y+49, end, "m", "saved")
			}
		}
		node(20, y+26, "source 1", s.saved[0])
		node(20, y+84, "source 2", s.saved[1])
		node(330, y+55, "windows", s.saved[2])
		node(590, y+55, "sink", s.saved[3])
		lane := func(x1, y1, x2, y2, barrier float64) {
			p.arrow(x1, y1, x2, y2, "lm")
			for k := range 7 {
				at := (float64(k) + 0.5) / 7
				if barrier < 0 || at < barrier-0.05 || at > barrier+0.05 {
					fmt.Fprintf(&p.body, `<circle cx="%s" cy="%s" r="3.5" class="fm"/>`+"\n", num(x1+(x2-x1)*at), num(y1+(y2-y1)*at))
				}
			}
			if barrier >= 0 {
				x, y := x1+(x2-x1)*min(barrier, 0.96), y1+(y2-y1)*min(barrier, 0.96)
				p.line(x, y-13, x, y+13, 5, "l1")
			}
		}
		lane(134, y+43, 326, y+66, s.one)
		lane(134, y+101, 326, y+78, s.two)
		lane(444, y+72, 586, y+72, s.out)
		if s.waiting {
			p.text(300, y+48, end, "t", "waits")
		}
	}
	return p, nil
}
