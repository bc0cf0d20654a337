package filesystemtest

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/freshet-go/freshet/stream/filesystem"
)

// create: a file that is there is not made again.
func create(x *system) {
	x.file("a", "first")
	_, err := x.Create(x.ctx, "a")
	x.fails("Create of a file that is there", err, fs.ErrExist)
	x.holds("a", 0, "first")
	x.file("empty", "")
	x.holds("empty", 0, "")
}

// write: what was written comes in its order, and the slice is the caller's again.
func write(x *system) {
	f, err := x.Create(x.ctx, "a")
	x.ok(err)
	p := make([]byte, 1<<17)
	var want strings.Builder
	for i := range 20 {
		n := i * i * 300
		for j := range p[:n] {
			p[j] = byte('a' + i)
		}
		x.ok(f.Write(x.ctx, p[:n]))
		want.Write(p[:n])
		if i%7 == 0 {
			x.ok(f.Sync(x.ctx))
			if info, err := x.Stat(x.ctx, "a"); err != nil || info.Size < int64(want.Len()) {
				x.Errorf("%d bytes were synced, and Stat tells of %d: %v", want.Len(), info.Size, err)
			}
		}
	}
	x.ok(f.Sync(x.ctx))
	x.ok(f.Close(x.ctx))
	x.holds("a", 0, want.String())
}

// flush: a file that has Flush goes on behind it, and is what was written, each byte once.
func flush(x *system) {
	f, err := x.Create(x.ctx, "a")
	x.ok(err)
	flusher, ok := f.(filesystem.Flusher)
	if !ok {
		x.ok(f.Close(x.ctx))
		return
	}
	x.ok(flusher.Flush(x.ctx))
	want := ""
	for i := range 4 {
		for range i {
			x.ok(f.Write(x.ctx, []byte("some text")))
			want += "some text"
		}
		x.ok(flusher.Flush(x.ctx))
		x.ok(flusher.Flush(x.ctx))
		if i == 1 {
			x.ok(f.Sync(x.ctx))
		}
	}
	x.ok(f.Sync(x.ctx))
	x.ok(f.Close(x.ctx))
	x.holds("a", 0, want)
}

// writerDies: what a process has synced is there for another, which may rename
// and remove the file.
func writerDies(x *system) {
	for _, name := range []string{".a.tmp", ".b.tmp"} {
		f, err := x.Create(x.ctx, name)
		x.ok(err)
		x.ok(f.Write(x.ctx, []byte("synced")))
		x.ok(f.Sync(x.ctx))
		defer f.Close(x.ctx) // what it says is of no interest: the file is another's
	}
	x.Writable = x.open()
	info, err := x.Stat(x.ctx, ".a.tmp")
	x.ok(err)
	if info.Size < 6 {
		x.Errorf("6 bytes were synced, and Stat tells of %d", info.Size)
	}
	if got := x.unfinished(".a.tmp"); got != "synced" {
		x.Errorf("a file of a writer that died holds %q, and \"synced\" was", got)
	}
	x.ok(x.Rename(x.ctx, ".a.tmp", ".c.tmp"))
	x.holds(".c.tmp", 0, "synced")
	x.ok(x.Remove(x.ctx, ".b.tmp"))
	x.gone(".b.tmp")
}

// put: it replaces, and leaves nothing beside the file.
func put(x *system) {
	for _, data := range []string{"1", "", "a longer one", "2"} {
		x.ok(x.Put(x.ctx, "a", []byte(data)))
		x.holds("a", 0, data)
	}
	if got := x.listed("."); !slices.Equal(got, []string{"a"}) {
		x.Errorf("behind Put there are %q", got)
	}
}

// rename: one name goes as the other comes.
func rename(x *system) {
	x.file(".a.tmp", "data")
	x.ok(x.Rename(x.ctx, ".a.tmp", "a"))
	x.holds("a", 0, "data")
	x.gone(".a.tmp")
	x.fails("Rename of a file that has been renamed", x.Rename(x.ctx, ".a.tmp", "b"), fs.ErrNotExist)
	x.gone("b")
	if got := x.listed("."); !slices.Equal(got, []string{"a"}) {
		x.Errorf("behind Rename there are %q", got)
	}
}

// renameTaken: a file that is there stays what it is.
func renameTaken(x *system) {
	x.file("from", "new")
	x.file("to", "old")
	x.fails("Rename over a file", x.Rename(x.ctx, "from", "to"), fs.ErrExist)
	x.ok(x.Mkdir(x.ctx, "dir"))
	if slices.Contains(x.listed("."), "dir/") { // there are directories
		if err := x.Rename(x.ctx, "from", "dir"); err == nil {
			x.Error("Rename over a directory is no error")
		}
	}
	x.holds("from", 0, "new")
	x.holds("to", 0, "old")
	x.ok(x.Remove(x.ctx, "to"))
	x.ok(x.Rename(x.ctx, "from", "to"))
	x.holds("to", 0, "new")
}

// renameBySeveral: of several that want one name, or one file, one gets it.
func renameBySeveral(x *system) {
	const n = 8
	for i := range n {
		x.file(fmt.Sprint("from", i), fmt.Sprint(i))
	}
	count := func(want error, rename func(system filesystem.Writable, i int) error) {
		x.Helper()
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for i := range n {
			wg.Go(func() {
				err := rename(x.open(), i)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if !errors.Is(err, want) {
					x.Errorf("Rename by several: %v, not %v", err, want)
				}
			})
		}
		wg.Wait()
		if won != 1 {
			x.Errorf("%d of %d Renames were successful, not 1", won, n)
		}
	}
	count(fs.ErrExist, func(s filesystem.Writable, i int) error { return s.Rename(x.ctx, fmt.Sprint("from", i), "to") })
	if got := x.listed("."); len(got) != n {
		x.Errorf("of %d files there are %q", n, got)
	}
	count(fs.ErrNotExist, func(s filesystem.Writable, i int) error { return s.Rename(x.ctx, "to", fmt.Sprint("last", i)) })
	if got := x.listed("."); len(got) != n {
		x.Errorf("of %d files there are %q", n, got)
	}
}

func remove(x *system) {
	x.file("a", "data")
	x.ok(x.Remove(x.ctx, "a"))
	x.gone("a")
	x.fails("Remove of a file that is not there", x.Remove(x.ctx, "a"), fs.ErrNotExist)
	x.file("a", "again")
	x.holds("a", 0, "again")
}

func mkdir(x *system) {
	for range 2 {
		x.ok(x.Mkdir(x.ctx, "deep/er"))
	}
	x.file("deep/er/a", "data")
	x.ok(x.Sync(x.ctx, "deep/er"))
	x.holds("deep/er/a", 0, "data")
	if got := x.listed("deep"); !slices.Equal(got, []string{"er/"}) {
		x.Errorf("deep has %q", got)
	}
	x.ok(x.Rename(x.ctx, "deep/er/a", "deep/er/b"))
	x.holds("deep/er/b", 0, "data")
}

// truncate: a file is cut, and is not made longer, where the file system can.
func truncate(x *system) {
	sys, ok := x.Writable.(filesystem.Truncater)
	if !ok {
		return
	}
	x.file("a", "0123456789")
	for _, size := range []int64{10, 4, 4} {
		x.ok(sys.Truncate(x.ctx, "a", size))
		x.holds("a", 0, "0123456789"[:size])
	}
	err := sys.Truncate(x.ctx, "a", 5)
	if err == nil {
		x.Error("Truncate makes a file longer")
	} else {
		x.says("Truncate", err)
	}
	x.holds("a", 0, "0123")
	x.fails("Truncate of a file that is not there", sys.Truncate(x.ctx, "b", 0), fs.ErrNotExist)
}
