package syslogsource

import (
	"errors"
	"time"

	"github.com/freshet-go/freshet/internal/intern"
)

// A parser turns the bytes of messages into Messages: those of one client, as it remembers names
// that recur. It is for one goroutine.
type parser struct {
	*config
	names *intern.Cache // nil until there is one

	now   time.Time // the time of messages that have none
	limit time.Time // of times without a year: none is later
}

// at says what time it is. It costs more than a message does, so it is for what came at once.
func (p *parser) at(now time.Time) {
	p.now = now.UTC()
	p.limit = now.Add(p.ahead).In(p.zone)
}

var errPriority = errors.New("no priority such as <13> in front: no syslog")

// parse sets *m, Client excepted, to the message in b, of which it keeps nothing. After an error *m is unspecified.
//
// A message is of RFC 5424 if "1 " and a time follow the priority, and has to be right then. Anything else is of RFC 3164,
// where nothing can be wrong: what looks like no header is text.
func (p *parser) parse(b []byte, m *Message) error {
	b = trimEnd(b)
	facility, severity, n := priority(b)
	if n == 0 {
		if p.plain {
			*m = Message{Facility: User, Severity: Notice, Time: p.now, Text: string(b)}
			return nil
		}
		return errPriority
	}
	*m = Message{Facility: facility, Severity: severity, Time: p.now}
	if b = b[n:]; !is5424(b) {
		p.parse3164(b, m)
		return nil
	}
	err := p.parse5424(b[2:], m)
	if err != nil && p.plain {
		*m = Message{Facility: facility, Severity: severity, Time: p.now, Text: string(b)}
		return nil
	}
	return err
}

// trimEnd takes away the line ends and NULs that senders put behind a message.
func trimEnd(b []byte) []byte {
	for len(b) > 0 && (b[len(b)-1] == '\n' || b[len(b)-1] == '\r' || b[len(b)-1] == 0) {
		b = b[:len(b)-1]
	}
	return b
}

// word returns what stands in front of the first space or control character, and its length.
func word(b []byte) []byte {
	for i, c := range b {
		if !graphic(c) {
			return b[:i]
		}
	}
	return b
}

// name returns a field of a header: "" for "-".
func (p *parser) name(b []byte) string {
	if len(b) == 1 && b[0] == '-' {
		return ""
	}
	if p.names == nil {
		p.names = intern.New(128, 64)
	}
	return p.names.String(b)
}

const byteOrderMark = "\xef\xbb\xbf"

func hasMark[S string | []byte](s S) bool {
	return len(s) >= 3 && s[0] == byteOrderMark[0] && s[1] == byteOrderMark[1] && s[2] == byteOrderMark[2]
}
