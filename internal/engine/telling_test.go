package engine

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A telling is a reading whose controls are written down.
func telling(t *testing.T, topics ...*topic) (l *reading, p *readerPlan, out *log) {
	p, out = newReaderPlan(topics...), &log{}
	cfg := testConfig()
	cfg.Shards, cfg.Logger = 1, out.logger()
	d, err := NewDriver(p.plan, cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d.r.tasks[0].source, p, out
}

// What is told of a partition is what is new: that it is waited for, or no more, that it has been asked for a step longer, for how long
// it has given nothing once somebody wants to know, and that it has gone.
func TestTeller(t *testing.T) {
	l, p, _ := telling(t, driven("a"))
	part := l.task.parts[0]
	x := &teller{l: l, heeds: []*SilenceOf{{Idle: 10}, {Clock: 4, Step: 3}}, step: 2, last: map[*Partition]News{}}
	tells := func(gone bool, want ...News) {
		t.Helper()
		p.told = nil
		require.NoError(t, x.tell(part, gone))
		var got []News
		for _, c := range p.told {
			require.Equal(t, Told, c.Kind)
			got = append(got, *c.News)
		}
		for i := range want {
			want[i].Of = part
		}
		require.Equal(t, want, got)
	}
	part.Beat = 5
	tells(false, News{Awake: 1, Beat: 5})
	tells(false)
	part.Asked = 1
	tells(false)
	part.Asked = 2
	tells(false, News{Asked: 2, Beat: 5})
	part.Asked = 4
	tells(false, News{Asked: 4, Silent: 4, Beat: 5})
	tells(false)
	part.Asked = 5
	tells(false)
	part.heard = 3 // it has given something
	tells(false, News{Asked: 5, Beat: 5})
	part.Timed = true
	tells(false, News{Asked: 5, Beat: MinTime, Timed: true})
	part.Resting = true
	tells(false, News{Awake: -1, Asked: 5, Beat: MinTime, Timed: true, Resting: true})
	tells(false)
	part.Resting = false
	tells(false, News{Awake: 1, Asked: 5, Beat: MinTime, Timed: true})
	part.Done = true
	tells(false, News{Awake: -1, Asked: 5, Beat: MinTime, Timed: true})
	tells(true, News{Asked: 5, Beat: MinTime, Timed: true, Gone: true})
	require.Empty(t, x.last)
	part.Done = false
	tells(false, News{Awake: 1, Asked: 5, Beat: MinTime, Timed: true})
	tells(true, News{Awake: -1, Asked: 5, Beat: MinTime, Timed: true, Gone: true})
	x.step, x.heeds = 0, nil // nobody wants to know how long
	tells(false, News{Awake: 1, Beat: MinTime, Timed: true})
	part.Asked = 50
	tells(false)
}

// A teller has something to do when a silence will have lasted long enough that somebody wants to know of.
func TestTellerIsDue(t *testing.T) {
	l, _, _ := telling(t, driven("a"), driven("b"))
	a, b := l.task.parts[0], l.task.parts[1]
	x := &teller{l: l, heeds: []*SilenceOf{{Idle: time.Minute}, {Clock: 10 * time.Second, Step: 5 * time.Second}}, last: map[*Partition]News{}}
	at := time.Unix(1000, 0)
	due := func(want time.Duration) {
		t.Helper()
		got, ok := x.Due()
		require.Equal(t, want >= 0, ok)
		if ok {
			require.Equal(t, want, got.Sub(at))
		}
	}
	due(-1)
	l.task.reads, l.task.readAt = a, at
	due(10 * time.Second)
	a.Asked, a.heard = 9*time.Second, 2*time.Second
	due(3 * time.Second)
	a.Asked = 12 * time.Second
	due(time.Millisecond)
	x.last[a] = News{Silent: 10 * time.Second}
	due(5 * time.Second)
	x.heeds = x.heeds[:1]
	due(50 * time.Second)
	x.last[a], a.Asked = News{Silent: time.Minute}, 62*time.Second
	due(-1)
	a.Asked = 3 * time.Second // it has given something since
	due(59 * time.Second)
	a.Done = true
	due(-1)
	l.task.reads, a.Done = nil, false
	a.nothing, a.silent, b.nothing, b.silent = at, true, at.Add(time.Second), true
	due(59 * time.Second)
	a.nothing = at.Add(3 * time.Second)
	due(61 * time.Second)
	b.Done = true
	due(62 * time.Second)
	a.silent = false
	due(-1)
}

// A partition that gives nothing for as long as the source says is idle, and no longer when it gives something. Who has waited
// for a watermark in vain is told, once.
func TestIdleAfter(t *testing.T) { synctest.Test(t, idleAfter) }

func idleAfter(t *testing.T) {
	l, _, out := telling(t, driven("a"), driven("b"))
	l.op.Node.IdleAfter = 10 * time.Second
	a, b := l.task.parts[0], l.task.parts[1]
	a.Promised = 5
	a.Asked = 3 * time.Second
	l.heard(a, true)
	a.Asked = 13*time.Second - 1
	l.heard(a, false)
	require.False(t, a.Idle)
	at := time.Now()
	due := func(want time.Duration) {
		t.Helper()
		got, ok := l.Due()
		require.Equal(t, want >= 0, ok)
		if ok {
			require.Equal(t, want, got.Sub(at))
		}
	}
	l.task.reads, l.task.readAt = a, at
	due(time.Millisecond)
	a.Asked = 5 * time.Second
	due(8 * time.Second)
	a.Asked = 13 * time.Second
	l.heard(a, false)
	require.True(t, a.Idle)
	due(-1)
	l.task.reads = nil
	a.Idle, a.nothing, a.silent, b.nothing, b.silent = false, at, true, at.Add(-time.Second), true
	a.Asked = 4 * time.Second
	due(9 * time.Second)
	b.nothing = at
	due(9 * time.Second)
	b.Done = true
	due(9 * time.Second)
	a.Done = true
	due(-1)

	require.Empty(t, out.String())
	b.Done, b.Asked = false, 10*time.Second
	l.heard(b, false)
	require.True(t, b.Idle)
	require.Empty(t, out.String(), "it has given nothing at all")
	b.Idle, b.Count, b.SaysIdle = false, 1, true
	l.heard(b, false)
	require.Empty(t, out.String(), "its reader says so")
	b.Idle, b.SaysIdle = true, false
	l.heard(b, false)
	require.Empty(t, out.String(), "it is no news")
	b.Idle = false
	l.heard(b, false)
	require.Contains(t, out.String(), "a partition is idle that has promised no watermark so far")
	l.op.Node.IdleAfter, b.Idle = 0, false
	l.heard(b, false)
	require.False(t, b.Idle, "the source does not say")
}

// A source's tasks tell where an EventTime wants to know, as finely as the finest wants it.
func TestTells(t *testing.T) {
	l, p, _ := telling(t, driven("a"))
	n := l.op.Node
	l.tells(n)
	require.Nil(t, l.teller)
	r := l.task.rt
	times := []*Node{{Heeds: &SilenceOf{Idle: 80 * time.Second}}, {}, {Heeds: &SilenceOf{Idle: 16 * time.Second}}, {Heeds: &SilenceOf{Idle: 24 * time.Second}}}
	r.tracking.passes, r.tracking.times = map[*Node]bool{n: true}, map[*Node][]*Node{n: times}
	tickers := len(l.task.tickers)
	l.tells(n)
	require.Equal(t, 2*time.Second, l.teller.step)
	require.Len(t, l.teller.heeds, 3)
	require.Len(t, l.task.tickers, tickers+1)
	require.True(t, l.task.heeds)
	r.tracking.times[n], l.task.heeds = nil, false
	l.tells(n)
	require.False(t, l.task.heeds)
	require.Len(t, l.task.tickers, tickers+1)

	gone := &Partition{}
	l.teller.PartitionRemoved(gone)
	require.NoError(t, l.teller.PartitionChanged())
	require.Empty(t, p.told, "before it has begun nothing is told")
	require.NoError(t, l.teller.begin())
	require.Len(t, p.told, 3)
	require.Equal(t, gone, p.told[0].News.Of)
	require.Equal(t, AllTold, p.told[2].Kind)
	require.NoError(t, l.teller.begin())
	require.Len(t, p.told, 3)
}

// A partition knows what its reader has promised, where it is as others see it, and the offsets that were handed out.
func TestPartition(t *testing.T) {
	p := NewPartition("count", newTopic("a").reader(0))
	p.Promise(5)
	require.False(t, p.fell)
	p.Promise(5)
	require.False(t, p.fell)
	p.Promise(4)
	require.True(t, p.fell)
	require.Equal(t, Time(5), p.Promised)
	p.hear()
	require.Equal(t, MinTime, p.Front)
	p.Reached(9)
	p.hear()
	require.Equal(t, Time(9), p.Front)

	require.Equal(t, "a event 7", p.At(7))
	p.Locate = func(int64) string { return "key k" }
	require.Equal(t, "key k", p.At(7))
	require.Equal(t, "o", p.shown("o"))
	p.redact = func(string) string { return "hidden" }
	require.Equal(t, "a event 7", p.At(7))
	require.Equal(t, "hidden", p.shown("o"))
	require.Empty(t, p.shown(""))

	r := testRun(t)
	require.NoError(t, r.numbers.give(p))
	require.Equal(t, "a event 6", r.locate(p.Seq()+6))
	require.Empty(t, r.locate(7<<SeqBits))
	require.Nil(t, r.Offsets(&Node{Name: "count"}))
	require.NoError(t, r.writable("name", "\xff"))
	r.cut = &coordination{}
	require.NoError(t, r.writable("name", "größe"))
	require.EqualError(t, r.writable("name", "\xff"), `the name of the partition, "\xff", is not UTF-8, and no checkpoint can hold it`)
}
