package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
)

// FilesIn is [Files] in another file system: HDFS, a bucket, or whatever else keeps
// the contract of [filesystem.Readable]. All that is said there holds here. All of its
// files can be read from anywhere.
//
// Calls end when the run has to stop, and not for a checkpoint, which waits for the 128 KiB
// that are being read. A file that is opened again is told from another one of its name by
// [filesystem.Info].ID, also where the two begin alike. One that is removed or replaced
// while it is read is read to its end, if it stays open.
//
// With [AllowMissing], the lists of system must not lag: a file that an earlier run
// had begun, and that is missed in one run, is read from its beginning in a later one.
//
// FilesIn panics if system is nil, and where Files does.
func FilesIn[T any](system filesystem.Readable, glob string, format codec.Format[T], opts ...FilesOption) stream.Source[T] {
	if system == nil {
		panic(fmt.Sprintf("source: FilesIn(nil, %q): the file system is nil", glob))
	}
	s := newFiles("FilesIn", glob, format, opts)
	s.set.system = system
	return s
}

// A systemFS is a file system as one run sees it.
type systemFS struct {
	ctx    context.Context // of the run
	system filesystem.Readable

	// While files are being found each directory is listed once, and no file is asked
	// for that is in a list.
	lists  map[string][]fs.DirEntry
	listed map[string]filesystem.Info
}

func newSystemFS(ctx context.Context, system filesystem.Readable) *systemFS {
	return &systemFS{ctx, system, map[string][]fs.DirEntry{}, map[string]filesystem.Info{}}
}

// found says that all files have been found: what is asked from now on is asked anew.
func (s *systemFS) found() { s.lists, s.listed = nil, nil }

func (s *systemFS) ReadDir(name string) (all []fs.DirEntry, err error) {
	if all, ok := s.lists[name]; ok {
		return all, nil
	}
	for info, err := range s.system.List(s.ctx, name) {
		if err != nil {
			return nil, err
		}
		all = append(all, systemInfo{info})
		if s.listed != nil {
			s.listed[path.Join(name, info.Name)] = info
		}
	}
	if s.lists != nil {
		s.lists[name] = all
	}
	return all, nil
}

func (s *systemFS) Stat(name string) (fs.FileInfo, error) {
	info, ok := s.listed[name]
	if !ok {
		var err error
		if info, err = s.system.Stat(s.ctx, name); err != nil {
			return nil, err
		}
	}
	return systemInfo{info}, nil
}

// Open asks for the file, and opens it where it is first read.
func (s *systemFS) Open(name string) (fs.File, error) {
	info, err := s.system.Stat(s.ctx, name)
	if err != nil {
		return nil, err
	}
	return &systemFile{systemFS: s, name: name, info: info}, nil
}

// A systemFile is a file that is read.
type systemFile struct {
	*systemFS
	name string
	info filesystem.Info
	at   int64
	body io.ReadCloser // from at on; nil until the next Read
}

func (f *systemFile) Read(p []byte) (int, error) {
	if err := f.open(); err != nil {
		return 0, err
	}
	n, err := f.body.Read(p)
	f.at += int64(n)
	if err == io.EOF && f.at < f.info.Size {
		err = f.endsEarly()
	}
	return n, err
}

func (f *systemFile) open() error {
	if f.body != nil {
		return nil
	}
	body, info, err := f.system.Open(f.ctx, f.name, f.at)
	if err != nil {
		return err
	}
	if isOther(f.info, info) {
		return errors.Join(fmt.Errorf("%w while it was read", ErrReplaced), body.Close())
	}
	f.body, f.info.Size = body, info.Size // Stat may tell of more while the file is being written
	return nil
}

// readable returns how many bytes can be read by now.
func (f *systemFile) readable() (int64, error) {
	err := f.open()
	return f.info.Size, err
}

// endsEarly returns the error of a file that has ended before its end: a connection
// may, and so may a file that was cut short.
func (f *systemFile) endsEarly() error {
	now, err := f.system.Stat(f.ctx, f.name)
	switch {
	case err != nil:
		return fmt.Errorf("it ended at byte %d of %d: %w", f.at, f.info.Size, err)
	case now.Size > f.at:
		return fmt.Errorf("it ended at byte %d of %d: %w", f.at, now.Size, io.ErrUnexpectedEOF)
	}
	return io.EOF
}

// isOther reports whether two files of one name are known to be different.
func isOther(was, is filesystem.Info) bool { return was.ID != "" && is.ID != "" && was.ID != is.ID }

func (f *systemFile) Seek(at int64, whence int) (int64, error) {
	if whence != io.SeekStart {
		return 0, errors.ErrUnsupported
	}
	if at != f.at {
		f.close() // it was only read from
		f.at = at
	}
	return at, nil
}

// Stat tells how the file is now, or, where its name has gone or is another's, how it was.
func (f *systemFile) Stat() (fs.FileInfo, error) {
	now, err := f.system.Stat(f.ctx, f.name)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && isOther(f.info, now):
		return systemInfo{f.info}, nil
	case err != nil:
		return nil, err
	}
	return systemInfo{now}, nil
}

func (f *systemFile) Close() error { return f.close() }

func (f *systemFile) close() error {
	if f.body == nil {
		return nil
	}
	err := f.body.Close()
	f.body = nil
	return err
}

// A systemInfo is an Info as package fs has it.
type systemInfo struct{ of filesystem.Info }

func (i systemInfo) Name() string               { return i.of.Name }
func (i systemInfo) Size() int64                { return i.of.Size }
func (i systemInfo) IsDir() bool                { return i.of.Dir }
func (i systemInfo) ModTime() time.Time         { return time.Time{} } // nobody asks
func (i systemInfo) Sys() any                   { return i.of }
func (i systemInfo) Type() fs.FileMode          { return i.Mode() }
func (i systemInfo) Info() (fs.FileInfo, error) { return i, nil }

func (i systemInfo) Mode() fs.FileMode {
	if i.of.Dir {
		return fs.ModeDir
	}
	return 0
}
