package filesystemtest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
)

// list: everything once, with its size, and a caller that has enough.
func list(x *system) {
	if got := x.listed("."); len(got) > 0 {
		x.Fatalf("a new directory has %q", got)
	}
	x.ok(x.Mkdir(x.ctx, "sub"))
	x.file("a", "12345")
	x.file(".hidden", "")
	x.file("sub/b", "1")
	if got, want := x.listed("."), []string{".hidden", "a", "sub/"}; !slices.Equal(got, want) {
		x.Errorf("List gives %q, not %q", got, want)
	}
	if got, want := x.listed("sub"), []string{"b"}; !slices.Equal(got, want) {
		x.Errorf("List of sub gives %q, not %q", got, want)
	}
	for i, err := range x.List(x.ctx, ".") {
		x.ok(err)
		if i.Name == "a" && i.Size != 5 {
			x.Errorf("List tells of %d bytes, not 5", i.Size)
		}
	}
	for range x.List(x.ctx, ".") {
		break
	}
	if _, err := x.Stat(x.ctx, "none"); err == nil {
		x.Error("none is there")
	}
	for _, err := range x.List(x.ctx, "none") { // it may be empty
		if err != nil {
			x.says("List of no directory", err)
		}
	}
}

// listMany: more than one page of most servers.
func listMany(x *system) {
	n := x.many
	var want []string
	for i := range n {
		name := fmt.Sprintf("%05d", i)
		f, err := x.Create(x.ctx, name)
		x.ok(err)
		x.ok(f.Close(x.ctx))
		want = append(want, name)
	}
	if got := x.listed("."); !slices.Equal(got, want) {
		x.Errorf("List gives %d names, not %d", len(got), n)
	}
}

func stat(x *system) {
	x.file("a", "123")
	info, err := x.Stat(x.ctx, "a")
	x.ok(err)
	if info.Name != "a" || info.Size != 3 || info.Dir {
		x.Errorf("Stat of a file of 3 bytes gives %+v", info)
	}
	x.ok(x.Mkdir(x.ctx, "sub"))
	x.file("sub/b", "")
	info, err = x.Stat(x.ctx, "sub")
	x.ok(err)
	if info.Name != "sub" || !info.Dir {
		x.Errorf("Stat of a directory gives %+v", info)
	}
	x.gone("none")
	x.gone("sub/none")
}

// identity: it stays with the file, and another file of the name has another.
func identity(x *system) {
	x.file("a", "one")
	first, err := x.Stat(x.ctx, "a")
	x.ok(err)
	r, opened, err := x.Open(x.ctx, "a", 0)
	x.ok(err)
	x.ok(r.Close())
	if first.ID != opened.ID || opened.Size != 3 {
		x.Errorf("Stat gives %+v, and Open %+v", first, opened)
	}
	x.ok(x.Rename(x.ctx, "a", "b"))
	x.file("a", "two")
	second, err := x.Stat(x.ctx, "a")
	x.ok(err)
	moved, err := x.Stat(x.ctx, "b")
	x.ok(err)
	if first.ID != "" && (first.ID == second.ID || first.ID != moved.ID) {
		x.Errorf("a file is %q, %q under its new name, and another one that has its old name %q", first.ID, moved.ID, second.ID)
	}
}

func openAt(x *system) {
	x.file("a", "0123456789")
	for at := range int64(12) {
		x.holds("a", at, "0123456789"[min(at, 10):])
	}
	r, info, err := x.Open(x.ctx, "a", 100)
	x.ok(err)
	if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		x.Errorf("behind the end Read gives %d bytes and %v", n, err)
	}
	x.ok(r.Close())
	if info.Size != 10 {
		x.Errorf("Open at an offset tells of %d bytes, not 10", info.Size)
	}
}

// names: whatever a sink or a shop may call a file.
func names(x *system) {
	all := []string{
		".orders-%2A.jsonl.checkpoint", ".orders-20260131T000000Z-000-06dr1n3ck0a7b2c9-000000.jsonl.06dr1n3ck0a7b2c9.tmp",
		"with space", "100%", "%2F", "a+b&c=d", "naïve-日本語", "semi;colon", "hash#tag",
	}
	for _, name := range all {
		x.file(name, name)
	}
	slices.Sort(all)
	if got := x.listed("."); !slices.Equal(got, all) {
		x.Errorf("List gives %q, not %q", got, all)
	}
	for _, name := range all {
		x.holds(name, 0, name)
	}
	for _, name := range []string{"../up", "/root", "a//b", ""} {
		_, err := x.Stat(x.ctx, name)
		if err == nil {
			x.Errorf("Stat of %q is no error", name)
			continue
		}
		x.says("Stat of a bad name", err)
	}
}

// atOnce: several goroutines make, read and list.
func atOnce(x *system) {
	const n = 8
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			name := fmt.Sprint("file", i)
			f, err := x.Create(x.ctx, name+".tmp")
			if err != nil {
				x.Error(err)
				return
			}
			for range 10 {
				if err := f.Write(x.ctx, []byte(name)); err != nil {
					x.Error(err)
				}
			}
			if err := f.Sync(x.ctx); err != nil {
				x.Error(err)
			}
			if err := f.Close(x.ctx); err != nil {
				x.Error(err)
			}
			if err := x.Rename(x.ctx, name+".tmp", name); err != nil {
				x.Error(err)
			}
			for _, err := range x.List(x.ctx, ".") {
				if err != nil {
					x.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := x.listed("."); len(got) != n {
		x.Errorf("of %d files there are %q", n, got)
	}
}

// ended: a call with a ctx that has ended happens or not, and breaks nothing.
func ended(x *system) {
	x.file("a", "data")
	ctx, cancel := context.WithCancel(x.ctx)
	cancel()
	err := x.Rename(ctx, "a", "b")
	if err != nil {
		x.says("Rename with a ctx that has ended", err)
	}
	if _, e := x.Stat(x.ctx, "a"); e == nil {
		if err == nil {
			x.Error("Rename says that it has happened, and it has not")
		}
		x.ok(x.Rename(x.ctx, "a", "b"))
	}
	x.holds("b", 0, "data")
}
