package engine

import "fmt"

// Frontier merges the watermarks of several inputs: their minimum, idle ones
// left out.
type Frontier struct {
	Inputs []inputProgress
	out    Time // what has been passed on
	idle   bool
	live   int
}

type inputProgress struct {
	watermark  Time
	barrier    int64 // of the last checkpoint that it has come to
	allTold    bool  // it has told of all partitions
	idle, done bool
	connected  bool
	Mute       bool // it has no say in time
}

func NewFrontier(n int) *Frontier {
	p := &Frontier{Inputs: make([]inputProgress, n), out: MinTime, live: n}
	for i := range p.Inputs {
		p.Inputs[i].watermark = MinTime
	}
	return p
}

// Connect notes that an input has somebody who will tell its controls.
func (p *Frontier) Connect(input int) { p.Inputs[input].connected = true }

// Connected returns an error if an input has nobody: it would never end, and
// nothing that waits for it would, without a word.
func (p *Frontier) Connected() error {
	for i := range p.Inputs {
		if !p.Inputs[i].connected {
			return fmt.Errorf("input %d of %d is connected to nothing in this task: this is a mistake of the library, please report it", i+1, len(p.Inputs))
		}
	}
	return nil
}

func (p *Frontier) grow() int {
	p.Inputs = append(p.Inputs, inputProgress{watermark: MinTime})
	p.live++
	return len(p.Inputs) - 1
}

// Take notes control c of an input, and returns what it means for the whole.
func (p *Frontier) Take(input int, c Control) (out Control, changed bool) {
	in := &p.Inputs[input]
	switch c.Kind {
	case Told: // it is for who asks, as what it is about is not of the whole
		return Control{}, false
	case AllTold:
		in.allTold = true
		for i := range p.Inputs {
			if in := &p.Inputs[i]; !in.done && !in.allTold {
				return Control{}, false
			}
		}
		return c, true
	case Watermark:
		in.watermark, in.idle = max(in.watermark, c.Watermark), false
	case Idle:
		in.idle = true
	case Barrier:
		in.barrier = c.id
		for i := range p.Inputs {
			if in := &p.Inputs[i]; !in.done && in.barrier < c.id {
				return Control{}, false
			}
		}
		return c, true
	case End:
		if !in.done {
			in.done = true
			p.live--
		}
		if p.live == 0 {
			return c, true
		}
	}
	low, active := p.low()
	if !active {
		if p.live == 0 || p.idle {
			return Control{}, false
		}
		for i := range p.Inputs {
			if in := &p.Inputs[i]; !in.done {
				p.idle = true
				return Control{Kind: Idle}, true
			}
		}
		return Control{}, false
	}
	if low > p.out || p.idle {
		p.idle, p.out = false, max(low, p.out)
		return Control{Kind: Watermark, Watermark: p.out, Born: c.Born}, true
	}
	return Control{}, false
}

// low returns the least watermark of the inputs that are not idle, and whether
// there is one to go by. An input that has come to its end has said so with the
// last of all watermarks, and is nothing to go by while others are idle: they may
// go on. One that was stopped short of its end holds back what is open, which a
// later run goes on with.
func (p *Frontier) low() (low Time, active bool) {
	low, _ = Least(len(p.Inputs), func(i int) (Time, bool) {
		in := &p.Inputs[i]
		return in.watermark, !in.Mute && !in.idle
	})
	idle := false
	for i := range p.Inputs {
		in := &p.Inputs[i]
		switch {
		case in.Mute:
		case in.idle:
			idle = idle || in.watermark < MaxTime
		default:
			active = active || !in.done
		}
	}
	return low, active && (low < MaxTime || !idle)
}

// Least returns the least watermark of n inputs, those left out that are not
// awake, and whether any is. If none is, it is MaxTime.
func Least(n int, of func(i int) (watermark Time, awake bool)) (low Time, some bool) {
	low = MaxTime
	for i := range n {
		if wm, awake := of(i); awake {
			low, some = min(low, wm), true
		}
	}
	return low, some
}
