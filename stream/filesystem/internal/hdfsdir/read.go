package hdfsdir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/freshet-go/freshet/stream/filesystem"
)

// Open reads a file from a byte on. The lease of a hidden file, which only a sink writes, is recovered first: what a writer that has
// died had synced is given whole. Those of other files are their writers' own.
func (d *Dir) Open(ctx context.Context, name string, at int64) (io.ReadCloser, filesystem.Info, error) {
	path, err := d.of(name)
	r := &reader{dir: d, ctx: ctx, name: name, path: path, at: at}
	if err == nil {
		err = d.completed(ctx, path, func() error {
			if hidden(path) {
				if err := d.closed(ctx, path); err != nil {
					return err
				}
			}
			return d.again(ctx, 0, r.open)
		})
	}
	if err != nil {
		return nil, filesystem.Info{}, d.failed(ctx, "open", name, err)
	}
	return r, r.info, nil
}

// errReplaced is of a file that has another's name.
var errReplaced = errors.New("another file has its name")

// A reader reads a file, and opens it again where a connection breaks.
type reader struct {
	dir  *Dir
	ctx  context.Context
	name string
	path string
	info filesystem.Info
	at   int64
	body io.ReadCloser
}

// open opens the file at r.at. Paths are all that HDFS is asked by, so the name may have been given to another file between two
// calls: the file that is read is known if its id is the same before and after.
func (r *reader) open() error {
	before, err := r.dir.stat(r.ctx, r.path)
	switch {
	case err != nil:
		return err
	case before.Dir:
		return fmt.Errorf("it is a directory: %w", fs.ErrInvalid)
	case r.info.ID != "" && r.info.ID != before.ID:
		return errReplaced
	}
	body, err := r.dir.calls.Open(r.ctx, r.path, r.at, before)
	if err != nil {
		return r.dir.there(r.ctx, r.path, err)
	}
	after, err := r.dir.stat(r.ctx, r.path)
	if err == nil && after.ID != before.ID {
		err = &Unreached{errors.New("the name is being given to other files")}
	}
	if err != nil {
		body.Close() // it was only read from
		return err
	}
	r.body, r.info = body, after
	return nil
}

func (r *reader) Read(p []byte) (int, error) {
	if r.body == nil {
		return 0, fs.ErrClosed
	}
	n, err := r.body.Read(p)
	r.at += int64(n)
	if err == nil || err == io.EOF {
		return n, err
	}
	if n > 0 {
		return n, nil // the next Read finds out what is broken
	}
	return r.resume(p, err)
}

// resume opens the file again behind what was read, as often as it takes.
func (r *reader) resume(p []byte, cause error) (n int, err error) {
	end := false
	err = r.dir.again(r.ctx, 0, func() error {
		if !r.dir.passes(r.ctx, cause, 0) {
			return cause
		}
		r.body.Close() // it has failed
		old := r.body
		if err := r.open(); err != nil {
			r.body = old
			if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errReplaced) {
				return &Lasting{fmt.Errorf("at byte %d: %w; the file has been removed or replaced since", r.at, cause)}
			}
			return err
		}
		n, err = r.body.Read(p)
		r.at += int64(n)
		if end = err == io.EOF; end || n > 0 {
			return nil
		}
		if err != nil {
			cause = err
		}
		return err
	})
	if err == nil && end {
		return n, io.EOF
	}
	return n, r.dir.failed(r.ctx, "read", r.name, err)
}

func (r *reader) Close() error {
	if r.body == nil {
		return nil
	}
	err := r.body.Close()
	r.body = nil
	return r.dir.failed(context.Background(), "close", r.name, err)
}
