package logfile

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// What is written to a generation after the next one was begun with is late. The watch finds that the file has grown, and
// has it be logged, or, with the option Late, be read: the lines come between those of the generation
// that is read, at positions of their own, and the place has how far the generation before has been read.

// A left generation was read to its end, and has the name by which it was found last.
type left struct {
	path  string
	inode inode
	size  int64
	at    time.Time // when it was left, or found to have grown
}

// leave notes that the generation of a place has been left for the next.
func (l *log) leave(was place) {
	l.left.Store(nil)
	if !was.begun || was.at == 0 {
		return
	}
	if l.past = append(l.past, was.generation); len(l.past) > mostPast {
		l.past = slices.Delete(l.past, 0, mostPast/2)
	}
	if f := l.ending; f != nil && f.inode == was.inode {
		l.left.Store(&left{f.path, f.inode, was.at, l.now()})
	}
}

// lateEvery is how often the watch looks whether a file still grows that was left and is not read.
const lateEvery = 10 * time.Second

// late looks whether something has been added to the generation before since it was left. It logs that, or
// returns whether it is to be read.
func (w *watch) late(l *log) bool {
	was := l.left.Load()
	if was == nil {
		return false
	}
	now := w.now()
	reads := now.Sub(was.at) < w.lateFor
	if !reads && now.Sub(l.looked) < lateEvery {
		return false
	}
	l.looked = now
	f := regular(was.path)
	if f == nil || f.inode != was.inode {
		l.left.CompareAndSwap(was, nil) // compressed, or rotated again
		return false
	}
	if f.size <= was.size {
		return false
	}
	is := &left{was.path, was.inode, f.size, was.at}
	if reads {
		is.at = now
		l.belated.Store(true)
	} else {
		w.logger.Warn("a rotated log file was written to after the next one was begun with, and that is not read; a longer RotateWait waits for it, and Late reads it",
			"file", l.name, "path", nameOf(was.path), "bytes", f.size-was.size)
	}
	l.left.CompareAndSwap(was, is)
	return reads
}

// giveLate gives the lines that were added to the generation before, where there may be some. It reports whether there may
// be more, and no room.
func (r *reader[T]) giveLate(in *stream.Intake[T]) (full bool) {
	if !r.belated.Swap(false) {
		return false
	}
	full, err := r.readLate(in)
	switch {
	case full, isMoved(err):
		r.belated.Store(true)
		r.pending.Store(true)
	case err != nil:
		r.logger.Warn("what was added to a rotated log file cannot be read, and is tried again when more is added", "file", r.name, "cause", err)
	}
	return full
}

// belatedFile returns the file of the generation before if it is as it was read, or nil. Of one that FromEnd has passed over
// nobody knows how much was read.
func (l *log) belatedFile() (*file, error) {
	if !l.hasBefore || l.before.at == 0 {
		return nil, nil
	}
	files, err := l.look()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.inode == l.before.inode && f.ext == "" && !f.current && f.holds(l.before) {
			return f, nil
		}
	}
	return nil, nil
}

// readLate is giveLate.
func (r *reader[T]) readLate(in *stream.Intake[T]) (full bool, err error) {
	f, err := r.belatedFile()
	if f == nil || err != nil {
		return false, err
	}
	r.left.Store(&left{f.path, f.inode, f.size, r.now()}) // a run that has just begun does not know
	if f.size == r.before.at {
		return false, nil
	}
	input, err := openInput(f)
	if err != nil {
		return false, err
	}
	defer input.close()
	if err := input.startAt(r.before.at, make([]byte, bufferBytes)); err != nil {
		return false, err
	}
	decoder := r.format.NewDecoder()
	var long []byte // the begin of a record that is too long, and of which the end is looked for
	r.places.goOn(r.base+r.at, r.before.at)
	defer func() { r.places.goOn(r.base+r.at, r.at) }()
	for !r.full(in) {
		data := input.data()
		advance, record, err := decoder.Split(data, false)
		if err != nil {
			return false, err
		}
		switch {
		case advance > 0 && (long != nil || len(record) > r.maxLine):
			if long == nil {
				long = record[:min(longShown, r.maxLine)]
			}
			r.rejectLate(in, long, r.tooLong())
			long = nil
		case advance > 0:
			if err := decoder.Decode(record, in.Next()); err == nil {
				in.Mark(r.base + r.at)
			} else if in.Unread(); !errors.Is(err, codec.ErrSkip) {
				r.rejectLate(in, record, err)
			}
		default:
			n, err := input.more(r.limit())
			if err != nil || n == 0 && len(data) < r.limit() {
				return false, err // an unfinished line waits
			}
			if n == 0 {
				if long == nil {
					long = bytes.Clone(data[:min(longShown, r.maxLine)])
				}
				input.cut(len(data))
			}
			continue
		}
		input.cut(advance)
		r.passLate(input)
	}
	return true, nil
}

// passLate has the generation before be read up to where input is. What follows in the one that is read has moved on by as much.
func (l *log) passLate(input *input) {
	l.base += input.at - l.before.at
	l.before.at, l.before.tail = input.at, printOf(input.tail())
	if n := len(l.past); n > 0 && l.past[n-1].inode == l.before.inode {
		l.past[n-1] = l.before
	}
}

func (r *reader[T]) rejectLate(in *stream.Intake[T], record []byte, cause error) {
	r.rejected++
	r.rejectedBytes += len(record)
	in.Reject(record, r.base+r.at, cause)
}
