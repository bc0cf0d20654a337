package tcpsource

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/freshet-go/freshet/source/pushsource"
)

// A receiver takes the records of one client: a session, or a test.
type receiver interface {
	next() error                                        // waits for the next message, as Conn.Next does
	reserve(n int) error                                // before n bytes of a record are held
	split(data []byte, atEOF bool) (int, []byte, error) // as codec.Decoder has it
	record(b []byte)                                    // it may not be kept
	reject(b []byte, err error)                         // what is no record
	hand() error                                        // hands over all since the last call
}

// A splitter finds the records in what one client sends. A message, in the sense of
// Conn.Next, is what is handed over as one: the records that are there. They are found in the
// buffer of in, and not copied, unless they are longer.
type splitter struct {
	in   *bufio.Reader
	to   receiver
	most int // bytes of a record

	count  int  // records that have not been handed over
	credit int  // bytes reserved for those that follow
	skips  bool // the rest of a line that was given up
	ended  bool // in has
	quiet  bool // nothing has followed for so long that what is there is taken for all
}

// mostRecords is how many are handed over as one.
const mostRecords = 4 << 10

// serve reads until the client ends.
func (s *splitter) serve() error {
	for {
		if err := s.to.next(); err != nil {
			return err
		}
		s.credit = 0
		if err := s.read(); err != nil {
			return err
		}
	}
}

// read hands over the records that are there, and waits for one if there is none.
func (s *splitter) read() error {
	for {
		found, err := s.find()
		switch {
		case err != nil:
			return err
		case s.count == mostRecords, s.count > 0 && !found:
			s.count, s.quiet = 0, false
			return s.to.hand()
		case found:
		case s.ended:
			return io.EOF
		default:
			if err := s.wait(); err != nil {
				return err
			}
		}
	}
}

// wait waits until more is there, or nothing follows.
func (s *splitter) wait() error {
	_, err := s.in.Peek(s.in.Buffered() + 1)
	switch data := s.there(); {
	case err == io.EOF:
		s.ended = true
		return nil
	case errors.Is(err, pushsource.ErrSlow) && !s.skips && !s.quiet && bytes.HasSuffix(data, lineEnd):
		// These are whole lines of which the format does not know whether one more belongs to them.
		s.quiet = true
		return nil
	}
	return err
}

var lineEnd = []byte{'\n'}

// there returns what is in the buffer.
func (s *splitter) there() []byte {
	data, _ := s.in.Peek(s.in.Buffered())
	return data
}

// find takes one record, or something that is none, from what is there. It reports false
// if there is nothing that is whole.
func (s *splitter) find() (bool, error) {
	data := s.there()
	if s.skips {
		return s.skip(data), nil
	}
	if len(data) == 0 {
		return false, nil
	}
	atEnd := s.ended || s.quiet
	n, record, err := s.to.split(data, atEnd)
	switch {
	case err != nil || n == 0 && atEnd:
		s.giveUp(data[:lineOf(data)], cause(err))
	case n > 0 && len(record) > s.most:
		s.reject(record, tooLong(s.most))
		s.discard(n)
	case n > 0:
		if err := s.reserve(len(record), len(data)); err != nil {
			return false, err
		}
		s.record(record)
		s.discard(n)
	case len(data) > s.most+1: // one may be half a line end
		s.giveUp(data, tooLong(s.most))
	case len(data) == s.in.Size():
		return true, s.findLong()
	default:
		return false, nil
	}
	return true, nil
}

// lineOf returns how long the first line of data is.
func lineOf(data []byte) int {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1
	}
	return len(data)
}

// cause returns err, or why a record is none where the format gives no reason.
func cause(err error) error {
	if err == nil {
		return io.ErrUnexpectedEOF
	}
	return err
}

// giveUp rejects data, with which the buffer begins, and goes on behind the next line end.
func (s *splitter) giveUp(data []byte, err error) {
	s.skips = !bytes.HasSuffix(data, lineEnd)
	s.reject(data, err)
	s.discard(len(data))
}

// skip passes over the rest of a line. It reports false if its end is not there.
func (s *splitter) skip(data []byte) bool {
	n := lineOf(data)
	s.skips = !bytes.HasSuffix(data[:n], lineEnd)
	s.discard(n)
	return !s.skips
}

// reserve reserves n bytes for a record, and because that may have to wait, for all that are there.
func (s *splitter) reserve(n, there int) error {
	if n > s.credit {
		if err := s.to.reserve(there); err != nil {
			return err
		}
		s.credit = there
	}
	s.credit -= n
	return nil
}

func (s *splitter) record(b []byte) {
	s.to.record(b)
	s.count++
}

func (s *splitter) reject(b []byte, err error) {
	s.to.reject(b, err)
	s.count++
}

func (s *splitter) discard(n int) { _, _ = s.in.Discard(n) }
