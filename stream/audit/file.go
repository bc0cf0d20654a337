package audit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/freshet-go/freshet/internal/durable"
)

// File is a storage in a file, a line for each entry. The file is made with mode 0600 when it is opened, and the directory
// has to be there. A link is not followed where the system can tell. On systems with flock(2) another process
// that opens it is refused.
//
// [Verify] of a File that is not there finds a log without entries; with [Against] that is a cut end.
func File(path string) Storage {
	if path == "" {
		panic("audit: File: the path is empty")
	}
	return &file{path: path}
}

type file struct {
	path string
	out  *os.File
}

func (f *file) Open(context.Context) (left int, err error) {
	out, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE|os.O_APPEND|noFollow, 0o600)
	if err != nil {
		return 0, fmt.Errorf("audit: %w", err)
	}
	left, err = f.begin(out)
	if err != nil {
		return 0, errors.Join(fmt.Errorf("audit: %s: %w", f.path, err), durable.CloseLocked(out))
	}
	f.out = out
	return left, nil
}

func (f *file) begin(out *os.File) (left int, err error) {
	if err := lock(out); err != nil {
		return 0, err
	}
	info, err := out.Stat()
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, errors.New("it is no regular file")
	}
	if left, err = unfinished(out, info.Size()); err != nil {
		return 0, err
	}
	if left > 0 {
		if err := out.Truncate(info.Size() - int64(left)); err != nil {
			return 0, err
		}
	}
	if err := out.Sync(); err != nil {
		return 0, err
	}
	return left, durable.SyncDir(filepath.Dir(f.path))
}

// unfinished returns how many bytes there are behind the last line end.
func unfinished(r io.ReaderAt, size int64) (int, error) {
	b := make([]byte, min(size, mostLine+1))
	if _, err := r.ReadAt(b, size-int64(len(b))); err != nil && err != io.EOF {
		return 0, err
	}
	at := bytes.LastIndexByte(b, '\n')
	if at < 0 && int64(len(b)) < size {
		return 0, errors.New("its last line is longer than an entry can be: it is no log")
	}
	return len(b) - at - 1, nil
}

func (f *file) Append(_ context.Context, _ int64, line []byte) error {
	if f.out == nil {
		return errors.New("the file is not open")
	}
	if _, err := f.out.Write(append(bytes.Clone(line), '\n')); err != nil {
		return err
	}
	return f.out.Sync()
}

func (f *file) Close() error {
	if f.out == nil {
		return nil
	}
	err := durable.CloseLocked(f.out)
	f.out = nil
	return err
}

// Lines reads the file from its beginning.
func (f *file) Lines(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		in, err := os.Open(f.path)
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			yield(nil, fmt.Errorf("audit: %w", err))
			return
		}
		defer in.Close()
		lines := bufio.NewScanner(in)
		lines.Buffer(make([]byte, 64<<10), mostLine+1)
		lines.Split(untilLineFeed)
		for lines.Scan() {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !yield(lines.Bytes(), nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(nil, fmt.Errorf("audit: %s: %w", f.path, err))
		}
	}
}

// untilLineFeed splits lines and leaves carriage returns in them: nobody has written any.
func untilLineFeed(data []byte, atEnd bool) (advance int, token []byte, err error) {
	if at := bytes.IndexByte(data, '\n'); at >= 0 {
		return at + 1, data[:at], nil
	}
	if atEnd && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}
