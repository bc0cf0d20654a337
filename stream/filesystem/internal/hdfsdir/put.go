package hdfsdir

import (
	"context"
	"errors"
	"io/fs"
)

// Put writes another file and renames it over the one that is there, in one step, or in two where nothing is renamed over a file.
func (d *Dir) Put(ctx context.Context, name string, data []byte) error {
	at, err := d.of(name)
	if err == nil {
		err = d.put(ctx, at, data)
	}
	return d.failed(ctx, "put", name, err)
}

func (d *Dir) put(ctx context.Context, at string, data []byte) error {
	next := at + ".new"
	return d.again(ctx, 0, func() error {
		if err := d.fresh(ctx, next, data); err != nil {
			return err
		}
		if d.calls.Overwrites() {
			return d.calls.Rename(ctx, next, at, true)
		}
		return d.replace(ctx, next, at)
	})
}

// fresh makes a file that holds data, in place of one that may be left of an earlier Put.
func (d *Dir) fresh(ctx context.Context, at string, data []byte) error {
	if err := d.drop(ctx, at); err != nil {
		return err
	}
	if err := d.calls.Create(ctx, at); err != nil {
		if errors.Is(err, fs.ErrExist) { // a call before, whose answer was lost, makes it only now
			return &Unreached{err}
		}
		return d.there(ctx, at, err)
	}
	if len(data) == 0 {
		return nil
	}
	s, err := d.calls.Append(ctx, at)
	if err != nil {
		return err
	}
	if err = s.Write(ctx, data); err == nil {
		err = s.Close(ctx)
	}
	if err != nil {
		s.Abort()
	}
	return err
}

// drop removes a file if it is there.
func (d *Dir) drop(ctx context.Context, at string) error {
	err := d.there(ctx, at, d.calls.Remove(ctx, at))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// whole is the name of a file that is about to replace another one, and holds all that it is to hold.
func whole(at string) string { return at + ".whole" }

// replace gives next the name at, where no file can be renamed over another one. A file that is called whole stands for the one that it replaces
// from the moment on at which that is removed: who finds no file under its name has complete go on from there, also behind a crash. So nobody sees
// anything but the old file and the new one.
//
// It relies on one process that puts, as sinks have it.
func (d *Dir) replace(ctx context.Context, next, at string) error {
	if err := d.complete(ctx, at, true); err != nil {
		return err
	}
	if err := d.there(ctx, next, d.calls.Rename(ctx, next, whole(at), false)); err != nil {
		return repeated(err)
	}
	if err := d.drop(ctx, at); err != nil {
		return err
	}
	if err := d.complete(ctx, at, false); err != nil {
		return err
	}
	_, err := d.stat(ctx, at) // a reader may have been the one to rename it
	return repeated(err)
}

// repeated has a Put begin anew whose names were changed by a call before, which got no answer.
func repeated(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) {
		return &Unreached{err}
	}
	return err
}

// complete does the last step of a Put, if it is left to be done. The file of a Put that came no further than to make it whole is dropped, if nobody
// can be about to need it.
func (d *Dir) complete(ctx context.Context, at string, drop bool) error {
	_, err := d.stat(ctx, whole(at))
	if err == nil {
		err = d.there(ctx, at, d.calls.Rename(ctx, whole(at), at, false))
	}
	switch {
	case drop && errors.Is(err, fs.ErrExist):
		return d.drop(ctx, whole(at))
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrExist):
		return nil // another one has done it, or the file is there
	}
	return err
}

// completed calls f, which asks for a file, and where the file is not there, once more behind the last step of its Put.
func (d *Dir) completed(ctx context.Context, at string, f func() error) error {
	err := f()
	for range 2 { // between f and complete a Put may end, and another one begin
		if d.calls.Overwrites() || !errors.Is(err, fs.ErrNotExist) || at == d.path {
			break
		}
		if e := d.again(ctx, 0, func() error { return d.complete(ctx, at, false) }); e != nil {
			return e
		}
		err = f()
	}
	return err
}
