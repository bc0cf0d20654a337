package sink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/freshet-go/freshet/sink/internal/footed"
	"github.com/freshet-go/freshet/stream/filesystem"
)

// complete publishes the rows of a file that was in progress. Wherever it is
// interrupted, it can be called again.
func (c *fileCommitter) complete(ctx context.Context, f openFile) error {
	s, _ := c.set.names.staged(f.name)
	system, cuts := c.system.(filesystem.Truncater)
	if !cuts || c.set.footed != nil || compressed(s.final) != "" {
		return c.completeCopy(ctx, s, f)
	}
	// A process that has not noticed yet that it is not the run any more may open the file once more to write. It does not know this name: what it
	// had open before is ended by the cut, and nothing comes behind it.
	whole := s.as(recovered)
	err := c.rename(ctx, s.String(), whole)
	if errors.Is(err, fs.ErrExist) {
		err = c.oneName(ctx, s, f)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := c.sync(ctx); err != nil { // before it gets a third name
		return err
	}
	err = system.Truncate(ctx, whole, f.size)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it has been completed
	}
	if err != nil {
		return failed(whole, fmt.Errorf("cut it to the %d bytes that the checkpoint holds: %w", f.size, err))
	}
	return c.rename(ctx, whole, s.final)
}

// oneName removes one of two files that both stand for a file in progress: a machine died while that got its second name, or the second one is
// a copy, made by a run that could not cut files. Either begins with the rows that count, unless it is a damaged one, and the other was put back.
func (c *fileCommitter) oneName(ctx context.Context, s stagedName, f openFile) error {
	whole := s.as(recovered)
	info, err := c.system.Stat(ctx, whole)
	if err != nil {
		return failed(whole, err)
	}
	if info.Size >= f.size {
		return c.remove(ctx, s.String())
	}
	if there, err := c.exists(ctx, s.String()); err != nil || !there {
		return err // there is no other one: it is said how short this one is
	}
	if err := c.remove(ctx, whole); err != nil {
		return err
	}
	return c.rename(ctx, s.String(), whole)
}

// completeCopy is complete where a file cannot be cut: rows are copied, as a
// compressed file and one with a footer cannot end where they are cut, and not every file system cuts. The
// copy gets a name of its own when it is whole, and the final one only when the
// original has gone: somebody may take the file away at once, and it must not be
// made again then.
func (c *fileCommitter) completeCopy(ctx context.Context, s stagedName, f openFile) error {
	whole := s.as(recovered)
	switch there, err := c.exists(ctx, whole); {
	case err != nil:
		return err
	case !there:
		switch there, err := c.exists(ctx, s.String()); {
		case err != nil:
			return err
		case !there:
			return nil
		}
		if err := c.copy(ctx, s, f); err != nil {
			return err
		}
		if err := c.rename(ctx, s.as(recovering), whole); err != nil {
			return err
		}
	}
	if err := c.sync(ctx); err != nil {
		return err
	}
	if err := c.remove(ctx, s.String()); err != nil {
		return err
	}
	if err := c.sync(ctx); err != nil {
		return err
	}
	return c.rename(ctx, whole, s.final)
}

// copy copies the rows that count.
func (c *fileCommitter) copy(ctx context.Context, s stagedName, f openFile) error {
	if err := c.remove(ctx, s.as(recovering)); err != nil {
		return err
	}
	in, err := c.read(ctx, s.String())
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := c.create(ctx, s.as(recovering))
	if err != nil {
		return err
	}
	if format := c.set.footed; format != nil {
		return failed(s.String(), completeGroups(format, out, in, f))
	}
	raw := &trackedReader{r: io.LimitReader(in, f.size)}
	plain, done := decompressed(s.final, raw)
	defer done()
	z := compressor(s.final, out)
	var w io.Writer = out
	if z != nil {
		w = z
	}
	n, err := io.CopyBuffer(w, io.LimitReader(plain, f.plain), make([]byte, bufferSize))
	if raw.err != nil {
		err = raw.err
	} else if err == nil && n < f.plain {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		err = fmt.Errorf("%d of the %d bytes that the checkpoint holds: %w", n, f.plain, err)
	}
	if z != nil {
		if e := z.Close(); err == nil {
			err = e
		}
	}
	if err == nil {
		err = out.Sync()
	}
	if e := out.Close(); err == nil {
		err = e
	}
	return failed(s.String(), err)
}

// completeGroups copies the groups of a file that count, and its tail, and closes out.
func completeGroups(format footed.Format, out *folderFile, in io.Reader, f openFile) error {
	raw := &trackedReader{r: io.LimitReader(in, f.size)}
	whole, _, err := format.Complete(out, io.MultiReader(raw, bytes.NewReader(f.tail)))
	switch want := f.size + int64(len(f.tail)); {
	case raw.err != nil:
		err = raw.err
	case err == nil && whole < want:
		err = fmt.Errorf("%d of the %d bytes that the checkpoint holds: %w", whole, want, io.ErrUnexpectedEOF)
	}
	if err == nil {
		err = out.Sync()
	}
	if e := out.Close(); err == nil {
		err = e
	}
	return err
}
