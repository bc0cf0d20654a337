package tune

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/freshet-go/freshet/mining"
)

// A Space says what there is to set. Its zero value has no parameters. Each parameter that is added gives a handle, by which an objective
// reads its setting. A Space must not change once a search has begun.
type Space struct {
	root  *Space // nil: this is one itself
	only  Condition
	param []parameter
}

// A parameter is what handles are numbers of. Settings are float64: a number, or the number of an option.
type parameter struct {
	name      string
	low, high float64
	log       bool
	whole     bool
	options   []string // of a choice
	only      Condition
}

// A Condition says when a parameter is there.
type Condition struct {
	of     int // the number of the choice and one: 0 is always
	values []float64
}

// When returns a view of the space: parameters that are added to it are there only if the condition holds, and if the choice itself
// is there.
func (s *Space) When(c Condition) *Space {
	if c.of == 0 {
		panic("tune: Space.When: a condition comes from Choice.Is")
	}
	return &Space{root: s.base(), only: c}
}

func (s *Space) base() *Space {
	if s.root != nil {
		return s.root
	}
	return s
}

func (s *Space) add(p parameter) int {
	b := s.base()
	if p.name == "" {
		panic("tune: Space: a parameter needs a name")
	}
	for _, q := range b.param {
		if q.name == p.name {
			panic(fmt.Sprintf("tune: Space: there are two parameters of the name %q", p.name))
		}
	}
	if !mining.Known(p.low) || !mining.Known(p.high) || p.low > p.high || p.log && p.low <= 0 || !mining.Known(p.high-p.low) {
		panic(fmt.Sprintf("tune: Space: the parameter %q cannot be from %v to %v", p.name, p.low, p.high))
	}
	p.only = s.only
	b.param = append(b.param, p)
	return len(b.param) - 1
}

// Settings are what handles read: a [Trial] or a [Result].
type Settings interface{ setting(number int) float64 }

// A Float is the handle of a number.
type Float struct {
	number int
	name   string
}

// Float adds a number from low to high.
func (s *Space) Float(name string, low, high float64) Float {
	return Float{s.add(parameter{name: name, low: low, high: high}), name}
}

// Log adds a number from low to high whose logarithm is drawn: for rates and sizes, where 0.01 is to 0.1 as 0.1 is to 1. Low is greater than 0.
func (s *Space) Log(name string, low, high float64) Float {
	return Float{s.add(parameter{name: name, low: low, high: high, log: true}), name}
}

// Of returns the setting. It panics if the parameter is not there: see [Space.When].
func (f Float) Of(of Settings) float64 { return read(of, f.number, f.name) }

func read(of Settings, number int, name string) float64 {
	v := of.setting(number)
	if math.IsNaN(v) {
		panic(fmt.Sprintf("tune: the parameter %q is not there: its condition does not hold, or nothing was found", name))
	}
	return v
}

// An Int is the handle of a whole number.
type Int struct {
	number int
	name   string
}

// Int adds a whole number from low to high, both included.
func (s *Space) Int(name string, low, high int) Int {
	return Int{s.add(parameter{name: name, low: float64(low), high: float64(high), whole: true}), name}
}

// LogInt adds a whole number from low to high whose logarithm is drawn. Low is 1 or more.
func (s *Space) LogInt(name string, low, high int) Int {
	return Int{s.add(parameter{name: name, low: float64(low), high: float64(high), whole: true, log: true}), name}
}

// Of returns the setting. It panics if the parameter is not there: see [Space.When].
func (i Int) Of(of Settings) int { return int(read(of, i.number, i.name)) }

// A Choice is the handle of one of several values.
type Choice[T comparable] struct {
	number int
	name   string
	values []T
}

// Choice adds one of several values, between which there is no order.
func (s *Space) Choice[T comparable](name string, values ...T) Choice[T] {
	if len(values) == 0 {
		panic(fmt.Sprintf("tune: Space: the choice %q has no values", name))
	}
	options := make([]string, len(values))
	for i, v := range values {
		options[i] = fmt.Sprint(v)
	}
	p := parameter{name: name, high: float64(len(values) - 1), whole: true, options: options}
	return Choice[T]{s.add(p), name, slices.Clone(values)}
}

// Of returns the setting. It panics if the parameter is not there: see [Space.When].
func (c Choice[T]) Of(of Settings) T { return c.values[int(read(of, c.number, c.name))] }

// Is returns the condition that the choice is there and is one of these values. It panics if one is no value of it.
func (c Choice[T]) Is(values ...T) Condition {
	k := Condition{of: c.number + 1}
	for _, v := range values {
		i := slices.Index(c.values, v)
		if i < 0 {
			panic(fmt.Sprintf("tune: the choice %q has no value %v", c.name, v))
		}
		k.values = append(k.values, float64(i))
	}
	return k
}

// there reports whether parameter i is, given the settings of those before it.
func (s *Space) there(i int, settings []float64) bool {
	c := s.param[i].only
	return c.of == 0 || slices.Contains(c.values, settings[c.of-1])
}

// fill settles each parameter that is there, in order, and makes the others NaN.
func (s *Space) fill(settle func(i int, p *parameter) float64) []float64 {
	settings := make([]float64, len(s.param))
	for i := range s.param {
		settings[i] = math.NaN()
		if s.there(i, settings) {
			settings[i] = settle(i, &s.param[i])
		}
	}
	return settings
}

// describe tells what a space is, so that a journal is not taken for that of another.
func (s *Space) describe() string {
	var b strings.Builder
	for _, p := range s.param {
		fmt.Fprintf(&b, "%q [%v %v] log=%v whole=%v %q when %v; ", p.name, p.low, p.high, p.log, p.whole, p.options, p.only)
	}
	return b.String()
}

// say returns settings as people read them: "rate=0.1 loss=log".
func (s *Space) say(settings []float64) string {
	var parts []string
	for i, p := range s.param {
		switch v := settings[i]; {
		case math.IsNaN(v):
		case p.options != nil:
			parts = append(parts, p.name+"="+p.options[int(v)])
		case p.whole:
			parts = append(parts, fmt.Sprintf("%s=%.0f", p.name, v))
		default:
			parts = append(parts, fmt.Sprintf("%s=%.4g", p.name, v))
		}
	}
	return strings.Join(parts, " ")
}

// inner is a scale on which a number is drawn: its logarithm perhaps, and whole ones are as wide as 1.
func (p *parameter) inner() (low, high float64) {
	low, high = p.low, p.high
	if p.whole {
		low, high = low-0.5, high+0.5
	}
	if p.log {
		low, high = math.Log(low), math.Log(high)
	}
	return low, high
}

func (p *parameter) toInner(v float64) float64 {
	if p.log {
		return math.Log(v)
	}
	return v
}

func (p *parameter) fromInner(v float64) float64 {
	if p.log {
		v = math.Exp(v)
	}
	if p.whole {
		v = math.Round(v)
	}
	return min(p.high, max(p.low, v))
}
