package codec

import (
	"bytes"
	"encoding/binary"

	"github.com/freshet-go/freshet/internal/intern"
)

// A plainField gives the strings of a field that has to be nothing but printable ASCII without a backslash. Most recur, and of
// these it is known without looking at them again.
type plainField struct{ seen intern.Field }

// known returns the string of b if it has been added lately, or is empty.
func (f *plainField) known(b []byte) (s string, ok bool) {
	if len(b) == 0 {
		return "", true
	}
	return f.seen.Known(b)
}

// add returns b as a string if it is plain.
func (f *plainField) add(b []byte) (s string, ok bool) {
	if !isPlain(b) {
		return "", false
	}
	return f.seen.String(b), true
}

// text is known, or else add, for a value that is absent where the line has "-".
func (f *plainField) text(b []byte) (s string, ok bool) {
	if isDash(b) {
		return "", true
	}
	if s, ok := f.known(b); ok {
		return s, true
	}
	return f.add(b)
}

// plainStrings are the strings of usual lines. A path that is known has no space, an agent no quote, and the host of an AccessRecord is one.
type plainStrings struct{ hosts, users, paths, referers, agents plainField }

// agent returns the agent of a line that has been cut.
func (p *plainStrings) agent(l *combinedLine, b []byte) (s string, ok bool) {
	agent := b[l.agent : len(b)-1]
	if s, ok := p.agents.known(agent); ok {
		return s, true
	}
	if !l.agentEnds(b) {
		return "", false
	}
	return p.agents.add(agent)
}

// request takes a request line apart that is as nearly all are.
func (p *plainStrings) request(b []byte) (method, path, protocol string, ok bool) {
	const least = len("GET / HTTP/1.1")
	if len(b) < least {
		return "", "", "", false
	}
	switch binary.LittleEndian.Uint32(b) {
	case 'G' | 'E'<<8 | 'T'<<16 | ' '<<24:
		method = "GET"
	case 'P' | 'O'<<8 | 'S'<<16 | 'T'<<24:
		method = "POST"
	case 'H' | 'E'<<8 | 'A'<<16 | 'D'<<24:
		method = "HEAD"
	default:
		if method = rarerMethod(b); method == "" {
			return "", "", "", false
		}
	}
	begin, end := len(method)+1, len(b)-len(" HTTP/1.1")
	switch string(b[end:]) {
	case " HTTP/1.1":
		protocol = "HTTP/1.1"
	case " HTTP/2.0":
		protocol = "HTTP/2.0"
	case " HTTP/1.0":
		protocol = "HTTP/1.0"
	case " HTTP/3.0":
		protocol = "HTTP/3.0"
	default:
		return "", "", "", false
	}
	if begin >= end || b[begin-1] != ' ' {
		return "", "", "", false
	}
	target := b[begin:end]
	if path, ok = p.paths.known(target); ok {
		return method, path, protocol, true
	}
	if bytes.IndexByte(target, ' ') >= 0 {
		return "", "", "", false
	}
	path, ok = p.paths.add(target)
	return method, path, protocol, ok
}

// rarerMethod returns the method that b begins with, if it is one of these.
func rarerMethod(b []byte) string {
	for _, m := range [...]string{"PUT", "DELETE", "OPTIONS", "PATCH"} {
		if len(b) > len(m) && string(b[:len(m)]) == m {
			return m
		}
	}
	return ""
}

// host returns the host if it is an IPv4 address or a name.
func (p *plainStrings) host(b []byte) (s string, ok bool) {
	if s, ok := p.hosts.known(b); ok {
		return s, true
	}
	var seen uint8
	for _, c := range b {
		seen |= hostBytes[c]
	}
	if seen != hostByte || isDash(b) {
		return "", false
	}
	return p.hosts.add(b)
}

// usual reads a usual line of printable ASCII without backslashes, in which no field needs to be unescaped or escaped. It reports
// false for any other.
func (d *accessDecoder) usual(b []byte, v *AccessRecord) bool {
	l, p := &d.line, &d.plain
	if !l.cut(b, &d.minute) {
		return false
	}
	// Strings that are known are asked for without a call in between, as those of nearly all lines are: a twentieth of a line's time.
	host, ok := p.hosts.known(b[:l.host])
	if !ok {
		if host, ok = p.host(b[:l.host]); !ok {
			return false
		}
	}
	user := ""
	if by := b[l.host+3 : l.user]; !isDash(by) {
		if user, ok = p.users.text(by); !ok {
			return false
		}
	}
	referer, ok := p.referers.text(b[l.referer:l.refererEnd])
	if !ok {
		return false
	}
	agent, ok := p.agents.known(b[l.agent : len(b)-1])
	if !ok {
		if agent, ok = p.agent(l, b); !ok {
			return false
		}
	}
	if agent == "-" {
		agent = ""
	}
	request := b[l.request:l.requestEnd]
	method, path, protocol, ok := p.request(request)
	if !ok && !isPlain(request) {
		return false
	}
	v.Host, v.Ident, v.User, v.Method, v.Path, v.Protocol, v.Request = host, "", user, method, path, protocol, ""
	v.Referer, v.UserAgent, v.VirtualHost, v.Extra = referer, agent, "", ""
	v.Time, v.Status, v.Bytes = d.minute.last, l.status, l.bytes
	if !ok {
		d.escapes, d.text = false, true
		d.request(d.field(request), v)
	}
	return true
}
