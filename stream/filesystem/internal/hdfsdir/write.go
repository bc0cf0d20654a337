package hdfsdir

import (
	"context"
	"errors"
	"io/fs"

	"github.com/freshet-go/freshet/stream/filesystem"
)

// Create makes an empty file.
func (d *Dir) Create(ctx context.Context, name string) (filesystem.File, error) {
	at, err := d.of(name)
	if err == nil {
		err = d.create(ctx, at)
	}
	if err != nil {
		return nil, d.failed(ctx, "create", name, err)
	}
	return &file{dir: d, name: name, at: at}, nil
}

func (d *Dir) create(ctx context.Context, at string) error {
	return d.again(ctx, certain, func() error {
		err := d.there(ctx, at, d.calls.Create(ctx, at))
		if errors.Is(err, fs.ErrNotExist) {
			return &Unreached{errors.New("its directory came while it was made")} // so it is there now
		}
		return err
	})
}

// Put writes another file and renames it over the one that is there, in one step.
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
		err := d.there(ctx, next, d.calls.Remove(ctx, next))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := d.calls.Create(ctx, next); err != nil {
			if errors.Is(err, fs.ErrExist) { // a call before, whose answer was lost, makes it only now
				return &Unreached{err}
			}
			return d.there(ctx, next, err)
		}
		if len(data) > 0 {
			s, err := d.calls.Append(ctx, next)
			if err == nil {
				err = s.Write(ctx, data)
				if err == nil {
					err = s.Close(ctx)
				}
				if err != nil {
					s.Abort()
				}
			}
			if err != nil {
				return err
			}
		}
		return d.calls.Rename(ctx, next, at, true)
	})
}

// A file is one that is being written. Each Sync closes it in HDFS, and a Write that follows appends to it: so its length
// is known to all, no lease is held between, and a process that dies there leaves a closed file behind.
type file struct {
	dir     *Dir
	name    string
	at      string
	segment Segment // nil if nothing was written since the last Sync
	failed  bool
}

func (f *file) Write(ctx context.Context, p []byte) error {
	if len(p) == 0 {
		return nil
	}
	if f.segment == nil {
		err := f.dir.again(ctx, certain, func() (err error) {
			f.segment, err = f.dir.calls.Append(ctx, f.at)
			return f.missing(ctx, err)
		})
		if err != nil {
			f.segment, f.failed = nil, true
			return f.dir.failed(ctx, "write", f.name, err)
		}
	}
	err := f.segment.Write(ctx, p)
	f.failed = f.failed || err != nil
	return f.dir.failed(ctx, "write", f.name, f.missing(ctx, err))
}

// missing hides that the file is not there: only calls that are about names answer so.
func (f *file) missing(_ context.Context, err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) {
		return &Lasting{errors.New("the file has been removed, or another process has taken it over: " + err.Error())}
	}
	return err
}

func (f *file) Sync(ctx context.Context) error {
	if f.segment == nil {
		return nil
	}
	err := f.segment.Close(ctx)
	if err != nil {
		f.failed = true
		return f.dir.failed(ctx, "sync", f.name, f.missing(ctx, err))
	}
	f.segment = nil
	return nil
}

// Close writes what was not synced, so that no lease stays; a file that has failed is left to those who recover leases.
func (f *file) Close(ctx context.Context) error {
	if f.segment == nil {
		return nil
	}
	var err error
	if !f.failed {
		err = f.segment.Close(ctx)
	}
	if f.failed || err != nil {
		f.segment.Abort()
	}
	f.segment = nil
	return f.dir.failed(ctx, "close", f.name, f.missing(ctx, err))
}
