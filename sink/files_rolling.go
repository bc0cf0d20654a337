package sink

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/freshet-go/freshet/internal/compression"
	"github.com/freshet-go/freshet/sink/internal/footed"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A rollingFile is a file that is being written.
type rollingFile struct {
	stagedName
	interval window.Window // that its rows are of
	file     *folderFile
	plain    int64              // bytes of rows that have been sent on
	written  int64              // bytes that have reached file
	packed   compression.Writer // nil for a plain file
	encoder  any                // the codec.Encoder of its rows, once there are some
	groups   footed.Encoder     // encoder, if its files have a footer, or nil
	tail     []byte             // of groups, rows that the last Prepare has held beside those in file
	rows     int64              // that have been written
	buf      []byte             // whole rows
	dirty    bool               // there are rows that have not been synced
}

func newRollingFile(name stagedName, interval window.Window, file *folderFile) *rollingFile {
	f := &rollingFile{stagedName: name, interval: interval, file: file}
	f.packed = compressor(name.final, counter{f})
	return f
}

// compressed returns the extension of a file that is compressed, or "".
func compressed(name string) string {
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".gz", ".zst":
		return ext
	}
	return ""
}

func compressor(name string, w io.Writer) compression.Writer {
	switch compressed(name) {
	case ".gz":
		return gzip.NewWriter(w)
	case ".zst":
		zstd, err := compression.Zstd()
		if err != nil {
			panic(err) // Files has looked
		}
		return zstd.NewWriter(w)
	}
	return nil
}

// counter writes to the file and counts.
type counter struct{ f *rollingFile }

func (c counter) Write(p []byte) (int, error) {
	n, err := c.f.file.Write(p)
	c.f.written += int64(n)
	return n, err
}

// refused is the error of a row that could not be encoded.
func (f *rollingFile) refused(row int, err error) error {
	if f.groups != nil && !errors.Is(err, footed.ErrRow) {
		return f.failed(err)
	}
	return &stream.RowError{Row: row, Err: fmt.Errorf("sink: encode: %w", err)}
}

// added counts a row that has been encoded into buf.
func (f *rollingFile) added(ctx context.Context) error {
	f.dirty = true
	f.rows++
	if len(f.buf) >= bufferSize {
		return f.send(ctx)
	}
	return nil
}

// full reports whether the file is to be finished.
func (f *rollingFile) full(c *filesConfig) bool {
	return c.size > 0 && f.size() >= c.size || c.rows > 0 && f.rows >= c.rows || f.groups != nil && f.groups.Full()
}

// size returns how long the file is, near enough.
func (f *rollingFile) size() int64 {
	if f.packed != nil {
		return f.written
	}
	return f.written + int64(len(f.buf))
}

// send hands over what has been gathered.
func (f *rollingFile) send(ctx context.Context) error {
	f.file.ctx = ctx
	var w io.Writer = counter{f}
	if f.packed != nil {
		w = f.packed
	}
	_, err := w.Write(f.buf)
	f.plain += int64(len(f.buf))
	f.buf = f.buf[:0]
	if cap(f.buf) > 4*bufferSize {
		f.buf = nil // one huge row should not stay
	}
	return f.failed(err)
}

// sync makes what was written durable, so that it can be read even if nothing
// follows. Rows that a footed encoder gathers are left to it, as a tail, if they have most bytes at most.
func (f *rollingFile) sync(ctx context.Context, most int) error {
	if !f.dirty {
		return nil
	}
	if err := f.endGroup(most); err != nil {
		return err
	}
	if err := f.send(ctx); err != nil {
		return err
	}
	if f.packed != nil {
		if err := f.packed.Flush(); err != nil {
			return f.failed(err)
		}
	}
	if err := f.file.Sync(); err != nil {
		return f.failed(err)
	}
	f.dirty = false
	return nil
}

// endGroup has the rows that are gathered be in the tail, or in the file.
func (f *rollingFile) endGroup(most int) (err error) {
	if f.tail = nil; f.groups == nil {
		return nil
	}
	if most > 0 {
		f.tail, err = f.groups.Tail(most)
	}
	if err == nil && f.tail == nil {
		f.buf, err = f.groups.End(f.buf)
	}
	return f.failed(err)
}

// close completes the file and makes it durable.
func (f *rollingFile) close(ctx context.Context) (err error) {
	if f.groups != nil {
		f.buf, err = f.groups.Close(f.buf)
		err = f.failed(err)
	}
	if e := f.send(ctx); err == nil {
		err = e
	}
	if f.packed != nil {
		if e := f.packed.Close(); err == nil {
			err = f.failed(e)
		}
	}
	if err == nil {
		err = f.failed(f.file.Sync())
	}
	if e := f.file.Close(); err == nil {
		err = f.failed(e)
	}
	return err
}

// abandon leaves the file as it is.
func (f *rollingFile) abandon(ctx context.Context) {
	f.file.ctx = ctx
	_ = f.file.Close() // the next run completes what is there
}

func (f *rollingFile) failed(err error) error { return failed(f.final, err) }
