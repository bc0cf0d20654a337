package sink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"

	"github.com/freshet-go/freshet/stream"
)

// A fileCommitter gives files their names when the checkpoint that holds all
// their rows is durable.
//
// Before the first file of a checkpoint gets its name, the marker holds the
// checkpoint's id. So as long as it does not, every file that the checkpoint
// names has to be there; once it does, one that is missing has been dealt with.
type fileCommitter[T any] struct {
	*folder
	sink   *fileSink[T]
	marked int64      // the id that the marker holds, 0 if there is none
	named  []openFile // what the last Commit named as in progress
}

// OpenCommitter opens the folder and reads the marker.
func (s *fileSink[T]) OpenCommitter(*stream.SinkContext) (stream.Committer, error) {
	d, err := s.openFolder()
	if err != nil {
		return nil, err
	}
	c := &fileCommitter[T]{folder: d, sink: s}
	if c.marked, err = c.readMarker(); err != nil {
		d.Close()
		return nil, err
	}
	return c, nil
}

func (c *fileCommitter[T]) readMarker() (int64, error) {
	name := c.sink.names.marker()
	data, err := c.readFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	id, err := strconv.ParseInt(string(bytes.TrimSpace(data)), 10, 64)
	if err != nil {
		return 0, &WriteError{Sink: name, Err: fmt.Errorf("it holds no checkpoint: %w", err)}
	}
	return id, nil
}

// mark makes durable that results of a checkpoint are about to appear.
func (c *fileCommitter[T]) mark(id int64) error {
	name := c.sink.names.marker()
	next := name + ".new"
	if err := c.remove(next); err != nil {
		return err
	}
	f, err := c.create(next)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, id)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return &WriteError{Sink: next, Err: err}
	}
	if err := c.rename(next, name); err != nil {
		return err
	}
	if err := c.sync(); err != nil {
		return err
	}
	c.marked = id
	return nil
}

// Commit gives the finished files of a checkpoint their names.
func (c *fileCommitter[T]) Commit(_ context.Context, id int64, prepared [][]byte) error {
	p, err := c.sink.gather(prepared)
	if err != nil {
		return fmt.Errorf("checkpoint %d: %w", id, err)
	}
	c.named = p.open
	if len(p.finished) == 0 || c.marked > id { // they have been named, and more
		return nil
	}
	if err := c.begin(id, p.finished); err != nil {
		return err
	}
	for _, name := range p.finished {
		s, _ := c.sink.names.staged(name)
		switch there, err := c.exists(s.String()); {
		case err != nil:
			return err
		case !there:
			continue
		}
		if err := c.publish(s.String(), s.final); err != nil {
			return err
		}
	}
	return c.sync()
}

// begin marks the checkpoint, unless it is marked, when all files are there.
func (c *fileCommitter[T]) begin(id int64, names []string) error {
	if c.marked >= id {
		return nil
	}
	for _, name := range names {
		s, _ := c.sink.names.staged(name)
		switch there, err := c.exists(s.String()); {
		case err != nil:
			return err
		case !there:
			return &WriteError{Sink: s.String(), Err: fmt.Errorf("checkpoint %d holds rows of it: %w; who wants to go on without the rows of that checkpoint has %s hold %d", id, os.ErrNotExist, c.Marker(), id)}
		}
	}
	return c.mark(id)
}

// Marker names the file that holds which checkpoint has been renamed last.
func (c *fileCommitter[T]) Marker() string {
	return "file " + path.Join(c.sink.dir, c.sink.names.marker())
}

// Committed returns the checkpoint that is marked. It reads the marker again: the files
// may have been put back from an older copy since.
func (c *fileCommitter[T]) Committed(context.Context) (id int64, err error) {
	return c.readMarker()
}

// Abort completes the files that were in progress at the checkpoint, with the
// rows that it holds, and removes those of no checkpoint.
func (c *fileCommitter[T]) Abort(_ context.Context, id int64) error {
	if len(c.named) > 0 {
		names := make([]string, len(c.named))
		for i, f := range c.named {
			names[i] = f.name
		}
		if err := c.begin(id, names); err != nil {
			return err
		}
	}
	for _, f := range c.named {
		if err := c.complete(f); err != nil {
			return err
		}
	}
	// What a run without checkpoints left behind belongs to none.
	if err := (&fileWriter[T]{folder: c.folder, sink: c.sink}).recoverAll(1); err != nil {
		return err
	}
	return c.sweep()
}

// complete publishes the rows of a file that was in progress. Wherever it is
// interrupted, it can be called again.
func (c *fileCommitter[T]) complete(f openFile) error {
	s, _ := c.sink.names.staged(f.name)
	if compressor(s.final, nil) != nil {
		return c.completeCopy(s, f)
	}
	switch there, err := c.exists(s.String()); {
	case err != nil:
		return err
	case !there:
		return nil
	}
	file, err := c.edit(s.String())
	if err != nil {
		return err
	}
	err = file.cut(f.size)
	if err == nil {
		err = file.Sync()
	}
	if e := file.Close(); err == nil {
		err = e
	}
	if err != nil {
		return &WriteError{Sink: s.String(), Err: err}
	}
	return c.publish(s.String(), s.final)
}

// completeCopy is complete for a compressed file: its rows are copied, as it
// cannot end where it is cut. The copy gets a name of its own when it is whole,
// and the final one only when the original has gone: somebody may take the
// file away at once, and it must not be made again then.
func (c *fileCommitter[T]) completeCopy(s stagedName, f openFile) error {
	whole := s.as(recovered)
	switch there, err := c.exists(whole); {
	case err != nil:
		return err
	case !there:
		switch there, err := c.exists(s.String()); {
		case err != nil:
			return err
		case !there:
			return nil
		}
		if err := c.copy(s, f); err != nil {
			return err
		}
		if err := c.rename(s.as(recovering), whole); err != nil {
			return err
		}
	}
	if err := c.sync(); err != nil {
		return err
	}
	if err := c.remove(s.String()); err != nil {
		return err
	}
	if err := c.sync(); err != nil {
		return err
	}
	return c.publish(whole, s.final)
}

// copy copies the rows that count.
func (c *fileCommitter[T]) copy(s stagedName, f openFile) error {
	if err := c.remove(s.as(recovering)); err != nil {
		return err
	}
	in, err := c.edit(s.String())
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := c.create(s.as(recovering))
	if err != nil {
		return err
	}
	raw := &trackedReader{r: io.LimitReader(in, f.size)}
	plain, done := decompressed(s.final, raw)
	defer done()
	z := compressor(s.final, out)
	n, err := io.CopyN(z, plain, f.plain)
	if raw.err != nil {
		err = raw.err
	} else if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		err = fmt.Errorf("%d of the %d bytes that the checkpoint holds: %w", n, f.plain, err)
	}
	if e := z.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = out.Sync()
	}
	if e := out.Close(); err == nil {
		err = e
	}
	if err != nil {
		return &WriteError{Sink: s.String(), Err: err}
	}
	return nil
}

// sweep removes the files that are not committed and will not be, when those
// that have been are durable under their names.
func (c *fileCommitter[T]) sweep() error {
	if err := c.sync(); err != nil {
		return err
	}
	bases, err := c.list()
	if err != nil {
		return err
	}
	for _, base := range bases {
		if s, ok := c.sink.names.staged(base); ok && s.token != "" {
			if err := c.remove(s.String()); err != nil {
				return err
			}
		}
	}
	return c.sync()
}

// gather puts together what the Prepares of one checkpoint have returned.
func (s *fileSink[T]) gather(prepared [][]byte) (all preparedFiles, err error) {
	finished := map[string]bool{}
	open := map[string]openFile{}
	for _, data := range prepared {
		p, err := decodePreparedFiles(data)
		if err != nil {
			return all, err
		}
		for _, name := range p.finished {
			finished[name] = true
		}
		for _, f := range p.open {
			if f.size >= open[f.name].size { // the later of two Prepares
				open[f.name] = f
			}
		}
	}
	for name := range finished {
		delete(open, name)
	}
	all.finished = slices.Sorted(maps.Keys(finished))
	for _, name := range slices.Sorted(maps.Keys(open)) {
		all.open = append(all.open, open[name])
	}
	for _, name := range slices.Concat(all.finished, slices.Sorted(maps.Keys(open))) {
		if f, ok := s.names.staged(name); !ok || path.Base(name) != name || f.kind != unfinished || f.token == "" {
			return all, fmt.Errorf("sink: %q is no file of %s: another name or another sink has made the checkpoint", name, s)
		}
	}
	return all, nil
}
