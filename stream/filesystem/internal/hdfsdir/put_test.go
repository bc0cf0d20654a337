package hdfsdir

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/filesystem"
)

// A gateway is files in the directory /d, over which nothing is renamed.
type gateway struct {
	files map[string]string
	calls int                  // how many there were
	on    func(call int) error // is told of each before it happens, if it is set; an error of it is the answer
	lost  int                  // the number of a call that happens, and whose answer gets lost
}

func (g *gateway) call(f func() error) error {
	g.calls++
	number := g.calls
	if g.on != nil {
		if err := g.on(number); err != nil {
			return err
		}
	}
	err := f()
	if number == g.lost {
		return errNoAnswer
	}
	return err
}

var errMissing, errTaken = NewAnswer("java.io.FileNotFoundException", ""), NewAnswer("org.apache.hadoop.fs.FileAlreadyExistsException", "")

func (g *gateway) there(at string) error {
	if _, ok := g.files[at]; !ok {
		return errMissing
	}
	return nil
}

func (g *gateway) Overwrites() bool { return false }

func (g *gateway) Fences() bool { return false }

func (g *gateway) Stat(_ context.Context, at string) (info filesystem.Info, err error) {
	err = g.call(func() error {
		if at == "/d" {
			info.Dir = true
			return nil
		}
		info.Size = int64(len(g.files[at]))
		return g.there(at)
	})
	return info, err
}

func (g *gateway) Recover(ctx context.Context, at string) (bool, error) {
	_, err := g.Stat(ctx, at)
	return err == nil, err
}

func (g *gateway) Create(_ context.Context, at string) error {
	return g.call(func() error {
		if g.there(at) == nil {
			return errTaken
		}
		g.files[at] = ""
		return nil
	})
}

func (g *gateway) Remove(_ context.Context, at string) error {
	return g.call(func() error {
		err := g.there(at)
		delete(g.files, at)
		return err
	})
}

func (g *gateway) Rename(_ context.Context, from, to string, overwrite bool) error {
	return g.call(func() error {
		switch {
		case overwrite:
			return errors.New("it cannot")
		case g.there(from) != nil:
			return errMissing
		case g.there(to) == nil:
			return errTaken
		}
		g.files[to] = g.files[from]
		delete(g.files, from)
		return nil
	})
}

func (g *gateway) Open(_ context.Context, at string, _ int64, _ filesystem.Info) (r io.ReadCloser, err error) {
	err = g.call(func() error {
		r = io.NopCloser(strings.NewReader(g.files[at]))
		return g.there(at)
	})
	return r, err
}

func (g *gateway) Append(_ context.Context, at string) (Segment, error) {
	return &segment{g, at, ""}, g.call(func() error { return g.there(at) })
}

func (g *gateway) List(context.Context, string, string, func(filesystem.Info) bool) error {
	panic("it is not listed")
}
func (g *gateway) Mkdir(context.Context, string) error { panic("nothing is made") }
func (g *gateway) Truncate(context.Context, string, int64) (bool, error) {
	panic("nothing is truncated")
}

type segment struct {
	g        *gateway
	at, data string
}

func (s *segment) Abort() {}

func (s *segment) Write(_ context.Context, p []byte) error {
	s.data += string(p)
	return nil
}

func (s *segment) Close(context.Context) error {
	return s.g.call(func() error {
		err := s.g.there(s.at)
		if err == nil {
			s.g.files[s.at] += s.data
		}
		return err
	})
}

// process is another one that uses the directory.
func (g *gateway) process() *Dir { return New(g, "hdfs://n/d", "/d", time.Minute) }

// holds returns what a file holds, by both ways to ask, or "none".
func (g *gateway) holds(t *testing.T, name string) string {
	t.Helper()
	d := g.process()
	info, statErr := d.Stat(t.Context(), name)
	r, _, err := d.Open(t.Context(), name, 0)
	if errors.Is(err, fs.ErrNotExist) {
		require.ErrorIs(t, statErr, fs.ErrNotExist)
		return "none"
	}
	require.NoError(t, err)
	require.NoError(t, statErr)
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	require.EqualValues(t, info.Size, len(data))
	return string(data)
}

// each runs a test for a file that is there and one that is not, and for each call that Put makes.
func each(t *testing.T, f func(t *testing.T, g *gateway, old string, call int)) {
	for _, old := range []string{"old", "none"} {
		began := func() *gateway {
			g := &gateway{files: map[string]string{}}
			if old != "none" {
				g.files["/d/.a"] = old
			}
			return g
		}
		g := began()
		require.NoError(t, g.process().Put(t.Context(), ".a", []byte("new")))
		require.Greater(t, g.calls, 6)
		for call := 1; call <= g.calls; call++ {
			synctest.Test(t, func(t *testing.T) { f(t, began(), old, call) })
		}
	}
}

// Where nothing is renamed over a file, a process that dies at any call of Put leaves the old file or the new one, and the next Put goes on.
func TestPutOfTheDead(t *testing.T) {
	each(t, func(t *testing.T, g *gateway, old string, call int) {
		for _, happens := range []bool{false, true} { // the last call
			g := &gateway{files: maps.Clone(g.files)}
			dead := false
			g.on = func(n int) error {
				if dead || n == call && !happens {
					dead = true
					return &Lasting{errors.New("it is dead")}
				}
				dead = n == call
				return nil
			}
			_ = g.process().Put(t.Context(), ".a", []byte("new")) // nobody hears of it
			g.on = nil
			if left := maps.Clone(g.files); g.process().Remove(t.Context(), ".a") == nil {
				require.Equal(t, "none", g.holds(t, ".a"), "what is removed stays away")
				g.files = left
			}
			seen := g.holds(t, ".a")
			require.Contains(t, []string{old, "new"}, seen)
			require.Equal(t, seen, g.holds(t, ".a"), "it stays so")
			require.NoError(t, g.process().Put(t.Context(), ".a", []byte("newer")))
			require.Equal(t, "newer", g.holds(t, ".a"))
			require.Equal(t, []string{"/d/.a"}, slices.Collect(maps.Keys(g.files)), "nothing is left beside it")
		}
	})
}

// An answer that gets lost, to any call, is made up for.
func TestPutWithoutAnswer(t *testing.T) {
	each(t, func(t *testing.T, g *gateway, _ string, call int) {
		g.lost = call
		require.NoError(t, g.process().Put(t.Context(), ".a", []byte("new")))
		require.Equal(t, "new", g.holds(t, ".a"))
		require.NoError(t, g.process().Put(t.Context(), ".a", []byte("newer")))
		require.Equal(t, "newer", g.holds(t, ".a"))
		require.Equal(t, []string{"/d/.a"}, slices.Collect(maps.Keys(g.files)))
	})
}

// Who reads while it is put sees the old file or the new one, and does not keep it from being put.
func TestPutBesideReaders(t *testing.T) {
	each(t, func(t *testing.T, g *gateway, old string, call int) {
		reading := false
		g.on = func(n int) error {
			if n == call && !reading {
				reading = true
				require.Contains(t, []string{old, "new"}, g.holds(t, ".a"))
			}
			return nil
		}
		require.NoError(t, g.process().Put(t.Context(), ".a", []byte("new")))
		require.True(t, reading)
		require.Equal(t, "new", g.holds(t, ".a"))
		require.Equal(t, []string{"/d/.a"}, slices.Collect(maps.Keys(g.files)))
	})
}
