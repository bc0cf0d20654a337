package logfile

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet-go/freshet/source/internal/decompress"
)

// A log is a path that is followed, through all files that have come to have that
// name: its generations. It knows which one is read, and how far. One goroutine
// reads it; the table may close its file in between.
type log struct {
	*config
	table  *table
	dirs   *dirs
	logger *slog.Logger
	now    func() time.Time
	path   string
	name   string                 // of the partition
	others func(path string) bool // whether a path is that of another log
	text   bool                   // a record whose end cannot be found is given up at the next line feed

	pending atomic.Bool // it is to be read again soon, though nothing changes
	gone    atomic.Bool // there is no file of it any more, and all was read

	left      atomic.Pointer[left] // the generation before
	belated   atomic.Bool          // something may have been added to that
	lateFails time.Time            // since when that cannot be read before the next generation is begun with
	lateTries int                  // how often it could not be read in a row
	lateTold  time.Time            // when that was logged last
	lateAgain time.Time            // when it is tried again
	lateRest  time.Duration        // how long after the time before
	looked    time.Time            // for the watch alone: when it has looked at that
	alias     string               // for the watch alone: a path that is not this one and has the file that is read

	// What the watch has seen at the path, and before another file was there.
	seen, seenBefore atomic.Pointer[file]
	missing          bool // for the watch alone: there is none

	mu sync.Mutex // whoever has it uses what follows; taken before table.mu
	place
	in        *input // nil while no file is open
	changed   bool   // in does not hold what was read of it
	lost      bool   // no name of in is known
	rested    bool   // nothing more was in it when it was read last
	copied    bool   // in is a copy, and does not grow
	torn      bool   // in is damaged, and what is left of a record is none
	missed    bool   // it was logged that the generation is gone
	rotatedAt time.Time
	grewAt    time.Time
	doubtAt   time.Time
	damagedAt time.Time
	broken    map[inode]bool // that are damaged, and passed over
	next      *file          // what follows a generation that has ended
	ending    *file          // that generation, by the name that it has now; nil if that is not known
	past      []generation   // that were read by this run, the oldest first
	holed     bool           // it was logged that a file begins with a hole
	complaint string         // that was logged last
}

// ease implements the choice of the table's.
func (l *log) ease() ease {
	switch {
	case l.in == nil:
		return resting
	case l.lost || l.changed:
		return never
	case l.in.of.ext != "":
		return costly
	case l.rested:
		return resting
	}
	return easy
}

// shut closes the file, and keeps the place.
func (l *log) shut() {
	if l.in == nil {
		return
	}
	l.keep()
	l.table.giveBack(l.in.buf)
	l.in.close()
	l.in = nil
}

// close is shut for everybody but the table.
func (l *log) close() {
	if l.in != nil {
		l.shut()
		l.table.dismiss(l)
	}
}

// keep notes what stands before the place.
func (l *log) keep() {
	if l.in != nil && l.in.buf != nil && l.in.at == l.at {
		l.tail = printOf(l.in.tail())
	}
}

// open opens a file that holds what was read of the generation, at the place.
func (l *log) open(f *file) error {
	l.close()
	l.table.admit(l)
	in, err := openInput(f)
	if err == nil {
		err = in.startAt(l.at, l.table.buffer())
		// Behind the end of a copy that was shorter than what was read no tail is known.
		if err == nil && l.tail != (fingerprint{}) && printOf(in.tail()) != l.tail {
			err = errOther
		}
		if err != nil {
			l.table.giveBack(in.buf)
			in.close()
		}
	}
	if err != nil {
		l.table.dismiss(l)
		return decompress.CutShort(err)
	}
	l.in, l.inode = in, f.inode
	l.changed, l.rested, l.lost, l.copied, l.torn, l.missed = false, false, false, false, false, false
	l.rotatedAt, l.doubtAt, l.grewAt = time.Time{}, time.Time{}, l.now()
	return nil
}

// begin begins with a generation, at its first byte. If it fails, nothing has happened.
func (l *log) begin(f *file) error {
	was := l.place
	if l.begun {
		l.keep()
		was = l.place
		if l.at > 0 { // else nothing was given of it, and it could be any
			l.before, l.hasBefore = l.generation, true
		}
		l.base += l.at
	}
	l.begun, l.at, l.line, l.tail = true, 0, 0, fingerprint{}
	l.identity = identity{inode: f.inode, mtime: f.mtime.UnixNano()}
	if err := l.open(f); err != nil {
		l.place = was
		return err
	}
	l.leave(was)
	l.next, l.ending, l.damagedAt = nil, nil, time.Time{}
	return nil
}

// fill reads more of the generation, and returns whether there was more. What has
// been read counts only once it is sure that the file was still the one that it had been.
func (l *log) fill(limit int) (bool, error) {
	if l.in == nil || l.changed {
		return false, nil
	}
	n, err := l.in.more(limit)
	if l.in.unzipped != nil {
		if first := l.in.end() - int64(n); first == 0 {
			l.head = printOf(l.in.buf[:min(n, headBytes)])
		}
		return n > 0, decompress.CutShort(err)
	}
	if err != nil {
		return false, err
	}
	same, head, info, err := l.in.unchanged(l.head)
	// Its time tells of nothing that happens within one tick of the system's clock.
	began, written := n > 0 && l.head.bytes == 0, info != nil && info.ModTime().UnixNano() != l.mtime
	if err == nil && same && !l.head.whole() && (began || written) {
		var hidden bool
		hidden, err = l.truncatedUnseen(written)
		same = !hidden
	}
	if err != nil || !same {
		l.in.drop(n)
		l.changed = err == nil
		return false, err
	}
	l.head, l.mtime = head, info.ModTime().UnixNano()
	if n > 0 {
		l.grewAt, l.doubtAt = l.now(), time.Time{}
	}
	l.rested = n == 0
	return n > 0, nil
}

// complain logs what is wrong with the log, once as long as it stays the same.
func (l *log) complain(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != l.complaint && err != nil {
		l.logger.Warn("a log file cannot be read, and is tried again", "file", l.name, "cause", err)
	}
	l.complaint = text
}

// stat returns the file at the path of the log, or nil if there is none.
func (l *log) stat() (*file, error) {
	info, err := os.Stat(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no regular file")
	}
	f := newFile(l.path, info)
	f.current = true
	return f, nil
}
