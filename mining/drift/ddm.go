package drift

import (
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// DDM watches the rate p of errors, whose standard deviation is s = √(p(1-p)/n). It remembers where p + s
// was least, and detects where p + s > p_min + d·s_min. It warns where that holds for a lesser d.
//
// Memory and time of an Add are O(1). It detects sudden changes well and slow ones late. A value
// below 0 counts as 0, one above 1 as 1. There is no bound on false alarms: after few values without an error
// s_min is 0, and the next error is a detection.
//
// Source: Gama, Medas, Castillo, Rodrigues, "Learning with drift detection", SBIA 2004.
type DDM struct {
	warn, detect float64
	grace        int64

	rate           mean
	pMin, sMin, ps float64
	warned, drift  bool
}

type plainDDM DDM

var kindDDM = saved.As[plainDDM]("drift.DDM", 1)

// NewDDM returns a detector of more errors. Options: Grace, 30; WarnAt, 2 standard deviations; DetectAt, 3.
func NewDDM(opts ...Option) *DDM {
	d := &DDM{warn: 2, detect: 3, grace: 30}
	for _, o := range opts {
		switch o.key {
		case warning:
			d.warn = o.value
		case detection:
			d.detect = o.value
		case grace:
			d.grace = int64(o.value)
		default:
			o.refuse("DDM")
		}
	}
	need(d.options(), "NewDDM: Grace, WarnAt and DetectAt are not negative: %v, %v, %v", d.grace, d.warn, d.detect)
	d.Reset()
	return d
}

func (d *DDM) options() bool {
	return d.warn >= 0 && d.warn <= huge && d.detect >= 0 && d.detect <= huge && d.grace >= 0
}

// Reset forgets all values.
func (d *DDM) Reset() {
	d.rate, d.warned, d.drift = mean{}, false, false
	d.pMin, d.sMin, d.ps = 0, 0, math.MaxFloat64
}

// Rate returns the rate of errors since the last change, and 0 of none.
func (d *DDM) Rate() float64 { return d.rate.Mean }

// Warning reports whether the value that was added last gave a warning.
func (d *DDM) Warning() bool { return d.warned }

// Add adds 1 for an error and 0 for none, and reports whether there are more errors than there were.
func (d *DDM) Add(x float64) bool {
	if !mining.Known(x) {
		return false
	}
	if d.drift {
		d.Reset()
	}
	d.rate.add(unit(x))
	p := d.rate.Mean
	s := math.Sqrt(max(0, p*(1-p)/float64(d.rate.N)))
	if d.rate.N > d.grace {
		if p+s <= d.ps {
			d.pMin, d.sMin, d.ps = p, s, p+s
		}
		d.drift = p+s > d.pMin+d.detect*d.sMin
		d.warned = !d.drift && p+s > d.pMin+d.warn*d.sMin
	}
	return d.drift
}

// AppendBinary appends the detector.
func (d *DDM) AppendBinary(b []byte) ([]byte, error) { return kindDDM.Append(b, (*plainDDM)(d)) }

// UnmarshalBinary replaces the detector.
func (d *DDM) UnmarshalBinary(data []byte) error {
	return kindDDM.Read(data, (*plainDDM)(d), func(p *plainDDM) error {
		if !(*DDM)(p).options() || !p.rate.sound() || !mining.Known(p.pMin+p.sMin) || !mining.Known(p.ps) {
			return errBroken
		}
		return nil
	})
}

// EDDM watches how many values come between two errors: their mean m and standard deviation s. It remembers where
// m + 2s was greatest, and detects where m + 2s is less than a share of that.
//
// Memory and time of an Add are O(1). It sees slow changes sooner than [DDM], and gives more false alarms. A
// value is an error if it is at least 1.
//
// Source: Baena-García, del Campo-Ávila, Fidalgo, Bifet, Gavaldà, Morales-Bueno, "Early drift detection method",
// IWKDDS 2006.
type EDDM struct {
	warn, detect float64
	grace        int64

	n, last       int64
	gaps          mean
	squares, most float64
	warned, drift bool
}

type plainEDDM EDDM

var kindEDDM = saved.As[plainEDDM]("drift.EDDM", 1)

// NewEDDM returns a detector of errors that come sooner after another. Options: Grace, 30 values, and as many errors; WarnAt, a share
// of 0.95; DetectAt, 0.9.
func NewEDDM(opts ...Option) *EDDM {
	d := &EDDM{warn: 0.95, detect: 0.9, grace: 30}
	for _, o := range opts {
		switch o.key {
		case warning:
			d.warn = o.value
		case detection:
			d.detect = o.value
		case grace:
			d.grace = int64(o.value)
		default:
			o.refuse("EDDM")
		}
	}
	need(d.options(), "NewEDDM: shares are between 0 and 1, WarnAt is no less than DetectAt, Grace is not negative: %v, %v, %v", d.warn, d.detect, d.grace)
	d.Reset()
	return d
}

func (d *EDDM) options() bool {
	return d.detect >= 0 && d.warn >= d.detect && d.warn <= 1 && d.grace >= 0
}

// Reset forgets all values.
func (d *EDDM) Reset() {
	*d = EDDM{warn: d.warn, detect: d.detect, grace: d.grace, most: -1}
}

// Warning reports whether the last error gave a warning.
func (d *EDDM) Warning() bool { return d.warned }

// Add adds 1 for an error and 0 for none, and reports whether errors come closer together than they did.
func (d *EDDM) Add(x float64) bool {
	if !mining.Known(x) {
		return false
	}
	if d.drift {
		d.Reset()
	}
	d.n++
	if x < 1 {
		return false
	}
	gap := float64(d.n - d.last)
	d.last = d.n
	before := gap - d.gaps.Mean
	d.gaps.add(gap)
	d.squares += before * (gap - d.gaps.Mean)
	if d.n <= d.grace {
		return false
	}
	s := 0.0
	if d.gaps.N > 1 {
		s = math.Sqrt(max(0, d.squares/float64(d.gaps.N-1)))
	}
	if m := d.gaps.Mean + 2*s; m > d.most {
		d.most = m
	} else if d.gaps.N > d.grace {
		share := m / d.most
		d.drift = share < d.detect
		d.warned = !d.drift && share < d.warn
	}
	return d.drift
}

// AppendBinary appends the detector.
func (d *EDDM) AppendBinary(b []byte) ([]byte, error) { return kindEDDM.Append(b, (*plainEDDM)(d)) }

// UnmarshalBinary replaces the detector.
func (d *EDDM) UnmarshalBinary(data []byte) error {
	return kindEDDM.Read(data, (*plainEDDM)(d), func(p *plainEDDM) error {
		if !(*EDDM)(p).options() || !p.gaps.sound() || p.last > p.n || p.last < 0 || !mining.Known(p.squares+p.most) {
			return errBroken
		}
		return nil
	})
}
