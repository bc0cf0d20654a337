package codec

import (
	"bytes"
	"errors"
	"net/netip"
	"slices"
	"unicode/utf8"
)

// client reads what stands before the request: who asked, and when.
func (d *accessDecoder) client(record []byte, v *AccessRecord) (rest []byte, err error) {
	rest = record
	if d.virtualHost {
		var site []byte
		if site, rest, _ = bytes.Cut(rest, space); len(site) == 0 {
			return nil, errors.New("no virtual host")
		}
		v.VirtualHost = d.hosts.String(d.field(site))
	}
	host, rest, ok := bytes.Cut(rest, space)
	ident, rest, ok2 := bytes.Cut(rest, space)
	if !ok || !ok2 {
		return nil, errors.New("not host, ident and user")
	}
	v.Host = d.hosts.String(d.field(host))
	v.Ident = d.users.String(d.field(ident))
	user, rest, err := d.cutUser(rest, v)
	if err != nil {
		return nil, err
	}
	v.User = d.users.String(d.field(user))
	if bytes.IndexByte(record[:len(record)-len(rest)], '\t') >= 0 {
		return nil, errors.New("a tab, and not a space, between host, ident, user and time")
	}
	if len(host) == 0 || len(ident) == 0 || len(user) == 0 || user[0] == ' ' || user[len(user)-1] == ' ' ||
		!isHost(host) || d.virtualHost && isDash(host) || isPrefixed(host, ident, user, v.Ident) {
		return nil, errPrefixed
	}
	return rest, nil
}

var errPrefixed = errors.New("what stands before the time is not just host, ident and user; codec.VirtualHost reads lines that begin with a virtual host")

// isPrefixed reports whether host is likely to be something that stands before
// the host, and the host one of what follows. Ident is "-" in nearly every log,
// so it is what has moved elsewhere then.
func isPrefixed(host, ident, user []byte, identText string) bool {
	spaces := bytes.IndexByte(user, ' ') >= 0
	if isDash(ident) {
		// "container - 10.0.0.1 - frank"
		return spaces && slices.ContainsFunc(bytes.Split(user, space), isDash)
	}
	// "www.example.com:80 10.0.0.1 - frank", "- 10.0.0.1 - frank", "www.example.com 10.0.0.1 frank"
	return spaces || isDash(host) || isAddress(identText)
}

// isHost reports whether b has none but the characters of host names and IP
// addresses: a colon only in an IPv6 address, which may stand in brackets. What a
// shipper of logs glues to the host, as in "web1|10.0.0.1", has others.
func isHost(b []byte) bool {
	var seen uint8
	for _, c := range b {
		seen |= hostBytes[c]
	}
	if seen == hostByte {
		return true
	}
	return seen&otherByte == 0 && isAddress6(b)
}

// isAddress6 reports whether b is an IPv6 address, in brackets or not.
func isAddress6(b []byte) bool {
	if n := len(b); n > 2 && b[0] == '[' && b[n-1] == ']' {
		b = b[1 : n-1]
	}
	a, err := netip.ParseAddr(string(b))
	return err == nil && a.Is6()
}

var hostBytes = func() (table [256]uint8) {
	for i := range table {
		switch c := byte(i); {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c >= utf8.RuneSelf,
			c == '.', c == '-', c == '_', c == '\\':
			table[c] = hostByte
		case c == ':', c == '[', c == ']', c == '%':
			table[c] = colonByte
		default:
			table[c] = otherByte
		}
	}
	return table
}()

func isDash(b []byte) bool { return len(b) == 1 && b[0] == '-' }

func isAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	_, err2 := netip.ParseAddrPort(s)
	return err == nil || err2 == nil
}

// cutUser cuts the user and the time off b and sets the time. A user's name
// may hold spaces and brackets, so it ends where " [", a time and "] " follow.
func (d *accessDecoder) cutUser(b []byte, v *AccessRecord) (user, rest []byte, err error) {
	for i := 0; ; {
		n := indexNear(b[i:], '[')
		if n < 0 {
			return nil, nil, errors.New("no time in brackets")
		}
		i += n + 1
		end := i + len(accessLayout)
		if i < 2 || b[i-2] != ' ' || end+1 >= len(b) || b[end] != ']' || b[end+1] != ' ' {
			continue
		}
		if t, ok := d.minute.parse(b[i:end]); ok {
			v.Time = t
			return b[:i-2], b[end+2:], nil
		}
	}
}
