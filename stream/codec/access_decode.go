package codec

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"unicode/utf8"
)

// An accessDecoder remembers strings that recur: a log has few hosts, paths
// and user agents, and many lines.
type accessDecoder struct {
	accessConfig
	hosts, users, methods, paths, protocols, referers, agents interner

	escapes bool // whether there are backslashes in the record
	text    bool // whether all of the record is text without them
	scratch []byte
	shown   []byte
}

func (d *accessDecoder) Split(data []byte, atEOF bool) (int, []byte, error) {
	return splitLine(data, atEOF)
}

func (d *accessDecoder) Decode(record []byte, v *AccessRecord) error {
	record = bytes.TrimPrefix(record, byteOrderMark)
	if isBlank(record) {
		return ErrSkip
	}
	*v = AccessRecord{}
	plain := isPlain(record)
	d.escapes = !plain && bytes.IndexByte(record, '\\') >= 0
	d.text = d.raw || plain || !d.escapes && isClean(record)
	rest, err := d.client(record, v)
	if err != nil {
		return err
	}

	request, rest, err := cutQuoted(rest, d.escapes)
	if err != nil {
		return fmt.Errorf("request: %w", err)
	}
	d.request(d.field(request), v)

	status, rest, _ := bytes.Cut(rest, space)
	n, err := number(status)
	if err != nil || n > 999 {
		return fmt.Errorf("status: %q is not a status", status)
	}
	v.Status = int(n)
	size, rest, more := bytes.Cut(rest, space)
	if v.Bytes, err = number(size); err != nil {
		return fmt.Errorf("bytes: %q is not a size", size)
	}
	if !more || len(rest) == 0 || rest[0] != '"' {
		return nil // Common
	}

	referer, rest, err := cutQuoted(rest, d.escapes)
	if err != nil {
		return fmt.Errorf("referer: %w", err)
	}
	v.Referer = d.referers.string(d.field(referer))
	agent, _, err := cutQuoted(rest, d.escapes)
	if err == errNoClosingQuote {
		agent, err = rest[1:], nil // the line was cut short
	}
	if err != nil {
		return fmt.Errorf("user agent: %w", err)
	}
	v.UserAgent = d.agents.string(d.field(agent))
	return nil
}

var space = []byte{' '}

// client reads what stands before the request: who asked, and when.
func (d *accessDecoder) client(record []byte, v *AccessRecord) (rest []byte, err error) {
	rest = record
	if d.virtualHost {
		var site []byte
		if site, rest, _ = bytes.Cut(rest, space); len(site) == 0 {
			return nil, errors.New("no virtual host")
		}
		v.VirtualHost = d.hosts.string(d.field(site))
	}
	host, rest, ok := bytes.Cut(rest, space)
	ident, rest, ok2 := bytes.Cut(rest, space)
	if !ok || !ok2 {
		return nil, errors.New("not host, ident and user")
	}
	v.Host = d.hosts.string(d.field(host))
	v.Ident = d.users.string(d.field(ident))
	user, rest, err := cutUser(rest, v)
	if err != nil {
		return nil, err
	}
	v.User = d.users.string(d.field(user))
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

const (
	hostByte  = 1 << iota // of names and IPv4 addresses; bytes of names that are not ASCII and escapes too
	colonByte             // of IPv6 addresses alone
	otherByte
)

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
func cutUser(b []byte, v *AccessRecord) (user, rest []byte, err error) {
	for i := 0; ; {
		n := bytes.IndexByte(b[i:], '[')
		if n < 0 {
			return nil, nil, errors.New("no time in brackets")
		}
		i += n + 1
		end := i + len(accessLayout)
		if i < 2 || b[i-2] != ' ' || end+1 >= len(b) || b[end] != ']' || b[end+1] != ' ' {
			continue
		}
		if t, ok := parseAccessTime(b[i:end]); ok {
			v.Time = t
			return b[:i-2], b[end+2:], nil
		}
	}
}

var errNoClosingQuote = errors.New("no closing quote")

// cutQuoted cuts off b what stands between quotes, and the space behind it.
func cutQuoted(b []byte, escapes bool) (field, rest []byte, err error) {
	if len(b) == 0 || b[0] != '"' {
		return nil, nil, errors.New("no opening quote")
	}
	b = b[1:]
	end := 0
	for {
		n := bytes.IndexByte(b[end:], '"')
		if n < 0 {
			return nil, nil, errNoClosingQuote
		}
		end += n
		if !escapes || !isEscaped(b[:end]) {
			break
		}
		end++
	}
	field, rest = b[:end], b[end+1:]
	if len(rest) > 0 {
		if rest[0] != ' ' {
			return nil, nil, errors.New("no space behind the closing quote")
		}
		rest = rest[1:]
	}
	return field, rest, nil
}

// isEscaped reports whether what follows b is escaped: whether b ends in an
// odd number of backslashes.
func isEscaped(b []byte) bool {
	n := 0
	for n < len(b) && b[len(b)-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

// request takes a request line apart: three words, the last one HTTP/ and a
// version. What is not so stays whole.
func (d *accessDecoder) request(b []byte, v *AccessRecord) {
	method := bytes.IndexByte(b, ' ')
	protocol := bytes.LastIndexByte(b, ' ')
	if method <= 0 || protocol <= method+1 || !bytes.HasPrefix(b[protocol+1:], []byte("HTTP/")) ||
		bytes.IndexByte(b[method+1:protocol], ' ') >= 0 {
		v.Request = string(b)
		return
	}
	v.Method = d.methods.string(b[:method])
	v.Path = d.paths.string(b[method+1 : protocol])
	v.Protocol = d.protocols.string(b[protocol+1:])
}

func number(b []byte) (int64, error) {
	if len(b) == 1 && b[0] == '-' {
		return 0, nil
	}
	n, err := parseUint(b)
	if err == nil && int64(n) < 0 {
		err = errors.New("out of range")
	}
	return int64(n), err
}

// field returns what a field holds. The result is valid until the next call.
func (d *accessDecoder) field(b []byte) []byte {
	if isDash(b) {
		return nil
	}
	if d.escapes {
		b = d.unescape(b)
	}
	if d.text || isClean(b) {
		return b
	}
	d.shown = appendText(d.shown[:0], b, false)
	return d.shown
}

// unescape undoes what Apache and nginx do to a field. A backslash that
// starts no escape of theirs stands for itself.
func (d *accessDecoder) unescape(b []byte) []byte {
	if bytes.IndexByte(b, '\\') < 0 {
		return b
	}
	out := d.scratch[:0]
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' || i+1 == len(b) {
			out = append(out, b[i])
			continue
		}
		if isHexEscape(b[i:]) {
			hi, _ := hexDigit(b[i+2])
			lo, _ := hexDigit(b[i+3])
			out = append(out, hi<<4|lo)
			i += 3
			continue
		}
		if n := bytes.IndexByte(escapeNames, b[i+1]); n >= 0 {
			out = append(out, escapeBytes[n])
			i++
			continue
		}
		out = append(out, '\\')
	}
	d.scratch = out
	return out
}

var (
	escapeNames = []byte(`"\bnrtvf`)
	escapeBytes = []byte("\"\\\b\n\r\t\v\f")
)
