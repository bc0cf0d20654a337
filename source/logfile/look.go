package logfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/freshet-go/freshet/source/internal/decompress"
)

// A file is one generation of a log, as a look has found it.
type file struct {
	path     string
	ext      string // of a compressed one
	rotation rotation
	inode    inode
	size     int64
	mtime    time.Time
	current  bool  // it has the log's own name
	moved    *bool // set where a file of the look was no longer there when it was read
}

func newFile(path string, info fs.FileInfo) *file {
	return &file{
		path: path, ext: decompress.Extension(path),
		inode: inodeOf(info), size: info.Size(), mtime: info.ModTime(),
	}
}

// head returns the first n bytes, or as many as there are.
func (f *file) head(n int) ([]byte, error) { return f.read(0, n) }

// read returns n bytes from a byte on, or as many as there are. Of a compressed file it has to
// decompress all that is before, and returns io.EOF if it ends before that byte, and
// io.ErrUnexpectedEOF if it is cut short.
func (f *file) read(at int64, n int) ([]byte, error) {
	in, err := openInput(f)
	if err != nil {
		if f.moved != nil && isMoved(err) {
			*f.moved = true
		}
		return nil, err
	}
	defer in.close()
	if f.ext == "" {
		data := make([]byte, n)
		n, err = in.file.ReadAt(data, at)
		if err == io.EOF {
			err = nil
		}
		return data[:n], err
	}
	if _, err := io.CopyN(io.Discard, in.unzipped, at); err != nil {
		return nil, err
	}
	// Not ReadFull, to which a file that ends and one that is cut short are the same.
	return io.ReadAll(io.LimitReader(in.unzipped, int64(n)))
}

// look returns the files of a log that there are, the oldest first. The current
// one, if there is any, is the last.
//
// A list of a directory in which names change may have a file under two names, or
// under none. So it is made until two agree.
func (l *log) look() ([]*file, error) {
	was, err := l.list()
	for range mostLooks {
		if err != nil {
			return nil, err
		}
		var is []*file
		is, err = l.list()
		if err == nil && slices.EqualFunc(was, is, func(a, b *file) bool { return a.path == b.path && a.inode == b.inode }) {
			return l.parted(is), nil
		}
		was = is
	}
	return nil, fmt.Errorf("the files beside it are renamed faster than they are listed: %w", err)
}

const mostLooks = 100

// list returns the files of the log in the order of their names.
func (l *log) list() ([]*file, error) {
	names, err := l.names()
	if err != nil {
		return nil, err
	}
	var files []*file
	for _, f := range append(names, &file{path: l.path, current: true}) {
		info, err := os.Stat(f.path)
		switch {
		case errors.Is(err, fs.ErrNotExist): // renamed or removed since
		case err != nil:
			return nil, err
		case info.Mode().IsRegular():
			is := newFile(f.path, info)
			is.rotation, is.current = f.rotation, f.current
			files = append(files, is)
		}
	}
	return files, nil
}

// names returns the rotated files of the log, without their inodes.
func (l *log) names() (files []*file, err error) {
	add := func(path string, r rotation) {
		if path != l.path && !l.others(path) {
			files = append(files, &file{path: path, rotation: r})
		}
	}
	_, name := filepath.Split(l.path)
	if l.rotated != nil {
		for _, pattern := range l.rotated(l.path) {
			paths, err := filepath.Glob(pattern)
			if err != nil {
				return nil, fmt.Errorf("logfile: Rotated gives %q: %w", pattern, err)
			}
			for _, path := range paths {
				r, _ := rotationOf(name, filepath.Base(path))
				add(path, r)
			}
		}
	} else {
		for _, path := range l.paths() {
			dir, name := filepath.Split(path)
			names, err := l.dirs.names(filepath.Clean(dir), strings.TrimSuffix(name, filepath.Ext(name)))
			if err != nil {
				return nil, err
			}
			for _, n := range names {
				if r, ok := rotationOf(name, n); ok {
					add(dir+n, r)
				}
			}
		}
	}
	slices.SortFunc(files, func(a, b *file) int { return strings.Compare(a.path, b.path) })
	return slices.CompactFunc(files, func(a, b *file) bool { return a.path == b.path }), nil
}

// parted returns the files in the order of their age, and each once: a compressed one
// beside the one that it is made of is not whole yet, and a link leads to another.
func (l *log) parted(files []*file) []*file {
	plain, seen := map[string]bool{}, map[inode]bool{}
	var current *file
	for _, f := range files {
		if f.current {
			current, seen[f.inode] = f, true
		} else if f.ext == "" {
			plain[f.path] = true
		}
	}
	var rotated []*file
	for _, f := range files {
		if f.current || seen[f.inode] || f.ext != "" && plain[strings.TrimSuffix(f.path, filepath.Ext(f.path))] {
			continue
		}
		seen[f.inode] = true
		rotated = append(rotated, f)
	}
	inOrder(rotated)
	if current != nil {
		rotated = append(rotated, current)
	}
	moved := new(bool)
	for _, f := range rotated {
		f.moved = moved
	}
	return rotated
}

// unmoved returns an error if a file of a look was moved while it was looked into. What was
// found out then means nothing.
func unmoved(files []*file) error {
	if len(files) > 0 && *files[0].moved {
		return errMoved
	}
	return nil
}
