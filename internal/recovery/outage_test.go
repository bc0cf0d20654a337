package recovery_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// letters gives 20 letters a tenth of a second apart into a ledger.
func letters(l *ledger, f *faults) *stream.Pipeline {
	p := stream.New("letters")
	p.From(source.Generate(20, func(i int64) string { return string(rune('a' + i)) }, source.Rate(10))).To(ledgerSink{l, f}, stream.Name("ledger"))
	return p
}

const abc = "abcdefghijklmnopqrst"

// The disk that the sink and the store lie on is away for two seconds, at the
// beginning, in the midst and at the end. Restarts go on through that.
func TestOutageOfTheStore(t *testing.T) {
	for _, begin := range []time.Duration{0, 500 * time.Millisecond, 1800 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			f, l := steady(), &ledger{}
			start := time.Now()
			away := func() { f.away(start.Add(begin + 2*time.Second)) }
			if begin == 0 {
				away()
			} else {
				time.AfterFunc(begin, away)
			}
			store := faultyStore{checkpoint.Memory(), f}
			require.NoError(t, letters(l, f).Run(t.Context(), stream.Checkpoints(store, 150*time.Millisecond), stream.Restarts(10, 100*time.Millisecond)))
			require.Equal(t, strings.Split(abc, ""), l.sorted())
			require.Greater(t, time.Since(start), begin+2*time.Second)
			require.NotZero(t, f.hit["lock the store"])
		})
	}
}

// What cannot pass is not tried again.
func TestNotWorthARestart(t *testing.T) {
	made := func(t *testing.T) checkpoint.Store {
		store := checkpoint.Memory()
		require.NoError(t, letters(&ledger{}, steady()).Run(t.Context(), stream.Checkpoints(store, time.Hour)))
		return store
	}
	for name, x := range map[string]struct {
		spoil func(*testing.T, checkpoint.Store)
		opt   stream.RunOption
		p     func() *stream.Pipeline
		want  string
	}{
		"locked": {
			spoil: func(t *testing.T, s checkpoint.Store) {
				_, err := s.Lock()
				require.NoError(t, err)
			},
			want: "the store is in use",
		},
		"damaged": {
			spoil: func(t *testing.T, s checkpoint.Store) {
				require.NoError(t, s.Write("manifest-000000000001", []byte("damaged")))
			},
			want: "none of the checkpoints in memory can be read: checkpoint 1: in manifest-000000000001: damaged",
		},
		"later version": {
			spoil: func(t *testing.T, s checkpoint.Store) {
				change(t, s, "manifest-000000000001", func(b []byte) { b[9] = 99 })
			},
			want: "written by a later version",
		},
		"savepoint": {
			opt:  stream.FromSavepoint("never"),
			want: `no savepoint "never": the store has none`,
		},
		"other pipeline": {
			p: func() *stream.Pipeline {
				p := stream.New("numbers")
				p.From(source.Generate(1, func(int64) string { return "" })).To(ledgerSink{&ledger{}, steady()})
				return p
			},
			want: `the store is not of this pipeline: it is of pipeline "letters", not of "numbers"`,
		},
		"unknown operator": {
			p: func() *stream.Pipeline {
				p := stream.New("letters")
				p.From(source.Generate(1, func(int64) string { return "" })).To(ledgerSink{&ledger{}, steady()}, stream.Name("other"))
				return p
			},
			want: "holds state of ledger",
		},
		"rewind": {
			p:    func() *stream.Pipeline { return letters(&ledger{committed: 7}, steady()) },
			want: "the run begins with checkpoint 1, but the results of checkpoint 7 are there: they would come twice; who wants that has the ledger hold 1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := made(t)
				if x.spoil != nil {
					x.spoil(t, store)
				}
				if x.p == nil {
					x.p = func() *stream.Pipeline { return letters(&ledger{}, steady()) }
				}
				opts := []stream.RunOption{stream.Checkpoints(store, time.Hour), stream.Restarts(10, time.Minute)}
				if x.opt != nil {
					opts = append(opts, x.opt)
				}
				start := time.Now()
				err := x.p().Run(t.Context(), opts...)
				require.ErrorContains(t, err, x.want)
				require.Less(t, time.Since(start), time.Minute)
			})
		})
	}
}

// emptied is a store of which nothing is left from a time on.
type emptied struct {
	checkpoint.Store
	now atomic.Bool
}

func (s *emptied) List() ([]string, error) {
	if s.now.Load() {
		return nil, nil
	}
	return s.Store.List()
}

// A store that is empty where the run has made checkpoints is away: the run does
// not begin anew, and goes on when it is back.
func TestEmptyStoreIsNoBeginning(t *testing.T) {
	for _, back := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			l, f := &ledger{}, steady()
			store := &emptied{Store: checkpoint.Memory()}
			time.AfterFunc(time.Second, func() {
				store.now.Store(true)
				f.away(time.Now().Add(time.Second))
			})
			if back {
				time.AfterFunc(3*time.Second, func() { store.now.Store(false) })
			}
			err := letters(l, f).Run(t.Context(), stream.Checkpoints(store, 150*time.Millisecond), stream.Restarts(7, 100*time.Millisecond))
			if back {
				require.NoError(t, err)
				require.Equal(t, strings.Split(abc, ""), l.sorted())
				return
			}
			require.ErrorContains(t, err, "which this run has made, is not in the store any more")
		})
	}
}

// A place whose results were deleted, or put back from a copy, is not
// written to as if nothing had happened. It is that the run was killed between
// the manifest and the commit where it is behind by one checkpoint.
func TestLostResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, f, store := &ledger{}, steady(), checkpoint.Memory()
		saving := stream.Checkpoints(store, 250*time.Millisecond)
		time.AfterFunc(1100*time.Millisecond, func() { f.always("before commit") })
		require.ErrorIs(t, letters(l, f).Run(t.Context(), saving), errFault)
		f.always("")
		all, err := checkpoint.Inspect(store)
		require.NoError(t, err)
		newest := all[0].ID
		require.Equal(t, newest-1, l.committed)
		require.Equal(t, []checkpoint.Sink{{Operator: "ledger", Committed: newest - 1}}, all[0].Sinks)

		for _, put := range []int64{0, newest - 2} {
			copied := &ledger{committed: put}
			var lost *stream.LostResultsError
			err := letters(copied, f).Run(t.Context(), saving, stream.Restarts(10, time.Minute))
			require.ErrorAs(t, err, &lost)
			require.Equal(t, stream.LostResultsError{Begins: newest, Shown: newest - 1, Committed: put, Marker: "the ledger"}, *lost)
			require.ErrorContains(t, err, fmt.Sprintf("who wants to go on without it has the ledger hold %d", newest-1))
			require.Empty(t, copied.rows)
		}
		require.NoError(t, letters(l, f).Run(t.Context(), saving))
		require.Equal(t, strings.Split(abc, ""), l.sorted())
	})
}

// What happens to the results while the run is at work is found out before the
// next checkpoint is made.
func TestLostResultsOfARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, store := &ledger{}, checkpoint.Memory()
		time.AfterFunc(time.Second, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.committed, l.rows = 0, nil
		})
		err := letters(l, steady()).Run(t.Context(), stream.Checkpoints(store, 150*time.Millisecond))
		_, ok := errors.AsType[*stream.LostResultsError](err)
		require.True(t, ok, "%v", err)
		require.Empty(t, l.rows)
	})
}
