package tcpsource

import (
	"bytes"
	"fmt"

	"github.com/freshet-go/freshet/source/pushsource"
)

// findLong finds a record with which the buffer begins and that is longer. It is put together
// from what comes, so that it takes no more memory than has come.
func (s *splitter) findLong() error {
	var long []byte
	for {
		data := s.there()
		if err := s.to.reserve(len(data)); err != nil {
			return err
		}
		old := len(long)
		long = append(long, data...)
		n, record, err := 0, []byte(nil), error(nil)
		if s.ended || bytes.IndexByte(data, '\n') >= 0 {
			n, record, err = s.to.split(long, s.ended)
		}
		switch {
		case n > 0:
			if len(record) > s.most {
				s.reject(record, tooLong(s.most))
			} else {
				s.record(record)
			}
			if n >= old {
				s.discard(n - old)
				return nil
			}
			long = append([]byte(nil), long[n:old]...) // what has told its end begins another long one
			continue
		case err == nil && len(long) > s.most+1:
			err = tooLong(s.most)
			fallthrough
		case err != nil, s.ended:
			s.skips = !bytes.HasSuffix(long, lineEnd)
			s.reject(long, cause(err))
			s.discard(len(data))
			return nil
		}
		s.discard(len(data))
		if err := s.wait(); err != nil {
			return err
		}
	}
}

func tooLong(most int) error {
	return fmt.Errorf("%w: it has more than %d bytes; MaxLine allows more", pushsource.ErrTooLarge, most)
}
