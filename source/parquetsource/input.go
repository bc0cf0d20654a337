package parquetsource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream/filesystem"
)

// An input is a file that is open. It remembers what its medium has failed with, which a decoder would pass off as
// damage of the file.
type input struct {
	from   io.ReaderAt
	size   int64
	ahead  int // how much to ask for at once
	close  func() error
	failed atomic.Pointer[error]
}

func (in *input) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 || at > in.size {
		return 0, io.ErrUnexpectedEOF // a place that a damaged file tells
	}
	n, err := in.from.ReadAt(p[:min(int64(len(p)), in.size-at)], at)
	switch {
	case n == len(p):
		return n, nil
	case err == nil || errors.Is(err, io.EOF):
		if at+int64(n) < in.size {
			err := fmt.Errorf("%w: it ended at byte %d of %d: %w", source.ErrReplaced, at+int64(n), in.size, io.ErrUnexpectedEOF)
			in.failed.Store(&err)
			return n, err
		}
		return n, io.EOF
	}
	in.failed.Store(&err)
	return n, err
}

// failure returns what the medium has failed with, or nil.
func (in *input) failure() error {
	if err := in.failed.Load(); err != nil {
		return *err
	}
	return nil
}

func (in *input) Close() error {
	if in.close == nil {
		return nil
	}
	return in.close()
}

// seeking reads at an offset by going there. One goroutine uses it.
type seeking struct{ io.ReadSeeker }

func (s seeking) ReadAt(p []byte, at int64) (int, error) {
	if _, err := s.Seek(at, io.SeekStart); err != nil {
		return 0, err
	}
	return io.ReadFull(s, p)
}

// A systemFile is a file of a filesystem.Readable.
type systemFile struct {
	ctx    context.Context // of the run
	system filesystem.Readable
	name   string
	info   filesystem.Info
}

func (f *systemFile) ReadAt(p []byte, at int64) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	body, info, err := f.system.Open(f.ctx, f.name, at)
	if err != nil {
		return 0, err
	}
	if f.info.ID != "" && info.ID != "" && f.info.ID != info.ID {
		err = fmt.Errorf("%w while it was read", source.ErrReplaced)
	} else {
		n, err = io.ReadFull(body, p)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	_ = body.Close() // it was only read from
	return n, err
}

// A window reads a part of a file, from its beginning to its end, in pieces of the size that suits its medium. What is small comes out of
// the piece that was read last.
type window struct {
	from *input
	buf  []byte
	at   int64 // where buf begins in the file
}

func (w *window) ReadAt(p []byte, at int64) (int, error) {
	have := w.have(at)
	if len(have) >= len(p) {
		return copy(p, have), nil
	}
	if len(p) < w.from.ahead {
		have, err := w.peek(at, len(p))
		n := copy(p, have)
		if n == len(p) {
			err = nil
		}
		return n, err
	}
	n := copy(p, have)
	m, err := w.from.ReadAt(p[n:], at+int64(n))
	return n + m, err
}

// have returns what of the piece stands at a place.
func (w *window) have(at int64) []byte {
	if at < w.at || at >= w.at+int64(len(w.buf)) {
		return nil
	}
	return w.buf[at-w.at:]
}

// peek returns n bytes or more that stand at a place, or what there is up to the end of the file, and an error then.
func (w *window) peek(at int64, n int) ([]byte, error) {
	have := w.have(at)
	if len(have) >= n {
		return have, nil
	}
	size := max(n, w.from.ahead)
	buf := w.buf
	if cap(buf) < size {
		buf = make([]byte, size)
	}
	buf = buf[:size]
	kept := copy(buf, have)
	m, err := w.from.ReadAt(buf[kept:], at+int64(kept))
	w.buf, w.at = buf[:kept+m], at
	if len(w.buf) >= n {
		err = nil
	}
	return w.buf, err
}
