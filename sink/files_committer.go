package sink

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// A fileCommitter gives files their names when the checkpoint that holds all
// their rows is durable.
//
// Before the first file of a checkpoint gets its name, the marker holds the
// checkpoint's id. So as long as it does not, every file that the checkpoint
// names has to be there; once it does, one that is missing has been dealt with.
type fileCommitter struct {
	*folder
	set    *fileSet
	marked int64      // the id that the marker holds, 0 if there is none
	named  []openFile // what the last Commit named as in progress
	begun  string     // a token of the time at which it was opened
}

// newCommitter opens the folder and reads the marker.
func (s *fileSet) newCommitter(ctx context.Context) (stream.Committer, error) {
	d, err := s.openFolder(ctx)
	if err != nil {
		return nil, err
	}
	c := &fileCommitter{folder: d, set: s, begun: newRun(time.Now())}
	if c.marked, err = c.readMarker(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// Commit gives the finished files of a checkpoint their names.
func (c *fileCommitter) Commit(ctx context.Context, id int64, prepared [][]byte) error {
	p, err := c.set.gather(prepared)
	if err != nil {
		return fmt.Errorf("checkpoint %d: %w", id, err)
	}
	c.named = p.open
	if len(p.finished) == 0 || c.marked > id { // they have been named, and more
		return nil
	}
	if err := c.begin(ctx, id, p.finished); err != nil {
		return err
	}
	for _, name := range p.finished {
		s, _ := c.set.names.staged(name)
		err := c.rename(ctx, s.String(), s.final)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // which has been renamed before
			return err
		}
	}
	return c.sync(ctx)
}

// begin marks the checkpoint, unless it is marked, when all files are there.
func (c *fileCommitter) begin(ctx context.Context, id int64, names []string) error {
	if c.marked >= id {
		return nil
	}
	for _, name := range names {
		s, _ := c.set.names.staged(name)
		switch there, err := c.exists(ctx, s.String()); {
		case err != nil:
			return err
		case !there:
			return &WriteError{Sink: s.String(), Err: fmt.Errorf("checkpoint %d holds rows of it: %w; if another run uses the same directory and name, end one of them; who wants to go on without the rows of that checkpoint has %s hold %d", id, fs.ErrNotExist, c.Marker(), id)}
		}
	}
	return c.mark(ctx, id)
}

// Marker names the file that holds which checkpoint has been renamed last.
func (c *fileCommitter) Marker() string {
	return "file " + c.set.where(c.set.names.marker())
}

// Committed returns the checkpoint that is marked. It reads the marker again: the files
// may have been put back from an older copy since.
func (c *fileCommitter) Committed(ctx context.Context) (id int64, err error) {
	return c.readMarker(ctx)
}

// Abort completes the files that were in progress at the checkpoint, with the
// rows that it holds, and removes those of no checkpoint.
func (c *fileCommitter) Abort(ctx context.Context, id int64) error {
	if len(c.named) > 0 {
		names := make([]string, len(c.named))
		for i, f := range c.named {
			names[i] = f.name
		}
		if err := c.begin(ctx, id, names); err != nil {
			return err
		}
	}
	for _, f := range c.named {
		if err := c.complete(ctx, f); err != nil {
			return err
		}
	}
	// What a run without checkpoints left behind belongs to none.
	if err := (&fileWriter{folder: c.folder, set: c.set}).recoverAll(ctx, 1); err != nil {
		return err
	}
	return c.sweep(ctx)
}

// sweep removes the files that are not committed and will not be, when those
// that have been are durable under their names.
//
// Files of a run that has begun later it leaves alone. On a cluster a committer may be held up, with its machine, for so long that
// the job has begun again without it, and goes on then where it was.
func (c *fileCommitter) sweep(ctx context.Context) error {
	if err := c.sync(ctx); err != nil {
		return err
	}
	bases, err := c.list(ctx)
	if err != nil {
		return err
	}
	for _, base := range bases {
		s, ok := c.set.names.staged(base)
		later := s.id.run != "" && laterRun(s.token, c.begun) // tokens of earlier versions have no time
		if ok && s.token != "" && !later {
			if err := c.remove(ctx, s.String()); err != nil {
				return err
			}
		}
	}
	return c.sync(ctx)
}

// Close has nothing to free.
func (c *fileCommitter) Close() error { return nil }
