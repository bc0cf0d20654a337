package engine

import (
	"context"
	"errors"
	"io"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
)

func TestRunToTheEnd(t *testing.T) {
	before := runtime.NumGoroutine()
	all := []*counter{{name: "a", limit: 1000}, {name: "b", limit: 10}, {name: "c", limit: 0}}
	p, total := adding(all, pass)
	require.NoError(t, p.Run(t.Context(), testConfig()))
	require.Equal(t, 999*1000/2+9*10/2, total.total)
	require.Equal(t, 2, total.ends, "each shard is told the end, once")
	for _, c := range all {
		require.True(t, c.shut)
	}
	noneLeft(t, before)
	s := p.Snapshot()
	require.EqualValues(t, 1010, s.Operators[0][0].Out+s.Operators[0][1].Out)
	for _, c := range s.Operators[1] {
		require.Equal(t, MaxTime, c.Watermark)
	}
}

// A run that is told to stop lets flow through what it has read.
func TestRunStops(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	endless := &counter{name: "a", limit: -1}
	p, total := adding([]*counter{endless}, func(n int) {
		if n == 100 {
			cancel(why)
		}
	})
	err := p.Run(ctx, testConfig())
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, why)
	require.True(t, endless.shut)
	require.Equal(t, endless.next, total.events, "what was read has been added")
	require.Equal(t, 2, total.ends)
}

// A run that does not come to rest in time is cut off.
func TestRunIsCutOff(t *testing.T) { synctest.Test(t, isCutOff) }

func isCutOff(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, total := adding([]*counter{{name: "a", limit: -1}}, func(n int) {
		if n == 20 {
			cancel()
		}
		if n >= 20 {
			time.Sleep(50 * time.Millisecond) // of the bubble
		}
	})
	cfg := testConfig()
	cfg.Grace = 20 * time.Millisecond
	begin := time.Now()
	require.ErrorContains(t, p.Run(ctx, cfg), "had not come to rest 20ms after it was told to stop")
	require.Less(t, time.Since(begin), time.Second)
	require.Zero(t, total.ends, "what is open stays open")
}

// Failures, panics and the end of a goroutine are errors that name the operator,
// and end all tasks.
func TestRunFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	for name, test := range map[string]struct {
		counter *counter
		each    func(int)
		message string
	}{
		"a reader":  {&counter{name: "a", limit: -1, fails: broken}, pass, "stream: count at a: the disk is gone"},
		"a panic":   {&counter{name: "a", limit: -1}, func(n int) { panicAt(n) }, "stream: add: panic: seven"},
		"a goexit":  {&counter{name: "a", limit: -1}, func(n int) { exitAt(n) }, "stream: add: the function has ended its goroutine"},
		"two parts": {&counter{name: "b", limit: 3, fails: broken}, pass, "stream: count at a: the disk is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			counters := []*counter{test.counter}
			if name == "two parts" {
				counters = append(counters, &counter{name: "a", limit: -1, fails: broken})
			}
			p, _ := adding(counters, test.each)
			err := p.Run(t.Context(), testConfig())
			require.ErrorContains(t, err, test.message)
			_, named := errors.AsType[*OperatorError](err)
			require.True(t, named)
			noneLeft(t, before)
			for _, c := range counters {
				require.True(t, c.shut)
			}
		})
	}
}

func panicAt(n int) {
	if n == 7 {
		panic("seven")
	}
}

func exitAt(n int) {
	if n == 7 {
		runtime.Goexit()
	}
}

// The same plan runs on one goroutine, a step at a time, with the same sum.
func TestDriver(t *testing.T) {
	p, total := adding([]*counter{{name: "a", limit: 100}, {name: "b", limit: 7}}, pass)
	d, err := NewDriver(p, testConfig())
	require.NoError(t, err)
	require.NoError(t, d.Settle())
	require.Equal(t, 99*100/2+6*7/2, total.total)
	require.Equal(t, 2, total.ends)
	require.NoError(t, d.Close())
}

// Restarts waits twice as long each time, up to a minute, and not for what cannot pass.
func TestRestartsAllow(t *testing.T) {
	r := testRun(t)
	r.start = time.Now()
	failed := &OperatorError{Operator: "add", Err: errors.New("away")}
	x := Restarts{Most: 3, Wait: time.Nanosecond}
	for failures := range 3 {
		n := failures
		require.NoError(t, x.allow(t.Context(), r, failed, &n))
	}
	n := 3
	require.ErrorIs(t, x.allow(t.Context(), r, failed, &n), failed, "three are used up")
	r.start = time.Now().Add(-2 * calm)
	require.NoError(t, x.allow(t.Context(), r, failed, &n), "after a long calm the count begins anew")
	require.Zero(t, n)

	for _, lasts := range []error{keeper.ErrLocked, keeper.ErrVersion, &RewindError{}, &LostResultsError{}, &storeError{"open", keeper.ErrDamaged}, errors.New("of nobody")} {
		require.ErrorIs(t, x.allow(t.Context(), r, lasts, new(int)), lasts)
	}
	require.NoError(t, x.allow(t.Context(), r, &storeError{"open", io.ErrUnexpectedEOF}, new(int)), "a store may be away for a while")
	r.again = true
	require.NoError(t, x.allow(t.Context(), r, &LostResultsError{}, new(int)), "the place that this run has written to is away")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, x.allow(ctx, r, failed, new(int)), failed, "it was told to stop")
}
