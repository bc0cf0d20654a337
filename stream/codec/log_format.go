package codec

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// A logPart is a piece of a server's format: a variable, or what stands as it is.
type logPart struct {
	literal  string
	variable *logVariable // nil for a literal
}

// A logVariable is what a server puts into a line.
type logVariable struct {
	name  string   // as the format has it: "$status", "%>s"
	keys  []string // the tags that mean it
	word  bool     // it holds no space
	list  bool     // it has a value for each server that was asked
	width int      // of its values, or 0 if they differ
	// How a time stands in it: layout, or a number of units since 1970.
	layout string
	epoch  time.Duration
	unit   time.Duration // of a duration, or 0 if it is none
}

// An escaping is how a server writes bytes that a line cannot have.
type escaping int

const (
	escapeHex  escaping = iota // \xHH, and Apache's \n and its like
	escapeJSON                 // \u00HH, \n
	escapeNone
)

// A logPlan is how lines are taken apart. It knows no type, so that it is compiled
// once.
type logPlan struct {
	name  string // of the constructor
	lead  string // what lines begin with
	steps []logStep
	escaping
	ident    int             // the step of Apache's %l, where it stands between %h and %u, or 0
	combined *combinedFields // nil for other formats
	quick    *combinedQuick  // nil for fields that take a parser, too
}

// A logStep is a variable and what stands behind it.
type logStep struct {
	variable *logVariable
	literal  string // up to the next variable, or the end
	find     logFind
	guard    logGuard
	found    bool // the literal is all there where the end is
	noSpace  bool // a space in the value is an error that the end does not show
	last     bool
	field    *logField // nil if none wants it
	parts    logParts
	target   bool // it is the second word of a request line, and not the whole
	hasParts bool
}

// A logGuard tells where the literal behind a variable is the right one: a
// value of a known width and a literal follow it.
type logGuard struct {
	width   int
	literal string
}

// A logFind is how a variable's end is found.
type logFind uint8

const (
	findLiteral logFind = iota // the first place where the literal stands
	findSpace                  // the first space
	findQuote                  // the first quote that is not escaped
	findList                   // the first place that does not stand between two values of a list
	findEnd                    // the end of the line
)

// logParts are the fields that parts of a request line go to: its three words, and what stands in front of
// and behind the question mark of the second.
type logParts [5]*logField

// Where the parts of a request line are. The last two are names of ours: nginx's $uri and Apache's %U are what the server has made of the path.
var requestParts = map[string]int{
	"request_method": 0, "%m": 0,
	"request_uri": 1, "%U%q": 1,
	"server_protocol": 2, "%H": 2,
	"request_path": 3, "request_query": 4,
}

func newLog[T any](name string, parts []logPart, e escaping) (Format[T], error) {
	plan, err := planLog(name, reflect.TypeFor[T](), parts, e)
	if err != nil {
		return nil, fmt.Errorf("codec: %s of %v: %w", name, reflect.TypeFor[T](), err)
	}
	return logFormat[T]{plan}, nil
}

func planLog(name string, t reflect.Type, parts []logPart, e escaping) (*logPlan, error) {
	wanted, err := logFields(t)
	if err != nil {
		return nil, err
	}
	f := &logPlan{name: name, escaping: e}
	glued := false // no literal has stood since the last variable
	for _, p := range parts {
		switch {
		case p.variable == nil && strings.ContainsAny(p.literal, "\r\n"):
			return nil, errors.New("the format has a line end: a record is one line")
		case p.variable == nil && len(f.steps) == 0:
			f.lead += p.literal
		case p.variable == nil:
			f.steps[len(f.steps)-1].literal += p.literal
			glued = false
		default:
			step := logStep{variable: p.variable}
			if err := wanted.take(&step); err != nil {
				return nil, err
			}
			if glued {
				before := &f.steps[len(f.steps)-1]
				if before.wanted() || step.wanted() {
					return nil, fmt.Errorf("nothing stands between %s and %s, so that they cannot be told apart; put a space there, or let no field want them",
						before.variable.name, step.variable.name)
				}
				before.variable = &logVariable{name: before.variable.name + step.variable.name}
				continue
			}
			f.steps = append(f.steps, step)
			glued = true
		}
	}
	if err := wanted.rest(f.steps); err != nil {
		return nil, err
	}
	for i := range f.steps {
		var next *logStep
		if i+1 < len(f.steps) {
			next = &f.steps[i+1]
		}
		f.steps[i].plan(next, e)
		if i > 0 && next != nil && f.steps[i-1].variable.name == "%h" && f.steps[i].variable.name == "%l" && next.variable.name == "%u" {
			f.ident = i
		}
	}
	if f.combined = combinedOf(f); f.combined != nil {
		f.quick = quickOf(f.combined)
	}
	return f, nil
}

// plan says how to find the end of a variable.
func (s *logStep) plan(next *logStep, e escaping) {
	switch {
	case s.literal == "":
		s.find = findEnd
	case s.literal[0] == '"' && e != escapeNone:
		s.find = findQuote
	case s.literal[0] == ' ' && s.variable.word:
		s.find = findSpace
	case s.variable.list:
		s.find = findList
	case next != nil && next.variable.width > 0:
		s.guard = logGuard{next.variable.width, next.literal}
	}
	s.last = next == nil
	s.found = len(s.literal) == 1 && s.find != findEnd || s.find == findLiteral || s.find == findList
	s.noSpace = s.variable.word && s.find != findSpace
	s.hasParts = s.parts != logParts{}
}

// wanted reports whether a field takes the variable, or a part of it.
func (s *logStep) wanted() bool { return s.field != nil || s.parts != logParts{} }

type logFormat[T any] struct{ plan *logPlan }

func (f logFormat[T]) NewDecoder() Decoder[T] { return &logDecoder[T]{newLogReader(f.plan)} }
func (f logFormat[T]) NewEncoder() Encoder[T] { return logEncoder[T]{f.plan.name} }
func (logFormat[T]) Splittable() bool         { return true }
func (logFormat[T]) Textual() bool            { return true }

type logEncoder[T any] struct{ name string }

func (e logEncoder[T]) Append(dst []byte, _ T) ([]byte, error) {
	return dst, fmt.Errorf("codec: %s reads lines and writes none; Logfmt, JSON and CSV write", e.name)
}
