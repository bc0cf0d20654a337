package sink

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"

	"github.com/freshet-go/freshet/internal/durable"
)

// A folder is the directory that the files of a sink are in. Every call of the
// file system goes through it, and its errors say which file they are about.
type folder struct {
	root *os.Root
	sub  string // the directory, below root
	via  via
}

// via, if not nil, makes the calls of the file system: f, about the file name.
// Tests have some fail.
type via func(call, name string, f func() error) error

func (v via) do(call, name string, f func() error) error {
	if v == nil {
		return f()
	}
	return v(call, name, f)
}

// makeFolder makes dir and the directory sub below it.
func makeFolder(dir, sub string) error {
	if err := durable.MakeDir(filepath.Join(dir, sub), 0o777); err != nil {
		return &WriteError{Sink: path.Join(dir, sub), Err: err}
	}
	return nil
}

// openFolder opens the directory sub below dir.
func openFolder(dir, sub string, via via) (*folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, &WriteError{Sink: dir, Err: err}
	}
	return &folder{root, sub, via}, nil
}

// do makes one call of the file system.
func (d *folder) do(call, name string, f func() error) error {
	if err := d.via.do(call, name, f); err != nil {
		return &WriteError{Sink: name, Err: err}
	}
	return nil
}

// list returns the base names in the folder.
func (d *folder) list() (names []string, err error) {
	err = d.do("list", d.sub, func() error {
		dir, err := d.root.Open(d.sub)
		if err != nil {
			return err
		}
		defer dir.Close()
		names, err = dir.Readdirnames(-1)
		return err
	})
	return names, err
}

func (d *folder) exists(name string) (there bool, err error) {
	err = d.do("stat", name, func() error {
		_, err := d.root.Lstat(name)
		there = err == nil
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	})
	return there, err
}

// create makes a file that must not be there yet.
func (d *folder) create(name string) (*folderFile, error) {
	return d.open("create", name, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
}

// edit opens a file to read and change it.
func (d *folder) edit(name string) (*folderFile, error) { return d.open("open", name, os.O_RDWR) }

func (d *folder) open(call, name string, flag int) (f *folderFile, err error) {
	err = d.do(call, name, func() error {
		file, err := d.root.OpenFile(name, flag, 0o666)
		f = &folderFile{file, d, name}
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (d *folder) readFile(name string) (data []byte, err error) {
	err = d.do("read", name, func() error {
		data, err = d.root.ReadFile(name)
		return err
	})
	return data, err
}

// rename replaces a file that is there.
func (d *folder) rename(from, to string) error {
	return d.do("rename", from, func() error { return d.root.Rename(from, to) })
}

// publish gives a file its final name, which must be free.
func (d *folder) publish(from, final string) error {
	switch taken, err := d.exists(final); {
	case err != nil:
		return err
	case taken:
		return &WriteError{Sink: final, Err: os.ErrExist}
	}
	return d.rename(from, final)
}

// remove removes a file if it is there.
func (d *folder) remove(name string) error {
	return d.do("remove", name, func() error {
		if err := d.root.Remove(name); !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	})
}

// sync makes durable which names there are.
func (d *folder) sync() error {
	return d.do("sync directory", d.sub, func() error {
		dir, err := d.root.Open(d.sub)
		if err != nil {
			return err
		}
		defer dir.Close()
		if err := dir.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return fmt.Errorf("sync directory: %w", err)
		}
		return nil
	})
}

// Close frees the folder.
func (d *folder) Close() error { return d.root.Close() }

// A folderFile is a file in a folder. Its errors do not name it.
type folderFile struct {
	file   *os.File
	folder *folder
	name   string
}

func (f *folderFile) do(call string, g func() error) error { return f.folder.via.do(call, f.name, g) }

func (f *folderFile) Read(p []byte) (n int, err error) {
	err = f.do("read", func() error {
		n, err = f.file.Read(p)
		return err
	})
	return n, err
}

func (f *folderFile) Write(p []byte) (n int, err error) {
	err = f.do("write", func() error {
		n, err = f.file.Write(p)
		return err
	})
	return n, err
}

func (f *folderFile) Sync() error { return f.do("sync", f.file.Sync) }

// cut shortens the file to size bytes, which it must have.
func (f *folderFile) cut(size int64) error {
	return f.do("cut", func() error {
		info, err := f.file.Stat()
		switch {
		case err != nil:
			return err
		case info.Size() < size:
			return fmt.Errorf("it has %d bytes, and the checkpoint holds that it has %d", info.Size(), size)
		case info.Size() == size:
			return nil
		}
		return f.file.Truncate(size)
	})
}

func (f *folderFile) Close() error { return f.do("close", f.file.Close) }
