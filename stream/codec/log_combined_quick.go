package codec

import (
	"net/netip"
	"reflect"
	"time"
	"unsafe"
)

// combinedQuick says where the fields of a struct are that has none but those that a usual line gives without a parser: strings, an address, a time,
// and the status and the size as integers. They are found first and set then, so a line that is not usual has set nothing.
type combinedQuick struct {
	host, user, method, path, protocol, referer, agent offsetOf // strings
	addr, at, status, size                             offsetOf
	parts                                              bool // one of those of the request is wanted
	statusIs, sizeIs                                   plainInt
}

// An offsetOf is where a field is in its struct, or less than 0.
type offsetOf int

func offsetOfField(f *logField) offsetOf {
	if f == nil {
		return -1
	}
	return offsetOf(f.offset)
}

func (o offsetOf) in(v unsafe.Pointer) unsafe.Pointer { return unsafe.Add(v, int(o)) }

func (o offsetOf) setText(v unsafe.Pointer, s string) {
	if o >= 0 {
		*(*string)(o.in(v)) = s
	}
}

// quickOf returns nil for a struct that has other fields.
func quickOf(c *combinedFields) *combinedQuick {
	text := func(f *logField, is bool) bool { return f == nil || is }
	host, t := c.host.field, c.texts
	addr := host != nil && host.typ == reflect.TypeFor[netip.Addr]()
	if !text(host, t.host || addr) || !text(c.user.field, t.user) || !text(c.referer.field, t.referer) || !text(c.agent.field, t.agent) ||
		c.request.field != nil || c.request.hasParts && !t.parts ||
		c.at.field != nil && !c.sets || c.status.field != nil && c.statusIs == noInt || c.size.field != nil && c.sizeIs == noInt {
		return nil
	}
	q := &combinedQuick{
		host: offsetOfField(host), user: offsetOfField(c.user.field), referer: offsetOfField(c.referer.field), agent: offsetOfField(c.agent.field),
		at: offsetOfField(c.at.field), status: offsetOfField(c.status.field), size: offsetOfField(c.size.field), addr: -1,
		method: -1, path: -1, protocol: -1, parts: c.request.hasParts, statusIs: c.statusIs, sizeIs: c.sizeIs,
	}
	if addr {
		q.host, q.addr = -1, q.host
	}
	if parts := c.request.parts; q.parts {
		q.method, q.path, q.protocol = offsetOfField(parts[0]), offsetOfField(parts[1]), offsetOfField(parts[2])
	}
	return q
}

// readQuick reads a usual line of which it knows all strings, or finds them plain. It reports false for any other, and has set nothing then.
func (d *logReader) readQuick(q *combinedQuick, b []byte, v unsafe.Pointer) (ok bool) {
	l, p := &d.line, &d.plain
	if !l.cut(b, &d.minute) {
		return false
	}
	var host, user, method, path, protocol, referer, agent string
	var addr netip.Addr
	if q.host >= 0 {
		if host, ok = p.hosts.text(b[:l.host]); !ok {
			return false
		}
	} else if q.addr >= 0 {
		if addr, ok = parseAddr4(b[:l.host]); !ok {
			return false
		}
	}
	if by := b[l.host+3 : l.user]; q.user >= 0 && !isDash(by) {
		if user, ok = p.users.text(by); !ok {
			return false
		}
	}
	if q.parts {
		if method, path, protocol, ok = p.request(b[l.request:l.requestEnd]); !ok {
			return false
		}
		if path == "-" {
			path = ""
		}
	}
	if q.referer >= 0 {
		if referer, ok = p.referers.text(b[l.referer:l.refererEnd]); !ok {
			return false
		}
	}
	if q.agent >= 0 {
		if agent, ok = p.agents.known(b[l.agent : len(b)-1]); !ok {
			if agent, ok = p.agent(l, b); !ok {
				return false
			}
		}
		if agent == "-" {
			agent = ""
		}
	} else if !l.agentEnds(b) {
		return false
	}

	q.host.setText(v, host)
	q.user.setText(v, user)
	q.method.setText(v, method)
	q.path.setText(v, path)
	q.protocol.setText(v, protocol)
	q.referer.setText(v, referer)
	q.agent.setText(v, agent)
	if q.addr >= 0 {
		*(*netip.Addr)(q.addr.in(v)) = addr
	}
	if q.at >= 0 {
		*(*time.Time)(q.at.in(v)) = d.minute.last
	}
	if q.status >= 0 {
		q.statusIs.set(q.status.in(v), int64(l.status))
	}
	if q.size >= 0 {
		q.sizeIs.set(q.size.in(v), l.bytes)
	}
	return true
}
