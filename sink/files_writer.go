package sink

import (
	"context"
	"errors"
	"path"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A fileWriter writes the files of one instance.
type fileWriter struct {
	*folder
	set      *fileSet
	ctx      context.Context // of the run; close is given none
	instance int
	open     map[stream.Time]*rollingFile // by the start of their interval
	dirty    bool                         // something was written since the last flush

	run      string   // the token of the run, see newRun
	parts    int      // how many files have been begun
	token    string   // run, in one with checkpoints; "" in another
	created  bool     // a file was made since the folder was synced
	finished []string // base names of the files to commit with the next checkpoint
}

// closing is how long close may take, of a run that may have been cancelled.
const closing = time.Minute

// mostOpen bounds the files that an instance writes at once.
const mostOpen = 64

// newWriter opens the folder. In a run without checkpoints it completes what an
// earlier one left behind.
func (s *fileSet) newWriter(c *stream.SinkContext) (*fileWriter, error) {
	d, err := s.openFolder(c.Context)
	if err != nil {
		return nil, err
	}
	w := &fileWriter{folder: d, set: s, ctx: c.Context, instance: c.Instance, run: newRun(time.Now()), open: map[stream.Time]*rollingFile{}}
	if c.Transactional {
		w.token = w.run
	} else if err := w.recoverAll(c.Context, c.Count); err != nil {
		return nil, err
	}
	return w, nil
}

// file returns the open file for a time, or a new one.
func (w *fileWriter) file(ctx context.Context, t stream.Time) (*rollingFile, error) {
	interval := w.set.windows.Slice(t)
	start := interval.Start
	if f := w.open[start]; f != nil {
		return f, nil
	}
	if len(w.open) == mostOpen {
		earliest := start
		for at := range w.open {
			if earliest == start || at < earliest {
				earliest = at
			}
		}
		if err := w.finish(ctx, w.open[earliest]); err != nil {
			return nil, err
		}
	}
	id := fileID{instance: w.instance}
	if w.set.rolls() {
		id.start = startText(start, w.set.windows)
	}
	f, err := w.begin(ctx, interval, id)
	if err != nil {
		return nil, err
	}
	w.open[start] = f
	return f, nil
}

// begin makes a file. Its number is the next one of the run, and not the first that
// is free: whoever takes files away must not find a name again.
func (w *fileWriter) begin(ctx context.Context, interval window.Window, id fileID) (*rollingFile, error) {
	id.run, id.part = w.run, w.parts
	w.parts++
	s := stagedName{final: w.set.names.name(id), id: id, token: w.token, kind: unfinished}
	file, err := w.create(ctx, s.String())
	if err != nil {
		return nil, err
	}
	w.created = true
	return newRollingFile(s, interval, file), nil
}

// added counts a row that has been encoded into a file, and returns the file, or nil if that is
// full, and finished.
func (w *fileWriter) added(ctx context.Context, f *rollingFile) (*rollingFile, error) {
	if err := f.added(ctx); err != nil {
		return nil, err
	}
	if !f.full(&w.set.filesConfig) {
		return f, nil
	}
	return nil, w.finish(ctx, f)
}

// advance finishes the files whose interval the watermark has passed, and all
// files at the end of time.
func (w *fileWriter) advance(ctx context.Context, wm stream.Time) error {
	for _, f := range w.open {
		if wm >= f.interval.End { // that of all of time is the end of time
			if err := w.finish(ctx, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush makes what was written durable. In a run with checkpoints prepare
// does, which follows.
func (w *fileWriter) flush(ctx context.Context) error {
	if w.token != "" {
		return nil
	}
	if err := w.syncAll(ctx, 0); err != nil {
		return err
	}
	w.dirty = false
	return nil
}

// mostTail bounds what a checkpoint holds of rows that are not in a file yet, of an instance.
const mostTail = 1 << 20

// syncAll makes all files durable, and their names. Of rows that are not in them yet it leaves tails bytes out.
func (w *fileWriter) syncAll(ctx context.Context, tails int) error {
	for _, f := range w.open {
		if err := f.sync(ctx, tails/len(w.open)); err != nil {
			return err
		}
	}
	if w.created {
		if err := w.sync(ctx); err != nil {
			return err
		}
	}
	w.created = false
	return nil
}

// prepare makes what was written durable, and returns which files are finished
// and how much of the others there is.
func (w *fileWriter) prepare(ctx context.Context) ([]byte, error) {
	if err := w.syncAll(ctx, mostTail); err != nil {
		return nil, err
	}
	p := preparedFiles{finished: w.finished}
	for _, f := range w.open {
		if f.rows > 0 {
			p.open = append(p.open, openFile{path.Base(f.String()), f.written, f.plain, f.tail, f.rows})
		}
	}
	w.finished = nil
	if len(p.finished)+len(p.open) == 0 {
		return nil, nil
	}
	return p.encode(), nil
}

// finish completes a file and gives it its name, or has the next checkpoint
// do so.
func (w *fileWriter) finish(ctx context.Context, f *rollingFile) error {
	delete(w.open, f.interval.Start)
	if err := f.close(ctx); err != nil {
		return err
	}
	if f.rows == 0 { // its only rows could not be encoded
		return w.remove(ctx, f.String())
	}
	if w.token != "" {
		w.finished = append(w.finished, path.Base(f.String()))
		return nil
	}
	if err := w.rename(ctx, f.String(), f.final); err != nil {
		return err
	}
	return w.sync(ctx)
}

// close finishes the files of a run that has come to its end. Those of one
// that failed stay behind as they are, for the next run to complete, and so do
// all in a run with checkpoints.
func (w *fileWriter) close() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), closing)
	defer cancel()
	var errs []error
	for _, f := range w.open {
		if w.dirty || w.token != "" {
			f.abandon(ctx)
			continue
		}
		errs = append(errs, w.finish(ctx, f))
	}
	return errors.Join(errs...)
}
