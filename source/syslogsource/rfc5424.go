package syslogsource

import (
	"errors"
	"fmt"
)

var (
	errTime   = errors.New("the time is none of RFC 3339")
	errHeader = errors.New("the header ends early, or has a control character")
)

// is5424 reports whether version 1 and a time, or "-", follow the priority. "<13>1 message received" is
// of RFC 3164.
func is5424(b []byte) bool {
	if len(b) < 3 || b[0] != '1' || b[1] != ' ' {
		return false
	}
	if b[2] == '-' {
		return len(b) > 3 && b[3] == ' '
	}
	return len(b) > 6 && digit(b[2]) && digit(b[3]) && digit(b[4]) && digit(b[5]) && b[6] == '-'
}

func digit(c byte) bool { return c-'0' <= 9 }

// parse5424 parses what follows priority and version. It holds no field to its greatest length.
func (p *parser) parse5424(b []byte, m *Message) error {
	text := word(b)
	if len(text) > 1 {
		t, ok := rfc3339(text)
		if !ok {
			return fmt.Errorf("%w: %.40q", errTime, text)
		}
		m.Time = t
	}
	b = b[len(text):]
	for _, field := range [...]*string{&m.Host, &m.App, &m.ProcID, &m.MsgID} {
		if len(b) == 0 || b[0] != ' ' {
			return errHeader
		}
		w := word(b[1:])
		if len(w) == 0 {
			return errHeader
		}
		*field = p.name(w)
		b = b[1+len(w):]
	}
	if len(b) == 0 || b[0] != ' ' {
		return errHeader
	}
	b = b[1:]
	n, err := scanData(b)
	if err != nil {
		return err
	}
	if len(b) > n && b[n] != ' ' {
		return errData
	}
	if b[0] == '-' {
		b, n = b[1:], 0
	}
	rest := string(b) // one allocation for both
	m.Data = StructuredData(rest[:n])
	if rest = rest[n:]; rest != "" {
		rest = rest[1:]
	}
	if hasMark(rest) {
		rest = rest[len(byteOrderMark):]
	}
	m.Text = rest
	return nil
}
