package sink

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/freshet-go/freshet/internal/compression"
	"github.com/freshet-go/freshet/window"
)

// recoverAll completes what runs without checkpoints left behind. A run may
// have fewer instances than the one before, so each takes the files of several.
func (w *fileWriter) recoverAll(ctx context.Context, count int) error {
	bases, err := w.list(ctx)
	if err != nil {
		return err
	}
	for _, base := range bases {
		s, ok := w.set.names.staged(base)
		if !ok || s.token != "" || s.id.instance%max(count, 1) != w.instance {
			continue
		}
		if s.kind == unfinished {
			err = w.recover(ctx, s)
		} else {
			err = w.remove(ctx, s.String()) // interrupted; the .tmp is still there
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// recover copies the whole records of a file that was not finished, which
// makes a compressed file whole again too, and publishes them.
func (w *fileWriter) recover(ctx context.Context, s stagedName) error {
	left, copied := s.String(), s.as(recovering)
	switch done, err := w.exists(ctx, s.final); {
	case err != nil:
		return err
	case done:
		return w.remove(ctx, left) // it was recovered, but not removed
	}
	in, err := w.read(ctx, left)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := w.remove(ctx, copied); err != nil {
		return err
	}
	out, err := w.create(ctx, copied)
	if err != nil {
		return err
	}
	rows, err := w.copyWhole(ctx, s, out, in)
	if err != nil {
		return err
	}
	if rows == 0 {
		err = w.remove(ctx, copied)
	} else if err = w.rename(ctx, copied, s.final); err == nil {
		err = w.sync(ctx)
	}
	if err != nil {
		return err
	}
	return w.remove(ctx, left)
}

// copyWhole copies the whole records of a file, or its whole groups of rows, closes out, and returns how many rows there are.
func (w *fileWriter) copyWhole(ctx context.Context, s stagedName, out *folderFile, in io.Reader) (rows int64, err error) {
	raw := &trackedReader{r: in}
	if format := w.set.footed; format != nil {
		out.ctx = ctx
		if _, rows, err = format.Complete(out, raw); err == nil {
			err = out.Sync()
		}
		if raw.err != nil {
			err = raw.err
		}
		if e := out.Close(); err == nil {
			err = e
		}
		return rows, failed(s.String(), err)
	}
	f := newRollingFile(s, window.Window{}, out)
	plain, done := decompressed(s.final, raw)
	rows, err = copyRecords(ctx, f, plain, w.set.records())
	done()
	if err == nil && raw.err != nil {
		err = failed(s.String(), raw.err)
	}
	if err != nil {
		f.abandon(ctx)
		return rows, err
	}
	return rows, f.close(ctx)
}

// A trackedReader remembers an error of the disk, which a decompressor might
// pass off as one of the data.
type trackedReader struct {
	r   io.Reader
	err error
}

func (t *trackedReader) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if err != nil && err != io.EOF {
		t.err = err
	}
	return n, err
}

// decompressed returns the reader of a file that may be torn, and a function
// to call when it is not needed any more.
func decompressed(name string, r io.Reader) (io.Reader, func()) {
	raw := bufio.NewReaderSize(r, bufferSize)
	none := func() {}
	switch compressed(name) {
	case ".gz":
		if z, err := gzip.NewReader(raw); err == nil {
			return z, none
		}
		return bytes.NewReader(nil), none // torn in its own header
	case ".zst":
		if zstd, err := compression.Zstd(); err == nil {
			if z, free, err := zstd.NewReader(raw); err == nil {
				return z, free
			}
		}
		return bytes.NewReader(nil), none
	}
	return raw, none
}

// copyRecords copies the records of in up to the first that is not whole, and
// returns how many hold a value. Where a compressed file is torn, the error of
// reading says no more than where it ends.
func copyRecords(ctx context.Context, f *rollingFile, in io.Reader, find recordFinder) (rows int64, err error) {
	var data []byte
	for chunk := make([]byte, bufferSize); ; {
		n, readErr := in.Read(chunk)
		data = append(data, chunk[:n]...)
		cut := 0
		for {
			// Never at the end of the file: a last line without a line feed is torn.
			advance, value := find(data[cut:], false)
			if advance == 0 {
				break
			}
			if value {
				rows++
			}
			f.buf = append(f.buf, data[cut:cut+advance]...)
			cut += advance
			if len(f.buf) >= bufferSize {
				if err := f.send(ctx); err != nil {
					return rows, err
				}
			}
		}
		data = append(data[:0], data[cut:]...)
		if readErr != nil {
			return rows, nil
		}
	}
}
