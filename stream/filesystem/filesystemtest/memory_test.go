package filesystemtest_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/filesystemtest"
)

// whole hides that a file system can truncate.
type whole struct{ filesystem.Writable }

func TestMemory(t *testing.T) {
	for name, as := range map[string]func(filesystem.Truncater) filesystem.Writable{
		"whole":       func(s filesystem.Truncater) filesystem.Writable { return s },
		"no truncate": func(s filesystem.Truncater) filesystem.Writable { return whole{s} },
		"faulty": func(s filesystem.Truncater) filesystem.Writable {
			return filesystemtest.Faulty(s, func(filesystemtest.Call) filesystemtest.Fault { return filesystemtest.None })
		},
	} {
		t.Run(name, func(t *testing.T) {
			var m *filesystemtest.Memory
			filesystemtest.Suite{
				System: func(testing.TB) func() filesystem.Writable {
					m = filesystemtest.NewMemory()
					return func() filesystem.Writable { return as(m.Dir()) }
				},
				Crash: func(testing.TB) (func() filesystem.Writable, func()) {
					m = filesystemtest.NewMemory()
					rnd := rand.New(rand.NewPCG(rand.Uint64(), 0))
					return func() filesystem.Writable { return as(m.Dir()) }, func() { m.Crash(rnd) }
				},
				Away: func(testing.TB) filesystem.Writable {
					m = filesystemtest.NewMemory()
					s := as(m.Dir())
					m.Kill()
					return s
				},
				InUse: func() int { return m.Open() },
			}.Run(t)
		})
	}
}

func TestFaulty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next := filesystemtest.None
		m := filesystemtest.NewMemory()
		d := filesystemtest.Faulty(m.Dir(), func(filesystemtest.Call) filesystemtest.Fault {
			f := next
			next = filesystemtest.None
			return f
		})
		require.NoError(t, d.Put(t.Context(), "a", nil))
		next = filesystemtest.Fails
		require.ErrorIs(t, d.Rename(t.Context(), "a", "b"), filesystemtest.ErrFault)
		next = filesystemtest.Lost
		require.ErrorIs(t, d.Rename(t.Context(), "a", "b"), filesystemtest.ErrFault)
		_, err := d.Stat(t.Context(), "b")
		require.NoError(t, err)

		f, err := d.Create(t.Context(), "c")
		require.NoError(t, err)
		next = filesystemtest.Torn
		require.ErrorIs(t, f.Write(t.Context(), []byte("12345678")), filesystemtest.ErrFault)
		next = filesystemtest.Full
		require.ErrorContains(t, f.Write(t.Context(), []byte("12345678")), "no space left")
		require.NoError(t, f.Close(t.Context()))
		info, err := d.Stat(t.Context(), "c")
		require.NoError(t, err)
		assert.EqualValues(t, 4, info.Size)

		next = filesystemtest.Slow
		before := time.Now()
		require.NoError(t, d.Remove(t.Context(), "c"))
		assert.Equal(t, time.Second, time.Since(before))

		count := func() (n int) {
			for _, err := range d.List(t.Context(), ".") {
				if err == nil {
					n++
				} else if !errors.Is(err, filesystemtest.ErrFault) {
					t.Error(err)
				}
			}
			return n
		}
		assert.Equal(t, 1, count())
		require.NoError(t, d.Put(t.Context(), "d", nil))
		next = filesystemtest.Stale
		assert.Equal(t, 1, count())
		assert.Equal(t, 2, count())
		next = filesystemtest.Lost
		assert.Equal(t, 1, count())
	})
}
