package drift

import (
	"fmt"
	"math"

	"github.com/freshet-go/freshet/mining"
)

// A Detector watches a stream of numbers. Add adds the next one, and reports whether
// the stream has changed.
type Detector interface {
	Add(x float64) bool
	mining.Saved
}

// A Warner is a detector that warns before it detects.
type Warner interface {
	Detector
	// Warning reports whether the value that was added last gave a warning.
	Warning() bool
}

// Bit is 1 for true and 0 for false: an error, and none.
func Bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// An Option sets what a detector does otherwise than by default. The documentation of each constructor says which
// ones it takes; others panic.
type Option struct {
	key   key
	value float64
	more  float64 // Range has two
}

type key string

const (
	delta     key = "Delta"
	clock     key = "Clock"
	grace     key = "Grace"
	least     key = "Least"
	buckets   key = "Buckets"
	keep      key = "Keep"
	older     key = "Older"
	threshold key = "Threshold"
	fading    key = "Fading"
	side      key = "Side"
	warning   key = "WarnAt"
	detection key = "DetectAt"
	window    key = "Window"
	recent    key = "Recent"
	seed      key = "Seed"
	between   key = "Range"
)

// Delta sets the confidence of [ADWIN], a probability, or the change that [PageHinkley] tolerates.
func Delta(d float64) Option { return Option{key: delta, value: d} }

// Clock sets after how many values a detector looks again.
func Clock(values int) Option { return Option{key: clock, value: float64(values)} }

// Grace sets how many values come before the first that may be a detection.
func Grace(values int) Option { return Option{key: grace, value: float64(values)} }

// Least sets how many values each side of a cut has at least.
func Least(values int) Option { return Option{key: least, value: float64(values)} }

// Buckets sets how many buckets of each size [ADWIN] holds.
func Buckets(n int) Option { return Option{key: buckets, value: float64(n)} }

// Keep has [ADWIN] go on with the recent part of its window after a detection, as in its paper.
func Keep() Option { return Option{key: keep, value: 1} }

// Older has a detector follow the rule that it had in the library river before 0.26, by which many published figures were
// made. [ADWIN] counts the newest bucket of each size among what is newer, wherever it cuts, which is a
// slip. [PageHinkley] adds up max(0, α·m + (x - x̄ - δ)) and looks at it alone.
func Older() Option { return Option{key: older, value: 1} }

// Threshold sets beyond which value of its statistic a detector detects.
func Threshold(t float64) Option { return Option{key: threshold, value: t} }

// Fading sets one of two weights, above 0. For [HDDMW] it is that of a new value, as in package anomaly: the greater, the
// sooner the past is forgotten. For [PageHinkley] it is that of the past, as in package eval: the less, the sooner. 0.01 of
// the one is 0.99 of the other.
func Fading(f float64) Option { return Option{key: fading, value: f} }

// Range sets between which two values, in the unit of the values, those of [ADWIN] are: its promise on false alarms is one of a range.
// Values beyond count as low or high. The default is none: the values are taken as they come, and the promise is that of 0 to 1.
func Range(low, high float64) Option { return Option{between, low, high} }

// A Direction is that of the changes which a detector looks for.
type Direction int

// Directions.
const (
	Both Direction = iota
	Up
	Down
)

// Side sets which changes are looked for.
func Side(d Direction) Option { return Option{key: side, value: float64(d)} }

// WarnAt sets where a detector warns.
func WarnAt(v float64) Option { return Option{key: warning, value: v} }

// DetectAt sets where a detector detects.
func DetectAt(v float64) Option { return Option{key: detection, value: v} }

// Window sets how many values are looked at.
func Window(values int) Option { return Option{key: window, value: float64(values)} }

// Recent sets how many of the last values are compared with those before.
func Recent(values int) Option { return Option{key: recent, value: float64(values)} }

// Seed sets the seed of what is drawn at random. The default is 0.
func Seed(s uint64) Option { return Option{key: seed, value: math.Float64frombits(s)} }

func (o Option) refuse(who string) {
	panic(fmt.Sprintf("drift: New%s takes no option %s", who, o.key))
}

func need(ok bool, format string, args ...any) {
	if !ok {
		panic("drift: " + fmt.Sprintf(format, args...))
	}
}

// huge bounds values, so that their squares can be added up.
const huge = 1e100

func clamp(x float64) float64 { return min(huge, max(-huge, x)) }

func unit(x float64) float64 { return min(1, max(0, x)) }

// A mean is that of n values.
type mean struct {
	N    int64
	Mean float64
}

func (m *mean) add(x float64) {
	m.N++
	m.Mean += (x - m.Mean) / float64(m.N)
}

func (m mean) sound() bool { return m.N >= 0 && mining.Known(m.Mean) }

func probability(p float64) bool { return p > 0 && p < 1 }

// bound is Hoeffding's, of the mean of n values between 0 and 1.
func bound(n int64, confidence float64) float64 {
	return math.Sqrt(math.Log(1/confidence) / (2 * float64(n)))
}
