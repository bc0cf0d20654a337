package stream

import "time"

// A pace is how often a loop over a batch looks whether the run has to end. A
// look costs as much as a small function does, so the loops of Map and Filter,
// which do little else, look before each sixteenth call while a function is
// quick: a batch took less than a microsecond an event, when it was last timed.
type pace struct {
	quick   bool
	untimed int // batches that are not timed before the next that is
	began   time.Time
}

const (
	pacedBatch = 64 // events of a batch for which that is worth knowing
	pacedEach  = 16 // batches of a quick function, of which one is timed
	quickStep  = 16
)

// begin returns how many calls to make before the next look.
func (p *pace) begin(n int) (step int) {
	if n < pacedBatch {
		return 1
	}
	if p.untimed--; p.untimed < 0 {
		p.began = time.Now()
	}
	if p.quick {
		return quickStep
	}
	return 1
}

// end notes how quick a batch was.
func (p *pace) end(n int) {
	if n < pacedBatch || p.untimed >= 0 {
		return
	}
	if p.quick = time.Since(p.began) < time.Duration(n)*time.Microsecond; p.quick {
		p.untimed = pacedEach
	}
}
