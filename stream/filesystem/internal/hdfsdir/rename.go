package hdfsdir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"
)

// Rename gives a file another name, and never over one that is there: HDFS decides that, in one step. The lease of a writer that
// has died is recovered first, as a file that gets its name is whole.
func (d *Dir) Rename(ctx context.Context, from, to string) error {
	at, err := d.of(from)
	next, err2 := d.of(to)
	switch {
	case err == nil && err2 != nil:
		err = err2
	case err == nil && path.Dir(to) != path.Dir(from):
		err = fmt.Errorf("to %s, which is in another directory: %w", to, fs.ErrInvalid)
	}
	if err == nil {
		err = d.rename(ctx, at, next)
	}
	if errors.Is(err, fs.ErrExist) {
		err = fmt.Errorf("to %s, which is there and is not overwritten; move it elsewhere: %w", path.Base(to), fs.ErrExist)
	}
	return d.failed(ctx, "rename", from, err)
}

func (d *Dir) rename(ctx context.Context, from, to string) error {
	if err := d.closed(ctx, from); err != nil {
		return err
	}
	lost := false // the answer of a call before
	return d.again(ctx, 0, func() error {
		if lost {
			if done, err := d.moved(ctx, from, to); done || err != nil {
				return err
			}
		}
		err := d.there(ctx, from, d.calls.Rename(ctx, from, to, false))
		if lost && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist)) {
			// The call before may have happened behind the look: then this one has found no file, or its new name.
			if done, e := d.moved(ctx, from, to); done || e != nil {
				return e
			}
		}
		lost = lost || err != nil && !isAnswer(err)
		return err
	})
}

// moved reports whether a rename whose answer was lost has happened. Where neither name is there, somebody has taken the file away
// under one of them, and nobody can tell.
func (d *Dir) moved(ctx context.Context, from, to string) (bool, error) {
	_, err := d.stat(ctx, from)
	if !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	info, err := d.stat(ctx, to)
	switch {
	case err == nil && info.Dir:
		err = &Lasting{fmt.Errorf("no answer came, and then it was not there, and %s was a directory", path.Base(to))}
	case errors.Is(err, fs.ErrNotExist):
		err = &Lasting{fmt.Errorf("no answer came, and then neither it nor %s was there", path.Base(to))}
	}
	return err == nil, err
}

// closed waits until nobody holds a lease of a file. It is fs.ErrNotExist if the file is not there.
func (d *Dir) closed(ctx context.Context, at string) error {
	began := time.Now()
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		done := false
		err := d.again(ctx, 0, func() (err error) {
			done, err = d.calls.Recover(ctx, at)
			return d.there(ctx, at, err)
		})
		switch {
		case err != nil || done:
			return err
		case time.Since(began) > d.patience:
			return fmt.Errorf("the lease of the process that wrote it was not recovered in %v", d.patience)
		}
		select {
		case <-time.After(wait): // a DataNode says with its next heartbeat that it has ended the block
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Truncate cuts a file, to which no one writes.
func (d *Dir) Truncate(ctx context.Context, name string, size int64) error {
	at, err := d.of(name)
	if err == nil {
		err = d.truncate(ctx, at, size)
	}
	return d.failed(ctx, "truncate", name, err)
}

func (d *Dir) truncate(ctx context.Context, at string, size int64) error {
	if err := d.closed(ctx, at); err != nil {
		return err
	}
	done := false
	for wait := 20 * time.Millisecond; !done; wait = min(2*wait, time.Second) {
		err := d.again(ctx, 0, func() error {
			info, err := d.stat(ctx, at)
			if err != nil {
				return err
			}
			if info.Size < size {
				return &Lasting{fmt.Errorf("to %d bytes: it has %d", size, info.Size)}
			}
			done, err = d.calls.Truncate(ctx, at, size)
			return err
		})
		if err != nil {
			return err
		}
		if done {
			break
		}
		select {
		case <-time.After(wait): // the last block is being cut
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := d.closed(ctx, at); err != nil {
			return err
		}
	}
	return nil
}

// hidden reports whether a file is one that a sink writes.
func hidden(at string) bool { return strings.HasPrefix(path.Base(at), ".") }
