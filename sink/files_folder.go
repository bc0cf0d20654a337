package sink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/freshet-go/freshet/stream/filesystem"
)

// A folder is the directory that the files of a sink are in. Every call of the
// file system goes through it, and its errors say which file they are about.
type folder struct {
	system filesystem.Writable
	sub    string // the directory, below that of system
}

// failed says that what was to be done with a file was not.
func failed(name string, err error) error {
	if err == nil {
		return nil
	}
	return &WriteError{Sink: name, Err: err}
}

// make makes the directory.
func (d *folder) make(ctx context.Context) error {
	return failed(d.sub, d.system.Mkdir(ctx, d.sub))
}

// list returns the base names in the folder.
func (d *folder) list(ctx context.Context) (names []string, err error) {
	for info, err := range d.system.List(ctx, d.sub) {
		if err != nil {
			return nil, failed(d.sub, err)
		}
		if !info.Dir {
			names = append(names, info.Name)
		}
	}
	return names, nil
}

func (d *folder) exists(ctx context.Context, name string) (bool, error) {
	_, err := d.system.Stat(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, failed(name, err)
}

// create makes a file that must not be there yet.
func (d *folder) create(ctx context.Context, name string) (*folderFile, error) {
	f, err := d.system.Create(ctx, name)
	if err != nil {
		return nil, failed(name, err)
	}
	return &folderFile{ctx: ctx, file: f}, nil
}

// read opens a file to read it.
func (d *folder) read(ctx context.Context, name string) (io.ReadCloser, error) {
	r, _, err := d.system.Open(ctx, name, 0)
	return r, failed(name, err)
}

// put makes a small file, or replaces it.
func (d *folder) put(ctx context.Context, name string, data []byte) error {
	return failed(name, d.system.Put(ctx, name, data))
}

// rename gives a file another name, which must be free: a final one, or one
// behind which nothing is.
func (d *folder) rename(ctx context.Context, from, to string) error {
	err := d.system.Rename(ctx, from, to)
	if errors.Is(err, fs.ErrExist) {
		err = fmt.Errorf("%s is there, though no other run has this name: move it elsewhere, and run again: %w", to, err)
	}
	return failed(from, err)
}

// remove removes a file if it is there.
func (d *folder) remove(ctx context.Context, name string) error {
	err := d.system.Remove(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return failed(name, err)
}

// sync makes durable which names there are.
func (d *folder) sync(ctx context.Context) error { return failed(d.sub, d.system.Sync(ctx, d.sub)) }

// A folderFile is a file that is being written. Its errors do not name it.
type folderFile struct {
	ctx  context.Context // of the call that is being made: an io.Writer is given none
	file filesystem.File
}

func (f *folderFile) Write(p []byte) (int, error) {
	if err := f.file.Write(f.ctx, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (f *folderFile) Sync() error { return f.file.Sync(f.ctx) }

func (f *folderFile) Close() error { return f.file.Close(f.ctx) }
