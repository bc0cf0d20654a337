package logfile

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// Bounds of what one Read rejects, since rejected records are copied.
const (
	maxRejects     = 512
	maxRejectBytes = 1 << 20
	longShown      = 1 << 10 // of a record that is too long
)

var byteOrderMark = []byte("\xEF\xBB\xBF")

func hasMark(data []byte) bool { return bytes.HasPrefix(data, byteOrderMark) }

// full reports whether this Read has given enough.
func (r *reader[T]) full(in *stream.Intake[T]) bool {
	return in.Room() == 0 || r.rejected >= maxRejects || r.rejectedBytes >= maxRejectBytes
}

// records gives what is whole of what has been read, and, where the generation has
// ended, the rest. It reports whether there may be more of it, and no room.
func (r *reader[T]) records(in *stream.Intake[T], ended bool) (full bool, err error) {
	input := r.log.in
	if input == nil {
		return false, nil
	}
	if r.decoder == nil {
		r.decoder = r.format.NewDecoder()
	}
	if !r.marked(ended) {
		return false, nil
	}
	for {
		if r.lines && r.long == nil {
			r.giveLines(in)
		}
		if r.full(in) {
			return true, nil
		}
		data := input.data()
		if r.long != nil {
			if !r.passLine(in, ended) {
				return false, nil
			}
			continue
		}
		if len(data) == 0 {
			return false, nil
		}
		advance, record, err := r.decoder.Split(data, false)
		if err == nil && advance == 0 && ended {
			advance, record, err = r.decoder.Split(data, true)
			if err != nil || advance == 0 || r.torn {
				r.reject(in, data[:min(len(data), longShown)], errors.Join(err, errRest))
				r.pass(len(data))
				return false, nil
			}
		}
		switch {
		case err != nil:
			return false, r.failed(err)
		case advance > 0:
			r.give(in, record, advance)
		case len(data) < r.limit():
			return false, nil
		case !r.text && !r.resyncs():
			return false, r.failed(r.tooLong())
		default:
			if err := r.giveUp(in, data); err != nil {
				return false, err
			}
		}
	}
}

// giveLines gives the lines that have been read whole, up to the first that is rejected or that records has to
// see. The place goes on once for all of them: one line after another costs as much as finding its end.
func (r *reader[T]) giveLines(in *stream.Intake[T]) {
	data, begin, decoder := r.log.in.data(), r.base+r.at, r.decoder
	at, lines := 0, int64(0)
	for room := in.Room(); room > 0; {
		advance, record, err := decoder.Split(data[at:], false)
		if err != nil || advance == 0 || len(record) > r.maxLine {
			break
		}
		if err := decoder.Decode(record, in.Next()); err == nil {
			in.Mark(begin + int64(at))
			room--
		} else if in.Unread(); !errors.Is(err, codec.ErrSkip) {
			r.passLines(at, lines)
			r.reject(in, record, err)
			at, lines = advance, 1
			break
		}
		at += advance
		lines++
	}
	r.passLines(at, lines)
}

// passLines has the place be n bytes further, behind so many lines.
func (r *reader[T]) passLines(n int, lines int64) {
	r.log.in.cut(n)
	r.at, r.line = r.log.in.at, r.line+lines
}

var errRest = errors.New("logfile: the file has ended in the middle of a record")

// marked passes over a hole and a byte order mark at the start of a text. It reports false if there may
// be one, and more has to be read.
func (r *reader[T]) marked(ended bool) bool {
	input := r.log.in
	if r.at != 0 || !r.text {
		return true
	}
	if !r.passHole(ended) {
		return false
	}
	data := input.data()
	if r.at == 0 && hasMark(data) {
		r.pass(len(byteOrderMark))
		return true
	}
	return r.at > 0 || ended || len(data) >= len(byteOrderMark) || !bytes.HasPrefix(byteOrderMark, data)
}

// give gives a record, or rejects it.
func (r *reader[T]) give(in *stream.Intake[T], record []byte, advance int) {
	if len(record) > r.maxLine {
		r.reject(in, record[:min(longShown, r.maxLine)], r.tooLong())
	} else if err := r.decoder.Decode(record, in.Next()); err == nil {
		in.Mark(r.base + r.at)
	} else {
		in.Unread()
		if !errors.Is(err, codec.ErrSkip) && !r.passRest() {
			r.reject(in, record, err)
		}
	}
	r.pass(advance)
}

// passRest reports whether what is no record is the rest of one: it is the first behind a place to which others have read, or that
// FromEnd has found, which may be in the middle of a record of several lines.
func (r *reader[T]) passRest() bool {
	if r.lines || !r.text || r.line != unknownLine {
		return false
	}
	r.logger.Info("a log was begun with in the middle of a record, and the rest of that is passed over", "file", r.name, "byte", r.at)
	return true
}

// pass has the place be n bytes further.
func (r *reader[T]) pass(n int) {
	input := r.log.in
	if r.lines {
		r.line++
	} else {
		r.line += int64(bytes.Count(input.data()[:n], []byte{'\n'}))
	}
	input.cut(n)
	r.at = input.at
}

func (r *reader[T]) reject(in *stream.Intake[T], record []byte, cause error) {
	r.rejected++
	r.rejectedBytes += len(record)
	r.places.note(r.base+r.at, r.line+1)
	in.Reject(record, r.base+r.at, cause)
}

func (r *reader[T]) tooLong() error {
	return fmt.Errorf("%w: more than %d bytes; logfile.MaxLine allows more", ErrTooLong, r.maxLine)
}

// giveUp deals with a record that has become too long before its end was found.
func (r *reader[T]) giveUp(in *stream.Intake[T], data []byte) error {
	if _, found := r.nextLine(data); found { // as at the end of a file, the format knows where to go on
		advance, record, err := r.decoder.Split(data, true)
		if err == nil && advance > 0 && advance < len(data) {
			r.give(in, record, advance)
			return nil
		}
	}
	r.keep() // the place stays where the record begins
	r.long = bytes.Clone(data[:min(len(data), longShown, r.maxLine)])
	return nil
}

// passLine passes over the rest of a record that is too long, and reports whether its
// end was found.
func (r *reader[T]) passLine(in *stream.Intake[T], ended bool) bool {
	input := r.log.in
	data := input.data()
	n, found := r.nextLine(data)
	if !found && !ended {
		input.cut(n)
		return false
	}
	if !found {
		n = len(data)
	}
	r.reject(in, r.long, r.tooLong())
	input.cut(n)
	r.at, r.long = input.at, nil
	r.line++
	return true
}

// flush gives a record that only the next one would end, if nothing has come to it for
// FlushAfter and it is one by itself.
func (r *reader[T]) flush(in *stream.Intake[T]) (full bool, err error) {
	input := r.log.in
	if r.lines || !r.text || r.long != nil || input == nil || r.changed {
		return false, nil
	}
	for {
		data := input.data()
		if len(data) == 0 {
			return false, nil
		}
		if r.full(in) {
			return true, nil
		}
		if r.now().Sub(r.grewAt) < r.flushAfter {
			r.pending.Store(true)
			return false, nil
		}
		advance, record, err := r.decoder.Split(data, true)
		if err != nil || advance == 0 || data[advance-1] != '\n' || len(record) > r.maxLine {
			return false, nil
		}
		err = r.decoder.Decode(record, in.Next())
		if err == nil {
			in.Mark(r.base + r.at)
		} else {
			in.Unread()
			if !errors.Is(err, codec.ErrSkip) {
				return false, nil // more may come that makes it one
			}
		}
		r.pass(advance)
	}
}
