package hdfsdir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"strings"

	"github.com/freshet-go/freshet/stream/filesystem"
)

// of returns the path of a name.
func (d *Dir) of(name string) (string, error) {
	if !fs.ValidPath(name) {
		return "", fs.ErrInvalid
	}
	if strings.Contains(name, ":") {
		return "", fmt.Errorf("HDFS has no names with a colon: %w", fs.ErrInvalid)
	}
	return path.Join(d.path, name), nil
}

// failed returns the error of a call, which says what was tried with what.
func (d *Dir) failed(ctx context.Context, op, name string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = ctx.Err() // whatever broke by it
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return &fs.PathError{Op: op, Path: strings.TrimSuffix(d.url, "/") + "/" + name, Err: err}
}

// there returns an error of a name that is not there, in which fs.ErrNotExist is certain or is not. A name is missing only if
// its directory is there.
func (d *Dir) there(ctx context.Context, at string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := path.Dir(at)
	if at == d.path {
		return err
	}
	info, err := d.calls.Stat(ctx, parent)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !info.Dir:
		return errAway
	case err != nil:
		return err
	}
	return fs.ErrNotExist
}

// Stat tells of a file or directory.
func (d *Dir) Stat(ctx context.Context, name string) (info filesystem.Info, err error) {
	at, err := d.of(name)
	if err == nil {
		err = d.completed(ctx, at, func() error {
			return d.again(ctx, 0, func() (err error) {
				info, err = d.stat(ctx, at)
				return err
			})
		})
	}
	return info, d.failed(ctx, "stat", name, err)
}

func (d *Dir) stat(ctx context.Context, at string) (filesystem.Info, error) {
	info, err := d.calls.Stat(ctx, at)
	if err != nil {
		return filesystem.Info{}, d.there(ctx, at, err)
	}
	info.Name = path.Base(at)
	return info, nil
}

// List gives what is in a directory.
func (d *Dir) List(ctx context.Context, dir string) iter.Seq2[filesystem.Info, error] {
	return func(yield func(filesystem.Info, error) bool) {
		at, err := d.of(dir)
		last, enough := "", false
		for err == nil {
			got := false
			err = d.again(ctx, 0, func() error {
				before := last
				err := d.calls.List(ctx, at, last, func(info filesystem.Info) bool {
					last = info.Name
					enough = !yield(info, nil)
					return !enough
				})
				if got = err != nil && last != before; got {
					return nil // it goes on with new patience
				}
				return err
			})
			if !got {
				break
			}
		}
		if err != nil && !enough {
			yield(filesystem.Info{}, d.failed(ctx, "list", dir, err))
		}
	}
}

// Mkdir makes a directory and those above it.
func (d *Dir) Mkdir(ctx context.Context, dir string) error {
	at, err := d.of(dir)
	if err == nil {
		err = d.again(ctx, 0, func() error { return d.calls.Mkdir(ctx, at) })
	}
	return d.failed(ctx, "mkdir", dir, err)
}

// Remove removes a file.
func (d *Dir) Remove(ctx context.Context, name string) error {
	at, err := d.of(name)
	if err == nil {
		tried := false
		err = d.again(ctx, 0, func() error {
			if !d.calls.Overwrites() { // a file that is about to replace it would appear else
				if err := d.complete(ctx, at, true); err != nil {
					return err
				}
			}
			err := d.there(ctx, at, d.calls.Remove(ctx, at))
			if tried && errors.Is(err, fs.ErrNotExist) {
				return nil // the call before, whose answer was lost, has removed it
			}
			tried = tried || err != nil && !isAnswer(err)
			return err
		})
	}
	return d.failed(ctx, "remove", name, err)
}

// isAnswer reports whether a call is known not to have happened.
func isAnswer(err error) bool {
	if _, ok := errors.AsType[*Answer](err); ok {
		return true
	}
	_, ok := errors.AsType[*Unreached](err)
	return ok
}

// Sync has nothing to do: names are durable in the NameNode's log when a call returns. It looks whether the directory is there.
func (d *Dir) Sync(ctx context.Context, dir string) error {
	at, err := d.of(dir)
	if err == nil {
		err = d.again(ctx, 0, func() error {
			info, err := d.calls.Stat(ctx, at)
			if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Dir {
				return errAway
			}
			return err
		})
	}
	return d.failed(ctx, "sync", dir, err)
}
