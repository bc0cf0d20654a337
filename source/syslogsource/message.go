package syslogsource

import (
	"net/netip"
	"time"
)

// A Message is a message of syslog, of RFC 5424 or RFC 3164. What a message leaves out, or
// gives as "-", is "".
type Message struct {
	Facility Facility
	Severity Severity

	// Time is when the message was written, in UTC; where it does not say that, when it
	// was received. What RFC 3164 leaves open, the year and the zone, is for [Zone] and
	// [Ahead] to say.
	Time time.Time

	Host   string
	App    string // of RFC 3164 the tag
	ProcID string // of RFC 3164 what stands in brackets behind the tag
	MsgID  string
	Data   StructuredData

	// Text is the message proper, without a byte order mark and without line ends and NULs behind
	// it. Its bytes are the sender's: it should be UTF-8, and nobody has checked it.
	Text string

	// Client is who sent the message to us, which may be a relay of Host's. It is the
	// zero value where addresses are not of IP: for a unix socket.
	Client netip.AddrPort
}

// AppendRFC5424 appends the message as RFC 5424 has it, without a frame around it.
//
// Parsed again it is the same message, Client excepted. Of a message of other origin a
// space or a control character in Host, App, ProcID or MsgID becomes '_', and Data that
// is no structured data is left out.
func (m *Message) AppendRFC5424(dst []byte) []byte {
	dst = append(dst, '<')
	dst = appendInt(dst, int(m.Facility)*8+int(m.Severity))
	dst = append(dst, ">1 "...)
	if m.Time.IsZero() {
		dst = append(dst, '-')
	} else {
		dst = m.Time.UTC().AppendFormat(dst, time.RFC3339Nano)
	}
	for _, field := range [...]string{m.Host, m.App, m.ProcID, m.MsgID} {
		dst = appendField(append(dst, ' '), field)
	}
	dst = append(dst, ' ')
	if n, err := scanData([]byte(m.Data)); err == nil && n > 0 && n == len(m.Data) {
		dst = append(dst, m.Data...)
	} else {
		dst = append(dst, '-')
	}
	if m.Text == "" {
		return dst
	}
	dst = append(dst, ' ')
	if hasMark(m.Text) {
		dst = append(dst, byteOrderMark...) // the reader takes one away
	}
	return append(dst, m.Text...)
}

func appendField(dst []byte, field string) []byte {
	if field == "" {
		return append(dst, '-')
	}
	for i := range len(field) {
		c := field[i]
		if !graphic(c) {
			c = '_'
		}
		dst = append(dst, c)
	}
	return dst
}

// graphic reports whether c may stand in a field of the header. RFC 5424 has ASCII alone;
// names in UTF-8 are seen.
func graphic(c byte) bool { return c > ' ' && c != 0x7f }
