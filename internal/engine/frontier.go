package engine

import (
	"fmt"
	"slices"
)

// Frontier merges the watermarks of several inputs: their minimum, idle ones
// left out. Once all that may go on are idle none is waited for, and the watermark is
// that of the input which had come furthest: it is what it would be if that one had
// fallen silent last, and does not depend on which of them did. So it is at the end, too: in front of the
// last of all watermarks comes that of the input which had come furthest, whichever ended last.
type Frontier struct {
	told   bool // that all inputs have told of their partitions was passed on
	Inputs []inputProgress
	out    Time // what has been passed on
	high   Time // the furthest that an input has come, short of its end
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
	p := &Frontier{Inputs: make([]inputProgress, n), out: MinTime, high: MinTime, live: n}
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

// Take notes control c of an input, and passes on what it means for the whole: nothing, one
// control, or two of them. The error is pass's, or says that c is of a kind that Take does not know.
func (p *Frontier) Take(input int, c Control, pass func(Control) error) error {
	in := &p.Inputs[input]
	switch c.Kind {
	case Told: // it is for who asks, as what it is about is not of the whole
		return nil
	case AllTold:
		in.allTold = true
		return p.tellAll(pass)
	case Barrier:
		in.barrier = c.id
		if p.awaits(func(in *inputProgress) bool { return in.barrier < c.id }) {
			return nil
		}
		return pass(c)
	case Watermark:
		in.watermark, in.idle = max(in.watermark, c.Watermark), false
		if !in.Mute && c.Watermark < MaxTime {
			p.high = max(p.high, c.Watermark)
		}
	case Came:
		if !in.Mute {
			p.high = max(p.high, c.Watermark)
		}
		return nil
	case Idle:
		in.idle = true
	case End:
		if !in.done {
			in.done = true
			p.live--
		}
		if p.live == 0 {
			return pass(c)
		}
		if err := p.tellAll(pass); err != nil { // it may have been the last that was missing
			return err
		}
	default:
		return fmt.Errorf("input %d of %d: what a control of kind %d means for all inputs is not said: this is a mistake of the library, please report it", input+1, len(p.Inputs), c.Kind)
	}
	return p.goOn(c.Born, pass)
}

// tellAll passes on that all has been told, once it has been by every input that has not ended.
func (p *Frontier) tellAll(pass func(Control) error) error {
	some := slices.ContainsFunc(p.Inputs, func(in inputProgress) bool { return in.allTold })
	if p.told || !some || p.awaits(func(in *inputProgress) bool { return !in.allTold }) {
		return nil
	}
	p.told = true
	return pass(Control{Kind: AllTold})
}

// awaits reports whether an input that has not ended has still to bring something.
func (p *Frontier) awaits(lacks func(*inputProgress) bool) bool {
	for i := range p.Inputs {
		if in := &p.Inputs[i]; !in.done && lacks(in) {
			return true
		}
	}
	return false
}

// goOn passes on what the inputs say together, where that is new.
func (p *Frontier) goOn(born int64, pass func(Control) error) error {
	low, active := p.low()
	was := p.idle
	if p.idle = !active; !active {
		low = p.silent()
	}
	if active && low == MaxTime && p.high > p.out {
		p.out = p.high
		if err := pass(Control{Kind: Watermark, Watermark: p.out, Born: born}); err != nil {
			return err
		}
	}
	moved := low > p.out
	p.out = max(p.out, low)
	if moved || active && was {
		if err := pass(Control{Kind: Watermark, Watermark: p.out, Born: born}); err != nil {
			return err
		}
	}
	if !active && (moved || !was) && p.live > 0 {
		return pass(Control{Kind: Idle})
	}
	return nil
}

// silent returns the watermark where nobody is waited for. An input that was stopped short
// of its end still holds back what is open.
func (p *Frontier) silent() Time {
	for i := range p.Inputs {
		if in := &p.Inputs[i]; !in.Mute && !in.idle && in.watermark < MaxTime {
			return MinTime
		}
	}
	return p.high
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
