package filesystem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"

	"github.com/freshet-go/freshet/internal/durable"
)

// Dir returns the local directory of that path, which need not be there until
// Mkdir or another call is made. Links inside it do not lead out of it.
//
// Rename never overwrites on Linux, where the file system knows
// RENAME_NOREPLACE, as all usual ones do. Elsewhere it looks first, and a file that another
// process makes in that moment is lost. Calls do not heed ctx: a local disk
// answers or has failed.
//
// Files and directories that it makes have the modes 0600 and 0700, unless Modes says
// otherwise.
func Dir(path string, opts ...DirOption) Truncater {
	d := dir{path, 0o600, 0o700}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("filesystem: Dir: option %d of %d is nil", i+1, len(opts)))
		}
		o(&d)
	}
	return d
}

type dir struct {
	path        string
	files, dirs fs.FileMode // of what is made
}

func (d dir) String() string { return d.path }

// in calls f with the directory that a name is in, and its last element. The
// directory is open meanwhile: it is that one which the answer is about, even if it
// is moved away and back.
func (d dir) in(op, name string, f func(root *os.Root, base string) error) error {
	if !fs.ValidPath(name) {
		return d.failed(op, name, fs.ErrInvalid)
	}
	root, err := os.OpenRoot(d.path)
	if err != nil {
		return d.failed(op, name, away(err))
	}
	defer root.Close()
	if sub := path.Dir(name); sub != "." {
		root, err = root.OpenRoot(sub)
		if err != nil {
			return d.failed(op, name, away(err))
		}
		defer root.Close()
	}
	return d.failed(op, name, f(root, path.Base(name)))
}

// away returns the error of a directory that cannot be opened. Whatever the
// cause, it is unknown which files it has.
func away(err error) error {
	return fmt.Errorf("the directory cannot be opened: %v; see that it is there, its disk mounted and it may be read", cause(err))
}

func (d dir) failed(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: filepath.Join(d.path, filepath.FromSlash(name)), Err: cause(err)}
}

// cause returns why a call failed, without the names that it was made with.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}

// listed is how many names are read from a directory at once.
const listed = 1024

func (d dir) List(_ context.Context, name string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		if !fs.ValidPath(name) {
			yield(Info{}, d.failed("list", name, fs.ErrInvalid))
			return
		}
		f, err := os.OpenInRoot(d.path, name)
		if err != nil {
			yield(Info{}, d.failed("list", name, err))
			return
		}
		defer f.Close()
		for {
			entries, err := f.ReadDir(listed)
			for _, e := range entries {
				switch i, err := e.Info(); {
				case errors.Is(err, fs.ErrNotExist): // removed since
				case err != nil:
					yield(Info{}, d.failed("list", path.Join(name, e.Name()), err))
					return
				case !yield(infoOf(i), nil):
					return
				}
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(Info{}, d.failed("list", name, err))
				return
			}
		}
	}
}

func infoOf(i fs.FileInfo) Info {
	return Info{Name: i.Name(), Dir: i.IsDir(), Size: i.Size(), ID: inode(i)}
}

func (d dir) Stat(_ context.Context, name string) (info Info, err error) {
	err = d.in("stat", name, func(root *os.Root, base string) error {
		i, err := root.Stat(base)
		if err == nil {
			info = infoOf(i)
			info.Name = base
		}
		return err
	})
	return info, err
}

func (d dir) Open(_ context.Context, name string, at int64) (r io.ReadCloser, info Info, err error) {
	err = d.in("open", name, func(root *os.Root, base string) error {
		f, err := root.Open(base)
		if err != nil {
			return err
		}
		i, err := f.Stat()
		if err == nil {
			_, err = f.Seek(at, io.SeekStart)
		}
		if err != nil {
			f.Close() // nothing was written
			return err
		}
		info, r = infoOf(i), f
		return nil
	})
	return r, info, err
}

func (d dir) Mkdir(_ context.Context, name string) error {
	if !fs.ValidPath(name) {
		return d.failed("mkdir", name, fs.ErrInvalid)
	}
	return d.failed("mkdir", name, d.mkdir(name))
}

func (d dir) mkdir(name string) error {
	if err := durable.MakeDir(d.path, d.dirs); err != nil {
		return err
	}
	root, err := os.OpenRoot(d.path)
	if err != nil {
		return err
	}
	defer root.Close()
	for i := range name + "/" { // level by level, as a link may lead out of the root
		if i < len(name) && name[i] != '/' {
			continue
		}
		at := name[:i]
		if err := root.Mkdir(at, d.dirs); err != nil {
			if info, e := root.Stat(at); e != nil || !info.IsDir() {
				return err
			}
		}
		if err := syncRoot(root, path.Dir(at)); err != nil && !errors.Is(err, fs.ErrPermission) {
			return err
		}
	}
	return nil
}

func (d dir) Create(_ context.Context, name string) (f File, err error) {
	err = d.in("create", name, func(root *os.Root, base string) error {
		file, err := root.OpenFile(base, os.O_WRONLY|os.O_CREATE|os.O_EXCL, d.files)
		f = &dirFile{d, name, file}
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Put writes another file and renames it.
func (d dir) Put(_ context.Context, name string, data []byte) error {
	return d.in("put", name, func(root *os.Root, base string) error {
		next := base + ".new"
		if err := root.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		f, err := root.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, d.files)
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		if err == nil {
			err = f.Sync()
		}
		if e := f.Close(); err == nil {
			err = e
		}
		if err == nil {
			err = root.Rename(next, base)
		}
		if err != nil {
			return err
		}
		return syncRoot(root, ".")
	})
}

func (d dir) Rename(_ context.Context, from, to string) error {
	return d.in("rename", from, func(root *os.Root, base string) error {
		if !fs.ValidPath(to) || path.Dir(to) != path.Dir(from) {
			return fmt.Errorf("to %s, which is in another directory: %w", to, fs.ErrInvalid)
		}
		err := rename(root, base, path.Base(to))
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("to %s, which is there and is not overwritten; move it elsewhere: %w", to, fs.ErrExist)
		}
		return err
	})
}

// renameIfFree looks whether a name is free, and renames.
func renameIfFree(root *os.Root, from, to string) error {
	if _, err := root.Lstat(from); err != nil {
		return err
	}
	if _, err := root.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = fs.ErrExist
		}
		return err
	}
	return root.Rename(from, to)
}

func (d dir) Remove(_ context.Context, name string) error {
	return d.in("remove", name, func(root *os.Root, base string) error { return root.Remove(base) })
}

func (d dir) Sync(_ context.Context, name string) error {
	return d.in("sync", path.Join(name, "x"), func(root *os.Root, _ string) error { return syncRoot(root, ".") })
}

func syncRoot(root *os.Root, dir string) error {
	f, err := root.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

func (d dir) Truncate(_ context.Context, name string, size int64) error {
	return d.in("truncate", name, func(root *os.Root, base string) error {
		f, err := root.OpenFile(base, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		err = truncate(f, size)
		if e := f.Close(); err == nil {
			err = e
		}
		return err
	})
}
