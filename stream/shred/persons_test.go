package shred_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/shred"
)

// Keys are remembered for a while, and not more of them than was said.
func TestRemembers(t *testing.T) { synctest.Test(t, remembers) }

func remembers(t *testing.T) {
	m := newMoody()
	all := shred.New(m, shred.CacheSize(10), shred.CacheTime(time.Minute))
	p := policyOf[letter](t, all)
	seal := func(to int) {
		t.Helper()
		_, err := p.Seal(t.Context(), letter{to, "x", 1})
		require.NoError(t, err)
	}
	for range 3 {
		seal(1)
	}
	require.EqualValues(t, 1, all.Asked())
	for to := range 100 {
		seal(to + 1)
		seal(1) // who is asked for again and again stays
	}
	require.EqualValues(t, 100, all.Asked())
	seal(2)
	require.EqualValues(t, 101, all.Asked(), "others were forgotten")
	time.Sleep(time.Minute + 1)
	seal(1)
	require.EqualValues(t, 102, all.Asked(), "a minute is over")

	// Another process forgets somebody: here it is known when the minute is over.
	require.NoError(t, m.Forget(t.Context(), "1"))
	seal(1)
	time.Sleep(time.Minute + 1)
	_, err := p.Seal(t.Context(), letter{1, "x", 1})
	require.ErrorIs(t, err, shred.ErrForgotten)
	asked := all.Asked()
	_, err = p.Seal(t.Context(), letter{1, "x", 1})
	require.ErrorIs(t, err, shred.ErrForgotten)
	require.Equal(t, asked, all.Asked(), "that one is forgotten is remembered")
}

// A keeper that is away is waited for; then it is an error that a run may try again. Nothing is in the clear.
func TestKeeperAway(t *testing.T) { synctest.Test(t, keeperAway) }

func keeperAway(t *testing.T) {
	m := newMoody()
	all := shred.New(m)
	p := policyOf[letter](t, all)
	m.away = 5
	start := time.Now()
	v, err := p.Seal(t.Context(), letter{1, "Ada", 1})
	require.NoError(t, err)
	require.NotContains(t, v.Name, "Ada")
	require.Greater(t, time.Since(start), 100*time.Millisecond)
	require.Len(t, m.asked, 6)

	m.away = -1
	start = time.Now()
	v, err = p.Seal(t.Context(), letter{2, "Bob", 1})
	require.ErrorIs(t, err, checkpoint.ErrKeysAway)
	require.ErrorIs(t, err, errAway)
	require.Empty(t, v.Name)
	require.InDelta(t, time.Minute, time.Since(start), float64(2*time.Second))

	require.Error(t, all.Forget(t.Context(), "1"))
	m.away = 0
	v, err = p.Seal(t.Context(), letter{1, "Ada", 1})
	require.NoError(t, err, "who could not be forgotten is not")
	require.NotContains(t, v.Name, "Ada")

	m.away, m.err = -1, fmt.Errorf("unwrap: %w", checkpoint.ErrSealed)
	start = time.Now()
	_, err = p.Seal(t.Context(), letter{3, "Cleo", 1})
	require.ErrorIs(t, err, checkpoint.ErrSealed)
	require.Zero(t, time.Since(start), "what does not pass is not waited for")

	m.err = nil
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	start = time.Now()
	v, err = p.Seal(ctx, letter{3, "Cleo", 1})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Empty(t, v.Name)
	require.LessOrEqual(t, time.Since(start), time.Second)

	impatient := policyOf[letter](t, shred.New(m, shred.Patience(0)))
	_, err = impatient.Seal(t.Context(), letter{3, "Cleo", 1})
	require.ErrorIs(t, err, checkpoint.ErrKeysAway)
}

// A keeper that answers what it should not is an error.
func TestBrokenKeeper(t *testing.T) {
	m := newMoody()
	p := policyOf[letter](t, shred.New(m))
	for what, answers := range map[string]func([]shred.Found) []shred.Found{
		"the keeper was asked for 1 persons and answers for 0": func([]shred.Found) []shred.Found { return nil },
		"a key of 5 bytes":         func([]shred.Found) []shred.Found { return []shred.Found{{Key: []byte("short")}} },
		shred.ErrUnknown.Error():   func([]shred.Found) []shred.Found { return []shred.Found{{}} },
		shred.ErrForgotten.Error(): func(f []shred.Found) []shred.Found { return []shred.Found{{Key: f[0].Key, Forgotten: true}} },
	} {
		m.answers = answers
		v, err := p.Seal(t.Context(), letter{1, "Ada", 1})
		require.ErrorContains(t, err, what)
		require.Empty(t, v.Name)
		for name := range m.keys { // and remember nothing
			delete(m.keys, name)
		}
		p = policyOf[letter](t, shred.New(m))
	}
}

// While many seal and open, persons are forgotten: behind Forget nobody of them is sealed or opened any more.
func TestForgetWhileRunning(t *testing.T) {
	all := persons(t, shred.CacheSize(20))
	p := policyOf[letter](t, all)
	const people = 50
	forgotten := make([]chan struct{}, people)
	closed := make([]letter, people)
	for i := range people {
		forgotten[i] = make(chan struct{})
		var err error
		closed[i], err = p.Seal(t.Context(), letter{i + 1, "x", 1})
		require.NoError(t, err)
	}
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for w := range 8 {
		wg.Go(func() {
			for k := w; ; k++ {
				select {
				case <-stop:
					return
				default:
				}
				i := k % people
				var known bool
				select {
				case <-forgotten[i]:
					known = true
				default:
				}
				v, err := p.Open(t.Context(), closed[i])
				_, sealing := p.Seal(t.Context(), letter{i + 1, "x", 1})
				for _, err := range []error{err, sealing} {
					if err != nil && !errors.Is(err, shred.ErrForgotten) || known && err == nil {
						t.Errorf("person %d, forgotten before: %v: %v", i+1, known, err)
						return
					}
				}
				if err == nil && v.Name != "x" {
					t.Errorf("person %d has the name %q", i+1, v.Name)
				}
			}
		})
	}
	for i := 0; i < people; i += 2 {
		require.NoError(t, all.Forget(t.Context(), fmt.Sprint(i+1)))
		close(forgotten[i])
	}
	close(stop)
	wg.Wait()
	for i := range people {
		_, err := p.Open(t.Context(), closed[i])
		require.Equal(t, i%2 == 0, errors.Is(err, shred.ErrForgotten))
	}
}
