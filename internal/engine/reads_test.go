package engine

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
)

// The statistics say of each partition how far it is: of one that gives full
// batches its offset is up to a second old.
func TestStatisticsOfPartitions(t *testing.T) {
	x := &topicReader{topic: newTopic("a")}
	p := NewPartition("count", x)
	var all reads
	count := func() PartitionCount { return all.count()[0] }
	require.Empty(t, (*reads)(nil).count())
	p.Front, p.Count = 7, 3
	all.add(p)
	require.Equal(t, PartitionCount{Name: "a", Events: 3, Watermark: 7}, count())

	x.at, p.Count, p.Front = 10, 4, 8
	p.show(time.Hour, true)
	require.Equal(t, PartitionCount{Name: "a", Offset: "10", Events: 4, Watermark: 8}, count())
	x.at = 11
	p.show(time.Hour+offsetsShown-1, true)
	require.Equal(t, "10", count().Offset)
	p.show(time.Hour+offsetsShown, true)
	require.Equal(t, "11", count().Offset)
	x.at = 12
	p.show(time.Hour+offsetsShown, false)
	require.Equal(t, "12", count().Offset, "it has given all that there is")

	for _, test := range []struct{ idle, silenced, done, want bool }{
		{true, false, false, true}, {false, true, false, true}, {false, false, false, false}, {true, true, true, false},
	} {
		p.Idle, p.Silenced, p.Done = test.idle, test.silenced, test.done
		p.show(0, true)
		require.Equal(t, test.want, count().Idle)
		require.Equal(t, test.done, count().Ended)
	}
	other := NewPartition("count", x)
	all.add(other)
	all.remove(p)
	require.Len(t, all.parts, 1)
	require.Same(t, other, all.parts[0])
}

// A long offset is asked for once a second, however little each Read gives, and once more when the partition rests or has ended.
func TestLongOffsetIsShownSeldom(t *testing.T) {
	x := &longReader{topicReader: &topicReader{topic: newTopic("a")}}
	p := NewPartition("count", x)
	show := func(at int, now time.Duration) int {
		x.at = at
		require.NoError(t, p.show(now, false))
		shown, err := strconv.Atoi(strings.TrimLeft(*p.seen.offset.Load(), "0"))
		require.NoError(t, err)
		return shown
	}
	require.Equal(t, 1, show(1, time.Hour))
	require.Equal(t, 1, show(2, time.Hour+offsetsShown-1))
	require.Equal(t, 3, show(3, time.Hour+offsetsShown))
	require.Equal(t, 3, show(4, time.Hour+offsetsShown))
	p.Idle = true
	require.Equal(t, 5, show(5, time.Hour+offsetsShown))
	require.Equal(t, 5, show(6, time.Hour+offsetsShown))
	p.Done = true
	require.Equal(t, 7, show(7, time.Hour+offsetsShown))
	require.Equal(t, 7, show(8, time.Hour+offsetsShown))
	require.Equal(t, 4, x.asked)
}

// Where nothing more comes, the offset that is shown is that of the last event a second later, long or not, whether Read waits or says that there is nothing.
func TestLongOffsetAtRest(t *testing.T) {
	for _, digits := range []int{0, longOffset} {
		synctest.Test(t, func(t *testing.T) {
			a := newTopic("a", 1)
			a.digits = digits
			p := newTallying(newTarget(), a)
			run := p.start(t, p.config(keeper.Memory()))
			shown := func() int {
				synctest.Wait()
				at, err := strconv.Atoi("0" + p.plan.Snapshot().Partitions[0][0].Offset)
				require.NoError(t, err)
				return at
			}
			time.Sleep(offsetsShown + time.Millisecond)
			require.Equal(t, 1, shown())
			for n := range 5 {
				a.put(n)
				synctest.Wait()
			}
			if digits > 0 {
				require.Less(t, shown(), 6, "it is asked for once a second")
			}
			time.Sleep(offsetsShown + 10*time.Millisecond)
			require.Equal(t, 6, shown())
			a.put(6)
			time.Sleep(3 * offsetsShown)
			require.Equal(t, 7, shown())
			a.end()
			require.NoError(t, <-run.err)
			require.Equal(t, 7, shown())
		})
	}
}

// Behind a full batch, too, where the reader waits then: more may have been there, and was not.
func TestOffsetAtRestBehindAFullBatch(t *testing.T) {
	for _, n := range []int{7, 8} {
		synctest.Test(t, func(t *testing.T) {
			a := newTopic("a", 1)
			p := newTallying(newTarget(), a)
			cfg := p.config(keeper.Memory())
			cfg.Batch = 8
			run := p.start(t, cfg)
			time.Sleep(2 * time.Second)
			a.put(2) // is shown at once
			synctest.Wait()
			a.put(make([]int, n)...)
			time.Sleep(2 * offsetsShown)
			synctest.Wait()
			require.Equal(t, strconv.Itoa(2+n), p.plan.Snapshot().Partitions[0][0].Offset)
			a.end()
			require.NoError(t, <-run.err)
		})
	}
}

// A longReader has offsets that are as long as those of ids.
type longReader struct {
	*topicReader
	asked int
}

func (r *longReader) Offset() string {
	r.asked++
	return fmt.Sprintf("%0*d", longOffset, r.at)
}

// The statistics of a run say what has gone over its exchanges, how far partitions
// are, and how large the state is.
func TestStatisticsOfARun(t *testing.T) { synctest.Test(t, statisticsOfARun) }

func statisticsOfARun(t *testing.T) {
	a, b, store := newTopic("a", upTo(30)...), newTopic("b", 5).end(), keeper.Memory()
	p := newTallying(newTarget(), a, b)
	slow := make(chan bool)
	p.each = func(n int) {
		if n == 30 {
			<-slow
		}
	}
	run := p.start(t, p.config(store))
	s := p.plan.Snapshot()
	require.Equal(t, [][]PartitionCount{{
		{Name: "a", Offset: "30", Events: 30, Watermark: 29}, {Name: "b", Offset: "1", Events: 1, Watermark: 5, Ended: true},
	}, nil, nil}, s.Partitions)
	require.Equal(t, []int64{0, 0, 0}, s.StateBytes, "no checkpoint has been taken")
	require.Len(t, s.Edges, 1)
	e := s.Edges[0]
	require.Equal(t, EdgeCount{From: "count", To: "tally", Batches: e.Batches, Events: 31, Capacity: 4 * laneDepth}, e, "two readers send to two shards")
	require.Greater(t, e.Batches, int64(10))
	require.Less(t, e.Batches, int64(25))

	p.takes(t)
	m := newest(t, store)
	require.Equal(t, []int64{0, m.Operators[0].Bytes(), 0}, p.plan.Snapshot().StateBytes, "what is prepared is no state")

	for range 20 { // all of one key: its lane fills up
		a.put(30, 30, 30, 30)
	}
	synctest.Wait()
	time.Sleep(time.Minute)
	e = p.plan.Snapshot().Edges[0]
	require.Equal(t, laneDepth, e.Queued)
	close(slow)
	synctest.Wait()
	e = p.plan.Snapshot().Edges[0]
	require.Zero(t, e.Queued)
	require.EqualValues(t, 31+80, e.Events)
	require.Equal(t, time.Minute, e.Held)
	run.stop(t)
}

// A filling is an entry that is filled by a function.
type filling struct {
	*topicEntry
	fill func() (events, rejected int, err error)
}

func (e filling) Fill(context.Context, *Partition) (events, rejected int, err error) { return e.fill() }

// A Read has starved that was interrupted before it gave a whole batch, of events and of what is none.
func TestStarvedReads(t *testing.T) {
	for _, test := range []struct {
		events, rejected     int
		interrupted, starved bool
	}{
		{0, 0, true, true}, {3, 0, true, true}, {2, 1, true, true}, {0, 3, true, true},
		{4, 0, true, false}, {3, 1, true, false}, {0, 4, true, false}, {5, 0, true, false},
		{3, 0, false, false}, {0, 0, false, false},
	} {
		p := newReaderPlan(driven("a"))
		d, err := NewDriver(p.plan, testConfig())
		require.NoError(t, err)
		l := d.r.tasks[0].source
		l.entry = filling{p.entry, func() (int, int, error) {
			if test.interrupted {
				l.cancel()
			}
			return test.events, test.rejected, nil
		}}
		events, rejected, err := l.ask(p.op.Partitions()[0])
		require.NoError(t, err)
		require.Equal(t, []int{test.events, test.rejected}, []int{events, rejected})
		require.Equal(t, test.starved, l.starved, "%+v", test)
		require.NoError(t, d.Close())
	}
}

// A drained reader takes no more once it is told.
type drained struct {
	*topicReader
	told int
	dies bool
}

func (r *drained) Drain() {
	if r.told++; r.dies {
		panic("dead")
	}
}

// Readers that have to are told once when the run stops, and are read until they have nothing left; a Read under way ends. One that
// has ended is not told.
func TestDrain(t *testing.T) {
	for _, dies := range []bool{false, true} {
		a, b, c := driven("a", upTo(6)...), driven("b", 1).end(), driven("c")
		p := newReaderPlan(a, b, c)
		cfg := testConfig()
		cfg.Shards = 1
		d, err := NewDriver(p.plan, cfg)
		require.NoError(t, err)
		l := d.r.tasks[0].source
		parts := p.op.Partitions()
		var readers []*drained
		for _, part := range parts[:2] {
			x := &drained{topicReader: part.Reader.(*topicReader), dies: dies}
			part.Reader, readers = x, append(readers, x)
		}
		parts[1].Done = true
		l.entry = filling{p.entry, func() (int, int, error) {
			all, err := readers[0].read(t.Context(), 4)
			p.got = append(p.got, all...)
			return 0, len(all), err
		}}
		before := l.readContext()
		more, err := l.drain()
		require.Error(t, before.Err(), "a Read under way ends")
		require.Equal(t, []int{1, 0}, []int{readers[0].told, readers[1].told})
		if dies {
			require.ErrorContains(t, err, "stream: count at a: panic: dead")
			_ = d.Close()
			continue
		}
		for ; more; more, err = l.drain() {
			require.NoError(t, err)
		}
		require.NoError(t, err)
		require.Equal(t, upTo(6), p.got)
		require.Equal(t, 1, readers[0].told)
		require.NoError(t, d.Close())
	}
}
