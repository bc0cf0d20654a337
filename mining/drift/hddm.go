package drift

import (
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// HDDMA compares the mean of all values with the mean up to the point where it was, with its bound, least. The bound
// is Hoeffding's: for values between 0 and 1, whatever their distribution, a comparison is a false alarm with a
// probability of at most that of DetectAt.
//
// Memory and time of an Add are O(1). A value below 0 counts as 0, one above 1 as 1.
//
// Source: Frías-Blanco, del Campo-Ávila, Ramos-Jiménez, Morales-Bueno, Ortiz-Díaz, Caballero-Mota, "Online
// and non-parametric drift detection methods based on Hoeffding's bounds", IEEE TKDE 27(3), 2015 (the A-test).
type HDDMA struct {
	warn, detect float64
	side         Direction

	all, low, high mean
	warned, drift  bool
}

type plainHDDMA HDDMA

var kindHDDMA = saved.As[plainHDDMA]("drift.HDDMA", 1)

// NewHDDMA returns a detector of changes of the mean of values between 0 and 1. Options: DetectAt, 0.001, and WarnAt, 0.005, both
// probabilities; Side, Up, that looks for more errors only, or Both.
func NewHDDMA(opts ...Option) *HDDMA {
	h := &HDDMA{warn: 0.005, detect: 0.001, side: Up}
	for _, o := range opts {
		switch o.key {
		case warning:
			h.warn = o.value
		case detection:
			h.detect = o.value
		case side:
			h.side = Direction(o.value)
		default:
			o.refuse("HDDMA")
		}
	}
	need(h.options(), "NewHDDMA: DetectAt and WarnAt are between 0 and 1, Side is Up or Both: %v, %v, %v", h.detect, h.warn, h.side)
	return h
}

func (h *HDDMA) options() bool {
	return probability(h.warn) && probability(h.detect) && (h.side == Up || h.side == Both)
}

// Reset forgets all values.
func (h *HDDMA) Reset() { *h = HDDMA{warn: h.warn, detect: h.detect, side: h.side} }

// Warning reports whether the value that was added last gave a warning.
func (h *HDDMA) Warning() bool { return h.warned }

// Add adds a value between 0 and 1, and reports whether the mean has changed.
func (h *HDDMA) Add(x float64) bool {
	if !mining.Known(x) {
		return false
	}
	if h.drift {
		h.Reset()
	}
	h.all.add(unit(x))
	if h.low.N == 0 {
		h.low = h.all
	}
	if h.high.N == 0 {
		h.high = h.all
	}
	e := bound(h.all.N, h.detect)
	if h.low.Mean+bound(h.low.N, h.detect) >= h.all.Mean+e {
		h.low = h.all
	}
	if h.high.Mean-bound(h.high.N, h.detect) <= h.all.Mean-e {
		h.high = h.all
	}
	up, down := h.all.Mean-h.low.Mean, h.high.Mean-h.all.Mean
	h.drift = h.beyond(up, h.low.N, h.detect)
	h.warned = !h.drift && h.beyond(up, h.low.N, h.warn)
	if h.side == Both {
		if h.beyond(down, h.high.N, h.detect) {
			h.drift = true
		} else if h.beyond(down, h.high.N, h.warn) {
			h.warned = true
		}
	}
	return h.drift
}

// beyond reports whether the mean of all is by d from that of the first n of them.
func (h *HDDMA) beyond(d float64, n int64, confidence float64) bool {
	if n == h.all.N {
		return false
	}
	m := float64(h.all.N-n) / float64(n) / float64(h.all.N)
	return d >= math.Sqrt(m/2*math.Log(2/confidence))
}

// AppendBinary appends the detector.
func (h *HDDMA) AppendBinary(b []byte) ([]byte, error) { return kindHDDMA.Append(b, (*plainHDDMA)(h)) }

// UnmarshalBinary replaces the detector.
func (h *HDDMA) UnmarshalBinary(data []byte) error {
	return kindHDDMA.Read(data, (*plainHDDMA)(h), func(p *plainHDDMA) error {
		if !(*HDDMA)(p).options() || !p.all.sound() || !p.low.sound() || !p.high.sound() || p.low.N > p.all.N || p.high.N > p.all.N {
			return errBroken
		}
		return nil
	})
}

// HDDMW is [HDDMA] for means that are exponentially weighted, with McDiarmid's bound in place of Hoeffding's. It
// sees slow changes sooner.
//
// Memory and time of an Add are O(1). A value below 0 counts as 0, one above 1 as 1. Source: as of HDDMA (the W-test).
type HDDMW struct {
	warn, detect, lambda float64
	side                 Direction

	all                             weighted
	upBefore, upAfter               weighted
	downBefore, downAfter           weighted
	upCut, downCut                  float64
	warned, drift, upSeen, downSeen bool
}

// A weighted mean of values, and the sum of the squares of their weights.
type weighted struct {
	Mean, Squares float64
	Some          bool
}

func (w *weighted) add(x, lambda float64) {
	if !w.Some {
		w.Mean, w.Squares, w.Some = x, 1, true
	} else {
		w.Mean = lambda*x + (1-lambda)*w.Mean
	}
	w.Squares = lambda*lambda + (1-lambda)*(1-lambda)*w.Squares
}

type plainHDDMW HDDMW

var kindHDDMW = saved.As[plainHDDMW]("drift.HDDMW", 1)

// NewHDDMW returns a detector of changes of the mean of values between 0 and 1. Options: those of [NewHDDMA]; Fading, the weight
// of a new value (not of the past), 0.05.
func NewHDDMW(opts ...Option) *HDDMW {
	h := &HDDMW{warn: 0.005, detect: 0.001, lambda: 0.05, side: Up}
	for _, o := range opts {
		switch o.key {
		case warning:
			h.warn = o.value
		case detection:
			h.detect = o.value
		case fading:
			h.lambda = o.value
		case side:
			h.side = Direction(o.value)
		default:
			o.refuse("HDDMW")
		}
	}
	need(h.options(), "NewHDDMW: DetectAt, WarnAt and Fading are between 0 and 1, Side is Up or Both: %v, %v, %v, %v", h.detect, h.warn, h.lambda, h.side)
	return h
}

func (h *HDDMW) options() bool {
	return probability(h.warn) && probability(h.detect) && probability(h.lambda) && (h.side == Up || h.side == Both)
}

// Reset forgets all values.
func (h *HDDMW) Reset() {
	*h = HDDMW{warn: h.warn, detect: h.detect, lambda: h.lambda, side: h.side}
}

// Warning reports whether the value that was added last gave a warning.
func (h *HDDMW) Warning() bool { return h.warned }

// Add adds a value between 0 and 1, and reports whether the mean has changed.
func (h *HDDMW) Add(x float64) bool {
	if !mining.Known(x) {
		return false
	}
	if h.drift {
		h.Reset()
	}
	x = unit(x)
	h.all.add(x, h.lambda)
	e := math.Sqrt(h.all.Squares * math.Log(1/h.detect) / 2)
	if cut := h.all.Mean + e; !h.upSeen || cut < h.upCut {
		h.upCut, h.upSeen, h.upBefore, h.upAfter = cut, true, h.all, weighted{}
	} else {
		h.upAfter.add(x, h.lambda)
	}
	h.drift = rises(h.upBefore, h.upAfter, h.detect)
	h.warned = !h.drift && rises(h.upBefore, h.upAfter, h.warn)
	if cut := h.all.Mean - e; !h.downSeen || cut > h.downCut {
		h.downCut, h.downSeen, h.downBefore, h.downAfter = cut, true, h.all, weighted{}
	} else {
		h.downAfter.add(x, h.lambda)
	}
	if h.side == Both {
		if rises(h.downAfter, h.downBefore, h.detect) {
			h.drift = true
		} else if rises(h.downAfter, h.downBefore, h.warn) {
			h.warned = true
		}
	}
	return h.drift
}

// rises reports whether b has a greater mean than a.
func rises(a, b weighted, confidence float64) bool {
	return a.Some && b.Some && b.Mean-a.Mean > math.Sqrt((a.Squares+b.Squares)*math.Log(1/confidence)/2)
}

// AppendBinary appends the detector.
func (h *HDDMW) AppendBinary(b []byte) ([]byte, error) { return kindHDDMW.Append(b, (*plainHDDMW)(h)) }

// UnmarshalBinary replaces the detector.
func (h *HDDMW) UnmarshalBinary(data []byte) error {
	return kindHDDMW.Read(data, (*plainHDDMW)(h), func(p *plainHDDMW) error {
		sum := p.upCut + p.downCut
		for _, w := range []weighted{p.all, p.upBefore, p.upAfter, p.downBefore, p.downAfter} {
			sum += w.Mean + w.Squares
		}
		if !(*HDDMW)(p).options() || !mining.Known(sum) {
			return errBroken
		}
		return nil
	})
}
