package edges_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// A note is a state with parts of every kind.
type note struct {
	_     [3]byte
	Text  string
	Small int8
	Big   int64
	List  []int
	Map   map[string]int
	Point *int
	Nest  struct{ F float32 }
	Two   [2]string
}

// A state that is zero is none, whatever it is made of: no key is held for it,
// neither in memory nor in a checkpoint. All else is.
func TestZeroStateIsNone(t *testing.T) {
	some := "some"
	for name, change := range map[string]func(*note){
		"":       func(*note) {},
		"empty":  func(n *note) { n.Text = some[:0] },
		"back":   func(n *note) { n.Big = 1; n.Big = 0 },
		"text":   func(n *note) { n.Text = some },
		"small":  func(n *note) { n.Small = -1 },
		"big":    func(n *note) { n.Big = 1 << 62 },
		"list":   func(n *note) { n.List = []int{} },
		"map":    func(n *note) { n.Map = map[string]int{} },
		"point":  func(n *note) { n.Point = new(int) },
		"nested": func(n *note) { n.Nest.F = 0.5 },
		"two":    func(n *note) { n.Two[1] = some },
	} {
		for _, opts := range [][]stream.Option{nil, {stream.TimeToLive(time.Hour)}, {stream.InOrder()}} {
			c, left, _ := newCall()
			var seen []note
			streamtest.Collect(c.left.EventTime(row.when).KeyBy(row.key).
				Process(func(x *stream.KeyContext[string, note, string], r row) error {
					seen = append(seen, *x.State())
					if r.N == 1 {
						change(x.State())
					}
					return nil
				}, nil, opts...))
			store := checkpoint.Memory()
			d := streamtest.Start(t, c.p, streamtest.Checkpoints(store))
			left.Push(row{"a", 1, 1}, row{"b", 2, 2}, row{"z", 3, 3})
			d.Settle()
			left.Push(row{"a", 2, 4}, row{"z", 3, 5})
			d.Settle()
			left.Push(row{"z", 3, 6})
			d.Checkpoint()
			held := int64(1)
			if name == "" || name == "empty" || name == "back" {
				held = 0
			}
			stats, _ := c.p.Stats().Operator("process")
			require.Equal(t, held, stats.Keys, "%q", name)
			all, err := checkpoint.Inspect(store)
			require.NoError(t, err)
			for _, o := range all[0].Operators {
				if o.Name == "process" {
					if len(opts) == 0 { // else events are held back too
						require.Equal(t, held, o.Keys, "%q", name)
					}
				}
			}
			var want note
			change(&want)
			require.Equal(t, want, seen[3], "%q: what a finds at its second event", name)
		}
	}
}

// Timers come without a state, and begin one; what is zero when a function
// fails or a timer has fired is none either.
func TestZeroStateAndTimers(t *testing.T) {
	c, left, _ := newCall()
	out := streamtest.Collect(c.left.EventTime(row.when).KeyBy(row.key).
		Process(func(x *stream.KeyContext[string, int, string], r row) error {
			x.SetTimer(second(r.At + 10))
			if r.N == 2 {
				*x.State() = 7
				x.Clear()
				return errors.New("cleared, and failed")
			}
			if r.N == 3 {
				*x.State() = 3
			}
			return nil
		}, func(x *stream.KeyContext[string, int, string]) error {
			x.Emit("timer of " + x.Key())
			*x.State() = 0
			return nil
		}, stream.SkipFailures()))
	d := streamtest.Start(t, c.p)
	keys := func() int64 {
		stats, _ := c.p.Stats().Operator("process")
		return stats.Keys
	}
	left.Push(row{"a", 1, 1}, row{"b", 2, 2}, row{"c", 3, 3})
	d.Settle()
	require.Equal(t, int64(1), keys())
	left.Push(row{"d", 1, 100})
	d.Settle()
	require.Equal(t, []string{"timer of a", "timer of b", "timer of c"}, out.Take())
	require.Zero(t, keys())
}

// A timer is set for a function: without one, setting it is the failure of
// the event that did.
func TestTimerWithoutFunction(t *testing.T) {
	for method, set := range map[string]func(*stream.KeyContext[string, int, string]){
		"SetTimer":      func(x *stream.KeyContext[string, int, string]) { x.SetTimer(second(1)) },
		"SetClockTimer": func(x *stream.KeyContext[string, int, string]) { x.SetClockTimer(second(1)) },
	} {
		c, left, _ := newCall()
		streamtest.Collect(c.left.EventTime(row.when).KeyBy(row.key).
			Process(func(x *stream.KeyContext[string, int, string], _ row) error { set(x); return nil }, nil, stream.Name("mine")))
		d := streamtest.Start(t, c.p)
		left.Push(rows...)
		err := d.Try()
		require.ErrorContains(t, err, "stream: mine at partition 0 event 0: panic: "+method+": Process was given no timer function to call (")
		require.ErrorContains(t, err, "process_test.go:")
	}
}
