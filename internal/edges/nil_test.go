package edges_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// newCall returns a pipeline of two inputs for an operator to be added to.
func newCall() (c *call, left, right *streamtest.Input[row]) {
	left, right = streamtest.NewInput[row](), streamtest.NewInput[row]()
	p := stream.New("edges")
	c = &call{p: p, src: streamtest.NewInput[row](), left: p.From(left, stream.Name("left")), right: p.From(right, stream.Name("right"))}
	c.left.To(sink.Discard[row](), stream.Name("left end")) // an operator may leave one alone
	c.right.To(sink.Discard[row](), stream.Name("right end"))
	return c, left, right
}

// withTimes gives the inputs event times.
func (c *call) withTimes() {
	timed := func(s stream.Stream[row], name string) stream.Stream[row] {
		s = s.EventTime(row.when, stream.Name(name+" times"))
		s.To(sink.Discard[row](), stream.Name(name+" times end"))
		return s
	}
	c.left, c.right = timed(c.left, "left"), timed(c.right, "right")
}

// panics returns what f panics with, or "".
func panics(f func()) (message string) {
	defer func() {
		if r := recover(); r != nil {
			message = fmt.Sprint(r)
		}
	}()
	f()
	return ""
}

// Each argument that an operator cannot do without is missed by the call, in
// words that name the operator and the argument.
func TestNilArguments(t *testing.T) {
	for _, o := range operators {
		d := declarationOf(t, o.name)
		missing := map[string]role{"receiver": roleHandle}
		if o.name == "Try" {
			delete(missing, "receiver")
		}
		for name, param := range d.params {
			if r := roleOf(param); r != roleNone && !(r == roleSetting && name != "spec") {
				missing[name] = r
			}
		}
		delete(missing, "timer") // may be nil
		for name := range missing {
			c, _, _ := newCall()
			c.without = name
			message := panics(func() { o.add(c) })
			method := methodOf(o.name)
			if o.name == "Failures.Stream" {
				method = "Divert"
			}
			if o.name == "Side.Stream" {
				method = "SideOutput"
			}
			if o.name == "pattern.Match" {
				method = "Apply"
			}
			require.Regexp(t, `^stream: `+method+`\b.*((is|are) nil|zero|nil Pipeline)`, message, "%s without %s", o.name, name)
			if missing[name] == roleFunction {
				require.Equal(t, fmt.Sprintf("stream: %s: the function %s is nil", method, name), message)
			}
		}
	}
}

// methodOf is a name without its receiver.
func methodOf(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '.' {
			return name[i+1:]
		}
	}
	return name
}
