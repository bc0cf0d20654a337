package filesystemtest

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
)

// crash: what was synced is there, and no file has a name that it was not given
// or half of what it should have.
func (s Suite) crash(t *testing.T) {
	for range 20 { // of chance
		open, crash := s.Crash(t)
		x := &system{t, t.Context(), open(), open, 0}
		x.ok(x.Mkdir(x.ctx, "."))
		x.file("synced", "data")
		x.ok(x.Put(x.ctx, "put", []byte("1")))
		x.file(".renamed.tmp", "data")
		x.ok(x.Rename(x.ctx, ".renamed.tmp", "renamed"))
		x.ok(x.Sync(x.ctx, "."))
		x.file(".perhaps.tmp", "data")
		f, err := x.Create(x.ctx, ".open.tmp")
		x.ok(err)
		x.ok(f.Write(x.ctx, []byte("synced")))
		x.ok(f.Sync(x.ctx))
		x.ok(f.Write(x.ctx, []byte("not")))
		x.ok(x.Sync(x.ctx, "."))
		x.ok(x.Rename(x.ctx, ".perhaps.tmp", "perhaps"))
		x.ok(x.Put(x.ctx, "put", []byte("2")))
		x.ok(x.Put(x.ctx, "put first", []byte("1")))
		crash()

		x.Writable = open()
		x.holds("synced", 0, "data")
		x.holds("put", 0, "2")
		x.holds("put first", 0, "1")
		x.holds("renamed", 0, "data")
		x.gone(".renamed.tmp")
		there := 0
		for _, name := range []string{".perhaps.tmp", "perhaps"} {
			if _, err := x.Stat(x.ctx, name); err == nil {
				x.holds(name, 0, "data")
				there++
			}
		}
		if there != 1 {
			x.Errorf("a file that was renamed before a crash has %d names", there)
		}
		info, err := x.Stat(x.ctx, ".open.tmp")
		x.ok(err)
		if got := x.unfinished(".open.tmp"); len(got) < 6 || info.Size < int64(len(got)) || !strings.HasPrefix("syncednot", got) {
			x.Errorf("of a file of which \"synced\" was synced, and \"not\" was not, there is %q, and Stat tells of %d bytes", got, info.Size)
		}
	}
}

// away: an error that is no answer.
func (s Suite) away(t *testing.T) {
	sys, ctx := s.Away(t), t.Context()
	x := &system{T: t, ctx: ctx, Writable: sys}
	_, stat := sys.Stat(ctx, "a")
	_, _, open := sys.Open(ctx, "a", 0)
	_, create := sys.Create(ctx, "a")
	for what, err := range map[string]error{
		"Stat": stat, "Open": open, "Create": create, "Put": sys.Put(ctx, "a", nil), "Rename": sys.Rename(ctx, "a", "b"),
		"Remove": sys.Remove(ctx, "a"), "Sync": sys.Sync(ctx, "."),
	} {
		switch {
		case err == nil:
			t.Errorf("%s in a directory that is away is no error", what)
		case errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist):
			t.Errorf("%s in a directory that is away answers: %v", what, err)
		default:
			x.says(what, err)
		}
	}
	if strings.TrimSpace(sys.String()) == "" {
		t.Error("String is empty")
	}
}
