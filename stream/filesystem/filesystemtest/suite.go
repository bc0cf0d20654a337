package filesystemtest

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"testing"

	"github.com/freshet-go/freshet/stream/filesystem"
)

// A Suite is what the tests have to know about a file system.
type Suite struct {
	// System returns what opens a directory that nothing is in, and that
	// need not be there yet. Each call of open is another process.
	System func(t testing.TB) (open func() filesystem.Writable)

	// Crash, if set, is System for one that can lose what was not synced: crash does
	// so. What was opened before it is not used again.
	Crash func(t testing.TB) (open func() filesystem.Writable, crash func())

	// Away, if set, returns a file system whose directory has gone, or that is
	// not reached. Each call has to be an error that is no answer.
	Away func(t testing.TB) filesystem.Writable

	// Many is how many files the longest list has, for file systems that take long to make one.
	// It should be several of its pages. The default is 2500.
	Many int

	// InUse, if set, returns how many connections or files are open. It has
	// to be 0 again after each test.
	InUse func() int
}

// Run runs the tests, each as a subtest of t.
func (s Suite) Run(t *testing.T) {
	for name, test := range map[string]func(*system){
		"create":                   create,
		"write":                    write,
		"flush":                    flush,
		"a writer that dies":       writerDies,
		"put":                      put,
		"rename":                   rename,
		"rename never overwrites":  renameTaken,
		"rename by several":        renameBySeveral,
		"remove":                   remove,
		"mkdir":                    mkdir,
		"list":                     list,
		"list of many":             listMany,
		"stat":                     stat,
		"identity":                 identity,
		"open at an offset":        openAt,
		"truncate":                 truncate,
		"names":                    names,
		"calls at once":            atOnce,
		"a context that has ended": ended,
	} {
		s.test(t, name, func(t *testing.T) {
			open := s.System(t)
			x := &system{t, t.Context(), open(), open, cmp.Or(s.Many, 2500)}
			x.ok(x.Mkdir(x.ctx, "."))
			test(x)
		})
	}
	if s.Crash != nil {
		s.test(t, "crash", s.crash)
	}
	if s.Away != nil {
		s.test(t, "away", s.away)
	}
}

func (s Suite) test(t *testing.T, name string, f func(t *testing.T)) {
	t.Run(name, func(t *testing.T) {
		f(t)
		if s.InUse != nil {
			if n := s.InUse(); n != 0 {
				t.Errorf("%d left open", n)
			}
		}
	})
}

// A system is the file system of one test.
type system struct {
	*testing.T
	ctx context.Context
	filesystem.Writable
	open func() filesystem.Writable
	many int
}

// String is that of the file system, and not of the test.
func (x *system) String() string { return x.Writable.String() }

func (x *system) ok(err error) {
	x.Helper()
	if err != nil {
		x.Fatal(err)
	}
}

// fails checks that err is want, and says what was tried with what.
func (x *system) fails(what string, err, want error) {
	x.Helper()
	if !errors.Is(err, want) {
		x.Errorf("%s: %v, not %v", what, err, want)
	}
	x.says(what, err)
}

// says checks that err says what was tried with what.
func (x *system) says(what string, err error) {
	x.Helper()
	if e, ok := errors.AsType[*fs.PathError](err); !ok || e.Op == "" || e.Path == "" {
		x.Errorf("%s: %v (%T) is no fs.PathError that says what was tried with what", what, err, err)
	}
}

// file makes a file that holds data.
func (x *system) file(name, data string) {
	x.Helper()
	f, err := x.Create(x.ctx, name)
	x.ok(err)
	x.ok(f.Write(x.ctx, []byte(data)))
	x.ok(f.Sync(x.ctx))
	x.ok(f.Close(x.ctx))
	x.ok(x.Sync(x.ctx, "."))
}

// holds checks that another process reads want from a file, from the byte at on.
func (x *system) holds(name string, at int64, want string) {
	x.Helper()
	r, _, err := x.Open(x.ctx, name, at)
	x.ok(err)
	got, err := io.ReadAll(r)
	x.ok(err)
	x.ok(r.Close())
	if string(got) != want {
		x.Errorf("%s holds %q from byte %d on, not %q", name, got, at, want)
	}
}

// unfinished returns what another process reads from a file that was left in the midst of being written. Open has to tell how much that is.
func (x *system) unfinished(name string) string {
	x.Helper()
	r, info, err := x.Open(x.ctx, name, 0)
	x.ok(err)
	got, err := io.ReadAll(r)
	x.ok(err)
	x.ok(r.Close())
	if info.Size != int64(len(got)) {
		x.Errorf("Open of %s tells of %d bytes, and there are %d", name, info.Size, len(got))
	}
	return string(got)
}

// gone checks that a name is not there.
func (x *system) gone(name string) {
	x.Helper()
	_, err := x.Stat(x.ctx, name)
	x.fails("Stat of "+name, err, fs.ErrNotExist)
	_, _, err = x.Open(x.ctx, name, 0)
	x.fails("Open of "+name, err, fs.ErrNotExist)
}

// listed returns what a directory has, ascending, and directories with a slash behind them.
func (x *system) listed(dir string) (all []string) {
	x.Helper()
	for i, err := range x.List(x.ctx, dir) {
		x.ok(err)
		if i.Dir {
			i.Name += "/"
		}
		all = append(all, i.Name)
	}
	slices.Sort(all)
	return all
}
