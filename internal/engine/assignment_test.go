package engine

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
)

// A roaming plan is a tallying whose partitions come and go: the test has its
// assignment, and says when nothing comes any more.
type roamingPlan struct {
	*tallying
	assigned chan *Assignment
	over     chan error
}

func newRoaming(to *target, topics ...*topic) *roamingPlan {
	p := &roamingPlan{newTallying(to, topics...), make(chan *Assignment, 1), make(chan error)}
	p.watch = func(ctx context.Context, a *Assignment) error {
		p.assigned <- a
		select {
		case err := <-p.over:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return p
}

func (p *roamingPlan) start(t *testing.T, cfg Config) (*running, *Assignment) {
	run := p.tallying.start(t, cfg)
	return run, <-p.assigned
}

// part is a partition of the source that reads a topic from an offset on.
func (p *roamingPlan) part(x *topic, at int) *Partition {
	return NewPartition(p.source.Name, x.reader(at))
}

// sources are what the newest checkpoint says of partitions: their offsets.
func sources(t *testing.T, s keeper.Store) map[string]string {
	at := map[string]string{}
	for _, x := range newest(t, s).Sources {
		at[x.Partition] = x.Offset
	}
	return at
}

// Partitions are added, asked again when the source says so, and removed while the
// run lasts: each number comes once, and who is gone is in no later checkpoint.
func TestPartitionsComeAndGo(t *testing.T) { synctest.Test(t, comeAndGo) }

func comeAndGo(t *testing.T) {
	ctx := t.Context()
	a, b, store := driven("a", 1, 2), driven("b", 10, 11), keeper.Memory()
	p := newRoaming(newTarget(), a)
	run, assigned := p.start(t, p.config(store))
	require.Equal(t, sums([]int{1, 2}), p.sums())
	require.NoError(t, assigned.Add(ctx, p.part(b, 0)))
	synctest.Wait()
	require.Equal(t, sums([]int{1, 2, 10, 11}), p.sums())
	require.Equal(t, []int{1, 1}, assigned.count, "it is given to the task that has fewest")

	a.put(3)
	b.put(12)
	synctest.Wait()
	require.Equal(t, sums([]int{1, 2, 10, 11}), p.sums(), "nobody has said that there is more")
	assigned.Ready("a", "nobody")
	synctest.Wait()
	require.Equal(t, sums([]int{1, 2, 3, 10, 11}), p.sums())
	assigned.Ready()
	synctest.Wait()
	require.Equal(t, sums([]int{1, 2, 3, 10, 11, 12}), p.sums())
	p.takes(t)
	require.Equal(t, map[string]string{"a": "3", "b": "3"}, sources(t, store))

	waits := p.part(newTopic("c"), 0)
	waits.Waits = true
	require.ErrorIs(t, assigned.Add(ctx, waits), errWaits)
	require.EqualError(t, assigned.Add(ctx, p.part(b, 0)), `partition "b": the source has a partition of that name already`)

	// It leaves with a checkpoint that is taken for it, and that has all of it.
	b.put(13)
	assigned.Ready("b")
	synctest.Wait()
	begun := b.durable
	require.NoError(t, assigned.Remove(ctx, "b"))
	require.NoError(t, assigned.Remove(ctx, "b"), "it is leaving")
	require.Equal(t, []int{1, 0}, assigned.count)
	b.put(14) // which nobody reads any more
	assigned.Ready()
	synctest.Wait()
	require.Equal(t, map[string]string{"a": "3", "b": "4"}, sources(t, store))
	require.Len(t, b.durable, len(begun)+1)
	require.Equal(t, "4", b.durable[len(begun)])
	require.Equal(t, []int{1, 2, 3, 10, 11, 12, 13}, p.target.rows())
	p.takes(t)
	require.Equal(t, map[string]string{"a": "3"}, sources(t, store))
	_, open := b.acknowledged()
	require.Equal(t, 1, open, "the one that was refused")

	require.NoError(t, assigned.Add(ctx, p.part(b, 4)))
	synctest.Wait()
	require.Equal(t, sums([]int{1, 2, 3, 10, 11, 12, 13, 14}), p.sums())
	require.Equal(t, 2, assigned.named("b").index, "its number is another one")
	a.end()
	b.end()
	assigned.Ready()
	synctest.Wait()
	require.Empty(t, run.err, "more may come")
	p.over <- nil
	require.NoError(t, <-run.err)
	require.Equal(t, []int{1, 2, 3, 10, 11, 12, 13, 14}, p.target.rows())
	require.Equal(t, errStrays, assigned.Add(ctx, p.part(a, 0)))
	require.Equal(t, errStrays, assigned.Remove(ctx, "a"))
}

// A partition that the checkpoint knows goes on from there when it comes, and is
// remembered until then, or until the source says that it is gone.
func TestPartitionsComeAgain(t *testing.T) { synctest.Test(t, comeAgain) }

func comeAgain(t *testing.T) {
	for _, shards := range []int{1, 2} {
		comeAgainOn(t, shards)
	}
}

func comeAgainOn(t *testing.T, shards int) {
	ctx := t.Context()
	a, b, c, store := driven("a", 1), driven("b", 20, 30), driven("c", 40), keeper.Memory()
	p := newRoaming(newTarget(), a, b, c)
	p.shards = shards
	run, _ := p.start(t, p.config(store))
	run.stop(t)
	require.Equal(t, map[string]string{"a": "1", "b": "2", "c": "1"}, sources(t, store))

	p = newRoaming(p.target, a)
	p.shards = shards
	run, assigned := p.start(t, p.config(store))
	op := p.tallies[0].op.Place.run.stages[p.source][0].Instance(p.source)
	require.True(t, op.Absent(op.Place.task.stage.Name, "b"))
	require.False(t, op.Absent(op.Place.task.stage.Name, "a"))
	require.False(t, op.Absent(op.Place.task.stage.Name, "x"))
	require.True(t, op.Reads())
	require.True(t, op.Grows())
	p.takes(t)
	require.Equal(t, map[string]string{"a": "1", "b": "2", "c": "1"}, sources(t, store))
	require.NoError(t, assigned.Remove(ctx, "c"))
	p.takes(t)
	require.Equal(t, map[string]string{"a": "1", "b": "2"}, sources(t, store))
	b.put(50)
	part := p.part(b, 2)
	require.NoError(t, assigned.Add(ctx, part))
	synctest.Wait()
	require.False(t, op.Absent(op.Place.task.stage.Name, "b"))
	require.Equal(t, 1, part.index, "its number is its own")
	require.EqualValues(t, 3, part.Count)
	require.True(t, part.Resumed)
	require.Equal(t, sums([]int{1, 20, 30, 40, 50}), p.sums())
	run.stop(t)
	require.Equal(t, map[string]string{"a": "1", "b": "3"}, sources(t, store))
}

// No task goes further in event time than all of those that read the source, as
// the next partition may be given to any; one without a partition holds none back.
func TestTasksGoTogether(t *testing.T) { synctest.Test(t, goTogether) }

func goTogether(t *testing.T) {
	a, b := driven("a", 100), driven("b", 50)
	p := newRoaming(newTarget(), a)
	run, assigned := p.start(t, p.config(keeper.Memory()))
	told := func() (all []Time) {
		for _, x := range p.tallies {
			all = append(all, Time(x.op.stats.watermark.Load()))
		}
		return all
	}
	require.Equal(t, []Time{100, 100}, told())
	require.NoError(t, assigned.Add(t.Context(), p.part(b, 0)))
	synctest.Wait()
	a.put(200)
	assigned.Ready()
	synctest.Wait()
	require.Equal(t, []Time{100, 100}, told(), "the second is at 50")
	b.put(150)
	assigned.Ready()
	synctest.Wait()
	require.Equal(t, []Time{150, 150}, told())
	require.NoError(t, assigned.Remove(t.Context(), "b"))
	synctest.Wait()
	require.Equal(t, []Time{200, 200}, told(), "who has left holds nobody back")
	run.stop(t)
}

// A source that has no partition yet is not waited for, and is once it has.
func TestSourceWithoutPartitions(t *testing.T) { synctest.Test(t, withoutPartitions) }

func withoutPartitions(t *testing.T) {
	p := newRoaming(newTarget())
	run, assigned := p.start(t, p.config(keeper.Memory()))
	for _, told := range p.told {
		require.Equal(t, []Control{{Kind: Idle}}, told)
	}
	require.NoError(t, assigned.Add(t.Context(), p.part(driven("a", 5), 0)))
	synctest.Wait()
	for _, told := range p.told {
		require.Equal(t, Control{Kind: Watermark, Watermark: 5}, told[len(told)-1])
	}
	run.stop(t)
}
