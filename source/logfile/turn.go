package logfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"
)

// A verdict is what comes behind the end of what has been read.
type verdict int

const (
	waits  verdict = iota // nothing, for now
	goesOn                // more of the same generation
	ended                 // the generation has ended, and log.next follows
	over                  // the log has ended: no file of it is there
)

// isMoved reports whether err says that a file is not what it was when it was found.
func isMoved(err error) bool {
	return errors.Is(err, errMoved) || errors.Is(err, fs.ErrNotExist) || errors.As(err, new(shortError))
}

// turn finds out how it goes on where a generation has been read to its end, or no
// file is open. All ways of rotating are one to it: what was read is not at the
// path any more, or not all of it, so it is found among the files of the log; it is read
// to its end there, then those that are younger, and then the one at the path.
func (l *log) turn() (verdict, error) {
	l.pending.Store(false)
	l.keep()
	if err := l.skip(); err != nil {
		return waits, err
	}
	current, err := l.stat()
	if err != nil {
		return waits, err
	}
	if !l.begun || l.in == nil && l.at == 0 && l.damagedAt.IsZero() {
		return l.first()
	}
	if current != nil && current.inode == l.inode && !l.changed {
		if l.in != nil {
			l.lost, l.rotatedAt = false, time.Time{}
			return waits, nil
		}
		if current.ext != "" || current.holds(l.generation) {
			return goesOn, l.open(current)
		}
	}
	l.lost = true
	if l.rotatedAt.IsZero() {
		l.rotatedAt = l.now()
	}
	files, err := l.look()
	if err != nil {
		return waits, err
	}
	at, err := l.locate(files)
	if err != nil {
		return waits, err
	}
	if at < 0 && l.in == nil && !l.missed {
		if f := l.renamed(); f != nil {
			at = len(files) - len(l.following(files, -1))
			if len(files) > 0 {
				f.moved = files[0].moved
			}
			files = slices.Insert(files, at, f)
		}
	}
	l.lost = at < 0
	switch {
	case at >= 0 && !l.holding(files[at]):
		return l.resume(files, at)
	case at < 0 && l.in == nil, at < 0 && l.changed:
		l.miss()
		l.close()
	}
	return l.successor(files, at)
}

// first begins with the oldest file there is behind the generation before. So it is, too, where nothing is
// open, and nothing was given of the generation: where it stands is more to go by than an inode, which may have been
// given to another file, and the few bytes that it may have had.
func (l *log) first() (verdict, error) {
	files, err := l.look()
	if err != nil {
		return waits, err
	}
	next := files[l.younger(files):]
	if err := unmoved(files); err != nil {
		return waits, err
	}
	if len(next) == 0 && len(files) > 0 {
		return waits, nil
	}
	if l.begun && l.head.bytes > 0 {
		if len(next) == 0 || !next[0].begins(l.head) {
			l.miss()
		}
	}
	l.begun = false
	return l.follow(next)
}

// resume goes on in another file than the one that is open.
func (l *log) resume(files []*file, at int) (verdict, error) {
	f := files[at]
	copied := f.inode != l.inode
	if head, err := f.head(l.head.bytes); err == nil && len(head) < l.head.bytes {
		l.head = printOf(head) // the copy ends before
	}
	err := l.open(f)
	var short shortError
	if errors.As(err, &short) && !f.current { // a copy that ends before, so it was all read
		l.base += l.at - short.size
		l.inode, l.at, l.tail = f.inode, short.size, fingerprint{}
		return l.successor(files, at)
	}
	if err != nil {
		return waits, err
	}
	l.copied = copied
	return goesOn, nil
}

// successor has the generation end once it is sure that there is a next one and that nobody
// writes to it any more.
func (l *log) successor(files []*file, at int) (verdict, error) {
	next := l.following(files, at)
	if err := unmoved(files); err != nil {
		return waits, err
	}
	if len(next) > 0 && at >= 0 && next[0].current {
		switch same, err := l.copyOf(files[at], next[0]); {
		case err != nil:
			return waits, err
		case same: // what was read is a copy of what has not been truncated yet
			return goesOn, l.open(next[0])
		}
	}
	if len(next) == 0 {
		if !l.quiet() {
			l.pending.Store(true)
			return waits, nil
		}
		if len(files) == 0 {
			return over, nil
		}
		return waits, nil
	}
	// One that was rotated three times is not written to any more. One that was rotated twice may be, where that
	// was within the moment that a writer takes to open the next; but one that was removed has others go soon, too:
	// it is waited for only where nothing is in those that could go.
	atMostTwice := next[0].current || at >= 0 && len(next) <= 2 || unwritten(next)
	if l.in != nil && !l.changed && !l.copied && l.in.of.ext == "" && atMostTwice && !l.quiet() {
		l.pending.Store(true)
		return waits, nil
	}
	// What was written before the look is read now; what is written later is too late.
	if grown, err := l.fill(l.limit()); err != nil || grown {
		return goesOn, err
	}
	if l.in != nil && l.changed {
		return goesOn, nil // and not only renamed
	}
	if l.ending = nil; at >= 0 && files[at].ext == "" {
		l.ending = files[at]
	}
	return l.follow(next)
}

// unwritten reports whether nothing has been written to the files behind a generation, apart from the one at the path:
// its writer has opened none of them.
func unwritten(next []*file) bool {
	return !slices.ContainsFunc(next, func(f *file) bool { return !f.current && f.size > 0 })
}

// follow has the first of the files be the next generation.
func (l *log) follow(files []*file) (verdict, error) {
	files = slices.DeleteFunc(slices.Clone(files), func(f *file) bool { return l.broken[f.inode] })
	for len(files) > 1 && files[len(files)-1].current {
		copied, err := l.copyOf(files[0], files[len(files)-1])
		if err != nil {
			return waits, err
		}
		if !copied {
			break
		}
		files = files[1:]
	}
	if len(files) == 0 {
		return over, nil
	}
	l.next = files[0]
	return ended, nil
}

// quiet reports whether a file that has lost its name was left alone for RotateWait.
func (l *log) quiet() bool {
	if l.waited(l.rotatedAt, l.grewAt) {
		return true
	}
	if l.in == nil {
		return false
	}
	info, err := l.in.file.Stat()
	return err == nil && l.waited(l.runTime(quietSince(info)))
}

// miss logs that a generation is gone before it was read to its end.
func (l *log) miss() {
	if l.missed || l.head.bytes == 0 && l.at == 0 {
		return // it was empty
	}
	l.missed = true
	args := []any{"file", l.name, "read", l.at}
	for _, seen := range []*file{l.seen.Load(), l.seenBefore.Load()} {
		if seen == nil || seen.inode != l.inode || seen.size < l.at {
			continue
		}
		if seen.size == l.at && !l.changed {
			return // nothing was added that anybody knows of
		}
		args = append(args, "lost", seen.size-l.at)
		break
	}
	l.logger.Warn("a log file is gone before it was read to its end", args...)
}

// damaged deals with a compressed file that cannot be read on: its writer may not
// be done. It is tried again for RotateWait after it has changed, and passed over then.
func (l *log) damaged(cause error) verdict {
	if l.mends(l.in.of) {
		l.close()
		l.pending.Store(true)
		return waits
	}
	l.logger.Error("a compressed log file is damaged, and what follows in it is passed over",
		"file", l.in.of.path, "byte", l.in.end(), "cause", cause)
	l.in.unzipped, l.torn = bytes.NewReader(nil), true
	return goesOn
}

// mends reports whether a damaged file may still be being written.
func (l *log) mends(was *file) bool {
	if l.damagedAt.IsZero() {
		l.damagedAt = l.now()
	}
	if info, err := os.Stat(was.path); err == nil {
		if is := newFile(was.path, info); is.inode != was.inode || is.size != was.size || !is.mtime.Equal(was.mtime) {
			l.damagedAt = l.now()
		}
	}
	return !l.waited(l.damagedAt)
}

// passOver has a compressed file be passed over that cannot even be begun with.
func (l *log) passOver(f *file, cause error) {
	if f.ext == "" || isMoved(cause) || errors.Is(cause, fs.ErrPermission) || l.mends(f) {
		return
	}
	l.logger.Error("a compressed log file is damaged, and is passed over", "file", f.path, "cause", cause)
	if l.broken == nil {
		l.broken = map[inode]bool{}
	}
	l.broken[f.inode] = true
	l.damagedAt = time.Time{}
}
