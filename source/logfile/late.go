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

// lateEvery is how often the watch looks whether a file still grows that was left and is not read, and how often at least one is tried that cannot be.
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
// be more, and no room. Behind an error they are looked for again, a while later. What is behind their last line end is one more line if it is the last
// time.
func (r *reader[T]) giveLate(in *stream.Intake[T], last bool) (full bool, err error) {
	if !last && r.now().Before(r.lateAgain) || !r.belated.Swap(false) {
		return false, nil
	}
	full, err = r.readLate(in, last)
	r.tellLate(err)
	if full || err != nil {
		r.belated.Store(true) // so the watch has the log be read again
	}
	return full, err
}

// tellLate logs that late lines cannot be read: at once, and as long as that lasts once a minute, with how often it was tried. It is tried again at the
// next poll, and then after twice as long each time: a busy log is read for each line, and to look for the file is to list its directory.
func (l *log) tellLate(err error) {
	switch now := l.now(); {
	case err == nil:
		l.forgetLate()
	case isMoved(err): // it is somewhere else in a moment
	default:
		l.lateTries++
		l.lateRest = max(l.poll, min(2*l.lateRest, lateEvery))
		l.lateAgain = now.Add(l.lateRest)
		if l.lateTold.IsZero() || now.Sub(l.lateTold) >= time.Minute {
			l.lateTold = now
			l.logger.Warn("what was added to a rotated log file cannot be read, and is tried again", "file", l.name, "tries", l.lateTries, "cause", err)
		}
	}
}

// forgetLate forgets that late lines could not be read.
func (l *log) forgetLate() {
	l.lateTries, l.lateTold, l.lateAgain, l.lateRest = 0, time.Time{}, time.Time{}, 0
}

// lastLate is giveLate before another generation is the one before. An error that does not pass within RotateWait loses what is late, and is logged.
func (r *reader[T]) lastLate(in *stream.Intake[T]) (full bool, err error) {
	if r.lateFor <= 0 {
		return false, nil
	}
	r.belated.Store(true)
	full, err = r.giveLate(in, true)
	switch {
	case err == nil:
		r.lateFails = time.Time{}
	case r.lateFails.IsZero():
		r.lateFails = r.now()
	case r.now().Sub(r.lateFails) > r.rotateWait:
		r.logger.Warn("what was added to a rotated log file cannot be read, and is lost", "file", r.name, "cause", err)
		r.lateFails = time.Time{}
		r.forgetLate() // what comes next is another file
		r.belated.Store(false)
		return full, nil
	}
	return full, err
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
		if f.inode != l.before.inode || f.inode == l.inode || f.ext != "" || f.current || f.size < l.before.at {
			continue
		}
		if alike, err := f.resembles(l.before); alike || err != nil {
			return f, err
		}
	}
	return nil, unmoved(files)
}

// readLate is giveLate.
func (r *reader[T]) readLate(in *stream.Intake[T], last bool) (full bool, err error) {
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
			if err != nil {
				return false, err
			}
			if n == 0 && len(data) < r.limit() {
				if last && len(data) > 0 {
					r.giveUnfinished(in, decoder, data, long)
					input.cut(len(data))
					r.passLate(input)
				}
				return false, nil // an unfinished line waits
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

// giveUnfinished gives the last line of the generation before, which has no line end, or rejects it.
func (r *reader[T]) giveUnfinished(in *stream.Intake[T], decoder codec.Decoder[T], data, long []byte) {
	if long != nil {
		r.rejectLate(in, long, r.tooLong())
		return
	}
	_, record, err := decoder.Split(data, true)
	if err == nil && record != nil {
		if err = decoder.Decode(record, in.Next()); err == nil {
			in.Mark(r.base + r.at)
			return
		}
		in.Unread()
	}
	if err != nil && !errors.Is(err, codec.ErrSkip) {
		r.rejectLate(in, data, err)
	}
}

func (r *reader[T]) rejectLate(in *stream.Intake[T], record []byte, cause error) {
	r.rejected++
	r.rejectedBytes += len(record)
	in.Reject(record, r.base+r.at, cause)
}
