package logfile

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"time"
)

// errDoubt says that files are being moved about, and that it will be clear soon what
// has become of them.
var errDoubt = errors.New("logfile: it is not clear yet which file goes on")

// locate returns which of the files, the oldest first, goes on with the generation
// that was read, or -1. That is the one with its inode, unless that holds something
// else by now. Otherwise it is a copy, or what compression has made of it: of
// several that begin alike, the one that follows the generation before, or the oldest that has been
// written to since.
func (l *log) locate(files []*file) (int, error) {
	for i, f := range files {
		if f.inode == l.inode && (l.holding(f) || !l.changed && f.ext == "" && f.holds(l.generation)) {
			return i, nil
		}
	}
	if l.head.bytes == 0 {
		return -1, unmoved(files)
	}
	found := -1
	from, known := l.behindBefore(files)
	for i := from; i < len(files); i++ {
		f := files[i]
		switch alike, err := l.alike(f); {
		case err != nil && f.ext != "" && l.fresh(f) && l.doubting():
			return -1, errDoubt // it is being written
		case err != nil || !alike:
		case f.mtime.UnixNano() >= l.mtime, known && i == from:
			return i, unmoved(files) // logrotate gives a compressed one the time at which it has begun
		default:
			found = i
		}
	}
	return found, unmoved(files)
}

// holding reports whether f is open, and holds what was read of it.
func (l *log) holding(f *file) bool { return l.in != nil && !l.changed && l.in.of.inode == f.inode }

// holds reports whether f still is a generation that was read, by all that is known of it.
func (f *file) holds(g generation) bool {
	if f.size < g.at {
		return false
	}
	alike, err := f.resembles(g)
	return err == nil && alike
}

// begins reports whether f begins as head has it.
func (f *file) begins(head fingerprint) bool {
	data, err := f.head(head.bytes)
	return err == nil && head.begins(data)
}

// resembles reports whether f begins as a generation does, and stands at its
// place as it does. A copy may end before, at any byte: what was written between copying
// and truncating is in no file any more, and may have been read.
func (f *file) resembles(g generation) (bool, error) {
	head, err := f.head(g.head.bytes)
	if err != nil || !g.head.begins(head) {
		return false, err
	}
	if f.ext == "" && f.size < g.at {
		return !f.current, nil
	}
	tail, err := f.read(g.at-int64(g.tail.bytes), g.tail.bytes)
	if f.ext != "" && (err == io.EOF || err == nil && len(tail) < g.tail.bytes) {
		return true, nil // a compressed copy that ends before
	}
	return err == nil && printOf(tail) == g.tail, err
}

// alike reports whether f resembles the generation, or is a copy of it that ends before as much as is known
// of its head.
func (l *log) alike(f *file) (bool, error) {
	alike, err := f.resembles(l.generation)
	if alike || err != nil || l.in == nil || f.current {
		return alike, err
	}
	head, err := f.head(l.head.bytes)
	return len(head) > 0 && len(head) < l.head.bytes && bytes.HasPrefix(l.in.first, head), err
}

// younger returns from where on files are younger than the generation before the one that is read.
func (l *log) younger(files []*file) int {
	if i, found := l.behindBefore(files); found {
		return i
	}
	for i, f := range files { // it was removed, with all that are older
		if f.current || f.mtime.UnixNano() >= l.before.mtime {
			return i
		}
	}
	return len(files)
}

// behindBefore returns which of the files follows the generation before, if that is known.
func (l *log) behindBefore(files []*file) (int, bool) {
	if !l.hasBefore {
		return 0, true
	}
	was, found := l.before, -1
	for i, f := range files {
		// All of it was read, so it is as long as that, unless somebody wrote to it later.
		if f.inode == was.inode && f.ext == "" && f.size == was.at && f.holds(was) {
			return i + 1, true
		}
	}
	for i, f := range files {
		if was.head.bytes == 0 || found >= 0 && files[found].mtime.UnixNano() >= was.mtime || f.current {
			break
		}
		if f.ext == "" && f.size != was.at && f.inode != was.inode {
			continue
		}
		if alike, err := f.resembles(was); err == nil && alike {
			found = i
		}
	}
	return found + 1, found >= 0
}

// following returns the files that come after the generation, which is i of them or, where
// i is -1, none.
func (l *log) following(files []*file, i int) []*file {
	if i >= 0 {
		return files[i+1:]
	}
	i = l.younger(files)
	for i < len(files) && !files[i].current && files[i].mtime.UnixNano() < l.mtime {
		i++
	}
	return files[i:]
}

// truncatedUnseen reports whether the file was copied and truncated since the last look,
// and begins as it did. Only a short head can hide that: nothing was in the file yet, or no more
// than a header. Then there is a copy, which is younger than the generation before, and
// older than the file. Within one tick of the clock nothing is compressed.
func (l *log) truncatedUnseen(compressed bool) (bool, error) {
	l.keep()
	files, err := l.look()
	if err != nil {
		return false, err
	}
	here := slices.IndexFunc(files, func(f *file) bool { return f.inode == l.inode && f.ext == "" })
	if here < 0 {
		return false, nil
	}
	for _, f := range files[min(l.younger(files), here):here] {
		if f.ext != "" && !compressed {
			continue
		}
		if first, err := f.head(1); err != nil || len(first) == 0 || f.mtime.UnixNano() < l.mtime {
			continue
		}
		if files[here].current {
			copied, err := l.copyOf(f, files[here])
			if err != nil {
				return false, err
			}
			if copied {
				continue
			}
		}
		if alike, err := f.resembles(l.generation); err == nil && alike {
			return true, unmoved(files)
		}
	}
	return false, unmoved(files)
}

// copyOf reports whether rotated is a copy of what current still holds: it was made a moment ago, and
// the file is about to be truncated. Of files that are alike the copy is the one that was made
// later, where the file system tells. Of files that are so short that they may be
// alike by chance, it is known only after RotateWait; until then it returns errDoubt.
func (l *log) copyOf(rotated, current *file) (bool, error) {
	if rotated.ext != "" || rotated.size == 0 || rotated.size > current.size || rotated.inode == current.inode {
		return false, nil
	}
	n := int(min(rotated.size, headBytes))
	tail := int(min(rotated.size, tailBytes))
	for _, part := range []struct {
		at int64
		n  int
	}{{0, n}, {rotated.size - int64(tail), tail}} {
		a, err := rotated.read(part.at, part.n)
		if err != nil {
			return false, doubtful(err)
		}
		b, err := current.read(part.at, part.n)
		if err != nil {
			return false, doubtful(err)
		}
		if !bytes.Equal(a, b) {
			return false, nil
		}
	}
	// A file that was renamed is older than the one that took its name, and may hold
	// the same: a program that writes one line again and again.
	if after, known := rotated.bornAfter(current); known && !after {
		return false, nil
	}
	if n == headBytes {
		return true, nil
	}
	if l.fresh(rotated) && l.doubting() {
		return false, errDoubt
	}
	return false, nil
}

// doubting reports whether there is still time to find out.
func (l *log) doubting() bool {
	if l.doubtAt.IsZero() {
		l.doubtAt = l.now()
	}
	return !l.waited(l.doubtAt)
}

// doubtful makes errDoubt of the error of a file that was moved since it was found.
func doubtful(err error) error {
	if isMoved(err) {
		return errDoubt
	}
	return err
}

// fresh reports whether a file may have been written to a moment ago.
func (l *log) fresh(f *file) bool { return !l.waited(l.runTime(f.mtime)) }

// runTime returns a time of the file system's by the clock of the run.
func (l *log) runTime(at time.Time) time.Time {
	if l.fileTime != nil {
		return l.fileTime(at)
	}
	return at
}

// waited reports whether so much time has gone by since any of the times that RotateWait is over.
func (l *log) waited(since ...time.Time) bool {
	for _, at := range since {
		if l.now().Sub(at) < l.rotateWait {
			return false
		}
	}
	return true
}
