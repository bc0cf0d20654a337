package fluentsource

import (
	"errors"
	"fmt"
	"io"

	"github.com/freshet-go/freshet/source/pushsource"
)

// packed reads entries that stand one behind the other in a bin or str. Where they are
// damaged, it goes on behind them, for the options: broken is the damage.
func (m *message[T]) packed() (broken, err error) {
	b, err := m.in.need(1)
	if err == nil {
		s := shapes[b[0]]
		if s.length == 0 {
			s.size = 1 // the length is in it
		}
		b, err = m.in.need(int(s.size))
	}
	if err != nil {
		return nil, err
	}
	at := 1 + int(shapes[b[0]].length)
	size, _, _, err := head(b)
	if err != nil {
		return nil, err
	}
	m.in.discard(at)
	size -= uint64(at)
	if size > m.in.left {
		return nil, m.in.over()
	}
	payload := input{r: m.in.r, left: size, limited: true, reserve: m.in.reserve, scan: m.in.scan}
	compressed, err := isCompressed(&payload)
	switch {
	case err != nil:
	case compressed:
		err = m.inflated(&payload)
	default:
		err = m.all(&payload)
	}
	if err != nil && !damaged(err) {
		return nil, err
	}
	// The length was announced, and less than a message may have.
	m.in.left -= size
	if _, e := m.in.r.Discard(int(payload.left)); e != nil {
		return nil, cut(e)
	}
	return err, nil
}

// damaged reports whether err is about what stands in a payload.
func damaged(err error) bool {
	_, deep := errors.AsType[depthError](err)
	return err == errEntry || errors.Is(err, errNotMsgpack) || errors.Is(err, errInflate) || deep
}

// all reads entries up to the end.
func (m *message[T]) all(in *input) error {
	for {
		if ended, err := in.ended(); ended || err != nil {
			return err
		}
		if err := m.entry(in, 1); err != nil {
			return err
		}
	}
}

// isCompressed looks at how a payload begins: gzip's first byte would be a small integer,
// which is no entry.
func isCompressed(in *input) (bool, error) {
	if in.left < 2 {
		return false, nil
	}
	b, err := in.need(2)
	return err == nil && b[0] == 0x1f && b[1] == 0x8b, err
}

// inflated reads entries that are compressed.
func (m *message[T]) inflated(payload *input) error {
	if m.inflate == nil {
		if err := m.in.reserve(inflaterSize); err != nil {
			return err
		}
		m.inflate = m.inflaters.Get().(*inflater)
	}
	if err := m.inflate.begin(payload, m.most.ratio); err != nil {
		return err
	}
	in := input{r: m.inflate.out, left: uint64(m.most.message), reserve: m.in.reserve, scan: payload.scan}
	err := m.all(&in)
	if err == io.ErrUnexpectedEOF {
		err = fmt.Errorf("%w: it ends in an entry", errInflate)
	}
	if errors.Is(err, pushsource.ErrTooLarge) {
		return fmt.Errorf("%w: of %d compressed bytes", err, m.inflate.taken)
	}
	return err
}
