package hdfsdir

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/filesystem"
)

// names are the calls that Rename makes, of a directory of files. The first Rename gets no answer.
type names struct {
	Calls
	have    map[string]bool
	renames int
	first   func(from, to string) // has the first Rename happen, or not yet
	second  func(from, to string) // is called before the second one
}

var errNoAnswer = errors.New("i/o timeout")

func (n *names) Stat(_ context.Context, path string) (filesystem.Info, error) {
	switch {
	case path == "/d":
		return filesystem.Info{Dir: true}, nil
	case !n.have[path]:
		return filesystem.Info{}, NewAnswer("java.io.FileNotFoundException", "")
	}
	return filesystem.Info{ID: "7"}, nil
}

func (n *names) Recover(ctx context.Context, path string) (bool, error) {
	_, err := n.Stat(ctx, path)
	return err == nil, err
}

func (n *names) Overwrites() bool { return true }

func (n *names) Rename(_ context.Context, from, to string, _ bool) error {
	if n.renames++; n.renames == 1 {
		if n.first != nil {
			n.first(from, to)
		}
		return errNoAnswer
	}
	if n.renames == 2 && n.second != nil {
		n.second(from, to)
	}
	switch {
	case !n.have[from]:
		return NewAnswer("java.io.FileNotFoundException", "")
	case n.have[to]:
		return NewAnswer("org.apache.hadoop.fs.FileAlreadyExistsException", "")
	}
	n.move(from, to)
	return nil
}

func (n *names) move(from, to string) {
	delete(n.have, from)
	n.have[to] = true
}

// A Rename whose first call gets no answer tells what has become of the file, whenever that call happens.
func TestRenameWithoutAnswer(t *testing.T) {
	taken := func(n *names) func(from, to string) {
		return func(from, to string) {
			n.move(from, to)
			delete(n.have, to)
		}
	}
	for name, c := range map[string]struct {
		set  func(n *names)
		want error
		not  bool // an answer
	}{
		"it never happens":               {set: func(*names) {}},
		"it happens at once":             {set: func(n *names) { n.first = n.move }},
		"it happens behind the look":     {set: func(n *names) { n.second = n.move }},
		"it happens, and is taken away":  {set: func(n *names) { n.first = taken(n) }, not: true},
		"late, and it is taken away":     {set: func(n *names) { n.second = taken(n) }, not: true},
		"another file has the name":      {set: func(n *names) { n.have["/d/b"] = true }, want: fs.ErrExist},
		"another file comes meanwhile":   {set: func(n *names) { n.second = func(_, to string) { n.have[to] = true } }, want: fs.ErrExist},
		"another one comes behind it":    {set: func(n *names) { n.second = func(from, to string) { n.move(from, to); n.have[to] = true } }},
		"somebody takes the file itself": {set: func(n *names) { n.second = func(from, _ string) { delete(n.have, from) } }, not: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &names{have: map[string]bool{"/d/.a": true}}
				c.set(n)
				err := New(n, "hdfs://n/d", "/d", time.Minute).Rename(t.Context(), ".a", "b")
				switch {
				case c.not:
					require.Error(t, err)
					require.False(t, errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist), "%v", err)
					require.ErrorContains(t, err, "rename hdfs://n/d/.a: no answer came")
				case c.want != nil:
					require.ErrorIs(t, err, c.want)
					require.True(t, n.have["/d/.a"])
				default:
					require.NoError(t, err)
					require.False(t, n.have["/d/.a"])
					require.True(t, n.have["/d/b"])
				}
			})
		})
	}
}

// What is answered at once stands: there is no file, or one that has the name.
func TestRenameAnswered(t *testing.T) {
	n := &names{have: map[string]bool{"/d/a": true, "/d/b": true}, renames: 1}
	d := New(n, "hdfs://n/d", "/d", time.Minute)
	require.ErrorIs(t, d.Rename(t.Context(), "none", "c"), fs.ErrNotExist)
	require.ErrorIs(t, d.Rename(t.Context(), "a", "b"), fs.ErrExist)
	require.NoError(t, d.Rename(t.Context(), "a", "c"))
}
