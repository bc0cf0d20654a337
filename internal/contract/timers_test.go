package contract_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// A session is what a user has looked at with less than half a minute between two pages.
type session struct {
	From, To stream.Time
	Pages    int
}

// sessions is a sessionizer: a timer for each user says when the session is over.
type sessions struct {
	open   *stream.KeyedState[string, session]
	timers *stream.Timers[string]
}

const gap = 30 * time.Second

func (x *sessions) Process(in *stream.KeyedBatch[string, visit], _ *stream.Emitter[string]) error {
	for row := range in.All() {
		user, now := in.Ref(row), in.Time(row)
		s := x.open.At(user)
		if s.Pages == 0 {
			s.From = now
		} else {
			x.timers.Cancel(user, s.To.Add(gap))
		}
		s.Pages++
		s.To = max(s.To, now)
		x.timers.Set(user, s.To.Add(gap))
	}
	return nil
}

func (x *sessions) OnTimer(t stream.Timer[string], out *stream.Emitter[string]) error {
	s, _ := x.open.Get(t.KeyRef)
	out.Emit(fmt.Sprint(t.Key(), ": ", s.Pages, " pages in ", s.To.Sub(s.From)), s.To)
	x.open.Delete(t.KeyRef)
	return nil
}

func (*sessions) Delay() time.Duration { return gap } // it puts out what is as much behind the watermark

func TestSessionizerOfOnesOwn(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		p := stream.New("sessions")
		in := streamtest.NewInput[visit]()
		out := streamtest.Collect(p.From(in).EventTime(visit.at).KeyBy(visit.user).
			Apply(func(c *stream.OperatorContext) (stream.KeyedProcessor[string, visit, string], error) {
				return &sessions{c.KeyedState[string, session]("open"), c.Timers[string]()}, nil
			}, stream.Name("sessions"), stream.InOrder()))
		d := streamtest.Start(t, p, streamtest.Shards(shards))
		in.Push(visit{"ann", "/", at(0)}, visit{"bob", "/", at(10)}, visit{"ann", "/tea", at(29)}, visit{"ann", "/salt", at(58)}, visit{"ann", "/", at(88)})
		d.Settle()
		require.Equal(t, []string{"ann: 3 pages in 58s", "bob: 1 pages in 0s"}, sortedTexts(out.Take()), "a gap of half a minute ends a session")
		in.End()
		d.Settle()
		require.Equal(t, []string{"ann: 1 pages in 0s"}, out.Take())
		s, _ := p.Stats().Operator("sessions")
		require.Zero(t, s.Keys)
	}
}

// A bill and a payment are what a shop waits for to come together.
type bill struct {
	ID    string
	Cents int
	At    time.Time
}

type payment struct {
	Bill  string
	Cents int
	At    time.Time
}

func (b bill) id() string       { return b.ID }
func (b bill) at() time.Time    { return b.At }
func (p payment) id() string    { return p.Bill }
func (p payment) at() time.Time { return p.At }

// awaiting has bills wait for their payments, for an hour.
type awaiting struct {
	c       *stream.OperatorContext
	overdue *stream.Side[bill]
	bills   *stream.KeyedState[string, bill]
	timers  *stream.Timers[string]
}

func (x *awaiting) ProcessLeft(in *stream.KeyedBatch[string, bill], _ *stream.Emitter[string]) error {
	for row, b := range in.All() {
		if b.Cents <= 0 {
			if err := x.c.Fail(&in.Batch, row, errors.New("a bill over nothing")); err != nil {
				return err
			}
			continue
		}
		x.bills.Put(in.Ref(row), b)
		x.timers.Set(in.Ref(row), in.Time(row).Add(time.Hour))
	}
	return nil
}

func (x *awaiting) ProcessRight(in *stream.KeyedBatch[string, payment], out *stream.Emitter[string]) error {
	for row, paid := range in.All() {
		b, waits := x.bills.Get(in.Ref(row))
		if !waits || b.Cents != paid.Cents {
			if err := x.c.Fail(&in.Batch, row, fmt.Errorf("%d is not what is to be paid", paid.Cents)); err != nil {
				return err
			}
			continue
		}
		out.From(&in.Batch, row, b.ID+" is paid")
		x.bills.Delete(in.Ref(row))
	}
	return nil
}

func (x *awaiting) OnTimer(t stream.Timer[string], _ *stream.Emitter[string]) error {
	if b, waits := x.bills.Get(t.KeyRef); waits {
		x.c.Side(x.overdue).Emit(b, t.At)
		x.bills.Delete(t.KeyRef)
	}
	return nil
}

// An operator with two inputs has timers, a side output, and failures of each input
// that go where its type goes; and it goes on from a checkpoint.
func TestAwaitingPayments(t *testing.T) {
	store := checkpoint.Memory()
	for life, shards := range []int{2, 3} {
		p := stream.New("payments")
		bills, payments := streamtest.NewInput[bill](), streamtest.NewInput[payment]()
		var overdue stream.Side[bill]
		var badBills stream.Failures[bill]
		var badPayments stream.Failures[payment]
		paid := streamtest.Collect(p.From(bills, stream.Name("bills")).EventTime(bill.at, stream.Name("bill times")).KeyBy(bill.id, stream.Name("bill ids")).
			Connect(p.From(payments, stream.Name("payments")).EventTime(payment.at).KeyBy(payment.id), func(c *stream.OperatorContext) (stream.CoProcessor[string, bill, payment, string], error) {
				return &awaiting{c, &overdue, c.KeyedState[string, bill]("bills"), c.Timers[string]()}, nil
			}, stream.Name("awaiting"), stream.SideOutput(&overdue), stream.Divert(&badBills), stream.Divert(&badPayments)))
		reminders := streamtest.Collect(overdue.Stream(), stream.Name("reminders"))
		wrongBills, wrongPayments := streamtest.Collect(badBills.Stream(), stream.Name("wrong bills")), streamtest.Collect(badPayments.Stream(), stream.Name("wrong payments"))
		d := streamtest.Start(t, p, streamtest.Shards(shards), streamtest.Checkpoints(store))
		bills.Push(bill{"a", 500, at(0)}, bill{"b", 700, at(60)}, bill{"c", 0, at(90)}, bill{"d", 900, at(120)})
		d.Settle()
		payments.Push(payment{"a", 500, at(200)}, payment{"b", 1, at(300)})
		d.Settle()
		if life == 0 {
			require.Equal(t, []string{"a is paid"}, paid.Take())
			one := wrongBills.Take()
			require.Len(t, one, 1)
			require.Equal(t, "c", one[0].Value.ID)
			require.Equal(t, "left side, partition 0 event 2", one[0].Position)
			require.EqualError(t, one[0].Err, "a bill over nothing")
			other := wrongPayments.Take()
			require.Len(t, other, 1)
			require.Equal(t, "right side, partition 0 event 1", other[0].Position)
			s, _ := p.Stats().Operator("awaiting")
			require.EqualValues(t, 2, s.Failed)
			d.Checkpoint()
			d.Kill()
			continue
		}
		payments.Push(payment{"d", 900, at(3700)})
		d.Settle()
		require.Equal(t, []string{"d is paid"}, paid.Take(), "it was in the checkpoint")
		require.Empty(t, reminders.Take(), "the bills stand at two minutes: they may yet be paid")
		bills.Push(bill{"e", 1, at(3660)})
		d.Settle()
		require.Equal(t, []stream.Event[bill]{{Value: bill{"b", 700, at(60)}, Time: stream.Time(at(3660).UnixNano())}}, reminders.TakeEvents())
		bills.End()
		payments.End()
		d.Settle()
		require.Len(t, reminders.Take(), 1, "e, as the end of the input is the end of time")
	}
}

// An asides has its timers emit into a side output.
type asides struct {
	c      *stream.OperatorContext
	side   *stream.Side[string]
	timers *stream.Timers[string]
}

func (a *asides) Process(in *stream.KeyedBatch[string, visit], _ *stream.Emitter[string]) error {
	for row := range in.All() {
		a.timers.Set(in.Ref(row), in.Time(row).Add(gap))
	}
	return nil
}

func (a *asides) OnTimer(t stream.Timer[string], _ *stream.Emitter[string]) error {
	a.c.Side(a.side).Emit(t.Key(), t.At)
	return nil
}

// What timers of several keys emit for one time is seen in one order behind them, whichever shard is
// the first: those of an own operator, into a side output of it, and of Process.
func TestTimersOfOneTime(t *testing.T) {
	var visits []visit
	for i := range 400 {
		visits = append(visits, visit{fmt.Sprint("user ", i), "page", at(i / 100)})
	}
	type keyed = stream.Keyed[string, visit]
	for name, build := range map[string]func(keyed) stream.Stream[string]{
		"own operator": func(s keyed) stream.Stream[string] {
			return s.Apply(func(c *stream.OperatorContext) (stream.KeyedProcessor[string, visit, string], error) {
				return &sessions{c.KeyedState[string, session]("open"), c.Timers[string]()}, nil
			})
		},
		"side output": func(s keyed) stream.Stream[string] {
			var side stream.Side[string]
			s.Apply(func(c *stream.OperatorContext) (stream.KeyedProcessor[string, visit, string], error) {
				return &asides{c, &side, c.Timers[string]()}, nil
			}, stream.SideOutput(&side)).To(sink.Discard[string]())
			return side.Stream()
		},
		"Process": func(s keyed) stream.Stream[string] {
			return s.Process(func(c *stream.KeyContext[string, int, string], v visit) error {
				c.SetTimer(c.Time().Add(gap))
				return nil
			}, func(c *stream.KeyContext[string, int, string]) error { c.Emit(c.Key()); return nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			for round := range 20 {
				p := stream.New("ties")
				var got []string
				build(p.From(source.Slice(visits[:200], visits[200:])).EventTime(visit.at).KeyBy(visit.user)).
					KeyBy(func(string) bool { return true }).
					Process(func(c *stream.KeyContext[bool, int, string], v string) error {
						got = append(got, v) // one key is one goroutine
						return nil
					}, nil, stream.InOrder()).
					To(sink.Discard[string]())
				require.NoError(t, p.Run(t.Context(), stream.Shards(1+round%3), stream.BatchSize(1+round)))
				require.Len(t, got, 400)
				if want == nil {
					want = got
				}
				require.Equal(t, want, got, "round %d", round)
			}
		})
	}
}
