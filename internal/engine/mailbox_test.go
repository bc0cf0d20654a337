package engine

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
)

// A blocked reader waits for the end of its Read, which counts.
type blocked struct {
	counter
	reads atomic.Int64
}

func (b *blocked) Fill(ctx context.Context) error {
	b.reads.Add(1)
	<-ctx.Done()
	return ctx.Err()
}

// A task calls what is put into its mailbox whatever it waits for: a Read, input,
// or the last checkpoint.
func TestMailbox(t *testing.T) { synctest.Test(t, served) }

func served(t *testing.T) {
	slow := &blocked{counter: counter{name: "a", limit: 1}}
	p, total := adding([]*counter{&slow.counter}, pass)
	slow.waits = slow.Fill
	cfg := testConfig()
	cfg.Store, cfg.Every = keeper.Memory(), time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, cfg) }()
	synctest.Wait()
	require.Equal(t, 1, total.events)
	calls := 0
	for range 3 {
		for _, task := range p.run.tasks { // one in Read, two that wait for input
			require.NoError(t, task.do(ctx, func() error { calls++; return nil }))
		}
	}
	require.Equal(t, 9, calls)
	synctest.Wait() // who has asked goes on before Read is called again
	require.Greater(t, slow.reads.Load(), int64(1), "its Read was interrupted")
	require.Less(t, slow.reads.Load(), int64(10), "and is left alone afterwards")

	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	for _, task := range p.run.tasks {
		require.ErrorIs(t, task.do(t.Context(), func() error { t.Error("a task that has ended calls nothing"); return nil }), ErrStopped)
	}
}

// A task that has parked serves its mailbox until the run's last checkpoint.
func TestMailboxOfParked(t *testing.T) { synctest.Test(t, ofParked) }

func ofParked(t *testing.T) {
	endless := &blocked{counter: counter{name: "b", limit: 0}}
	endless.waits = endless.Fill
	p, _ := adding([]*counter{{name: "a", limit: 1, alone: true}, &endless.counter}, pass)
	cfg := testConfig()
	cfg.Store, cfg.Every = keeper.Memory(), time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, cfg) }()
	synctest.Wait()
	called := false
	require.NoError(t, p.run.tasks[0].do(ctx, func() error { called = true; return nil }))
	require.True(t, called)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
}

// Who does not want to wait takes back what the task has not begun; an error of a
// function ends the run, and who waits for another hears that it is not called.
func TestMailboxGivesBack(t *testing.T) { synctest.Test(t, givesBack) }

func givesBack(t *testing.T) {
	slow := &blocked{counter: counter{name: "a", limit: 0}}
	slow.waits = slow.Fill
	p, _ := adding([]*counter{&slow.counter}, pass)
	ended := make(chan error, 1)
	go func() { ended <- p.Run(t.Context(), testConfig()) }()
	synctest.Wait()
	task := p.run.tasks[0]
	begun := make(chan struct{})
	go func() {
		_ = task.do(t.Context(), func() error { close(begun); time.Sleep(time.Minute); return nil })
	}()
	<-begun
	short, done := context.WithTimeout(t.Context(), time.Second)
	defer done()
	err := task.do(short, func() error { t.Error("it was taken back"); return nil })
	require.ErrorIs(t, err, context.DeadlineExceeded)

	broken := errors.New("broken")
	require.NoError(t, task.do(t.Context(), func() error { return broken }))
	require.ErrorIs(t, <-ended, broken)
}

// A number is given once, until all have been: then the one whose partition has been
// gone for longest is given again. Those of a checkpoint are kept for its partitions.
func TestNumbers(t *testing.T) {
	var x numbers
	x.reserve(3, func(n int) bool { return n == 1 })
	was := &Partition{Name: "was"}
	x.put(was, 1)
	require.Equal(t, 3, x.given())
	require.Same(t, was, x.of(1))
	require.Nil(t, x.of(0))
	require.Nil(t, x.of(-1))
	require.Nil(t, x.of(3))
	var all []*Partition
	for range mostNumbers - 3 {
		p := &Partition{}
		require.NoError(t, x.give(p))
		all = append(all, p)
	}
	require.Equal(t, 3, all[0].index)
	require.Equal(t, mostNumbers-1, all[len(all)-1].index)
	require.EqualValues(t, 1<<16-2, all[len(all)-1].Seq()>>SeqBits)
	x.leave(all[7])
	x.leave(all[5])
	require.Same(t, all[7], x.of(all[7].index), "it is found for as long as no other has its number")
	for _, want := range []int{0, 2, all[7].index, all[5].index} {
		p := &Partition{}
		require.NoError(t, x.give(p))
		require.Equal(t, want, p.index)
		require.Same(t, p, x.of(want))
	}
	require.ErrorIs(t, x.give(&Partition{}), errManyPartitions)
}

// A wait that begins where there is something to look at ends at once.
func TestWaitEndsWhereThereIsSomething(t *testing.T) {
	var m mailbox
	roused := 0
	m.interruptible(func() { roused++ })
	require.Zero(t, roused)
	m.some.Store(true)
	m.interruptible(nil)
	require.Zero(t, roused)
	m.interruptible(func() { roused++ })
	require.Equal(t, 1, roused)
}
