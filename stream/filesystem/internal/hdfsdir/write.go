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
