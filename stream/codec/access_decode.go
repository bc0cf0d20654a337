package codec

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/internal/intern"
)

// An accessDecoder remembers strings that recur: a log has few hosts, paths
// and user agents, and many lines.
type accessDecoder struct {
	accessConfig
	hosts, users, methods, paths, protocols, referers, agents, extras intern.Field

	plain   plainStrings // of usual lines
	line    combinedLine
	minute  accessMinute
	escapes bool // whether there are backslashes in the record
	text    bool // whether all of the record is text without them
	scratch []byte
	shown   []byte
}

func (d *accessDecoder) Split(data []byte, atEOF bool) (int, []byte, error) {
	return splitLine(data, atEOF)
}

func (d *accessDecoder) Decode(record []byte, v *AccessRecord) error {
	if !d.virtualHost && d.usual(record, v) { // which is not blank, and begins with no byte order mark
		return nil
	}
	record = bytes.TrimPrefix(record, byteOrderMark)
	if isBlank(record) {
		return ErrSkip
	}
	return d.unusual(record, isPlain(record), v)
}

// unusual reads any line.
func (d *accessDecoder) unusual(record []byte, plain bool, v *AccessRecord) error {
	*v = AccessRecord{}
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
		d.more(rest, v)
		return nil // Common
	}

	referer, rest, err := cutQuoted(rest, d.escapes)
	if err != nil {
		return fmt.Errorf("referer: %w", err)
	}
	v.Referer = d.referers.String(d.field(referer))
	agent, behind, err := cutQuoted(rest, d.escapes)
	if err == errNoClosingQuote {
		agent, err = rest[1:], nil // the line was cut short
	}
	if err != nil {
		return fmt.Errorf("user agent: %w", err)
	}
	v.UserAgent = d.agents.String(d.field(agent))
	d.more(behind, v)
	return nil
}

// more keeps what stands behind the fields, if it is wanted. Backslashes of its
// escapes stay as they are.
func (d *accessDecoder) more(b []byte, v *AccessRecord) {
	if !d.extra || len(b) == 0 {
		return
	}
	if d.raw {
		v.Extra = string(bytes.TrimRight(b, "\r")) // which would be read as part of a line end
		return
	}
	d.shown = d.shown[:0]
	for len(b) > 0 {
		n := bytes.IndexByte(b, '\\') + 1
		if n == 0 {
			n = len(b)
		}
		d.shown = appendText(d.shown, b[:n], false) // a backslash at the end begins no escape
		b = b[n:]
	}
	v.Extra = d.extras.String(d.shown)
}

var space = []byte{' '}

const (
	hostByte  = 1 << iota // of names and IPv4 addresses; bytes of names that are not ASCII and escapes too
	colonByte             // of IPv6 addresses alone
	otherByte
)

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

// request takes a request line apart. What is not three words stays whole.
func (d *accessDecoder) request(b []byte, v *AccessRecord) {
	method, path, protocol, ok := cutRequest(b)
	if !ok {
		v.Request = string(b)
		return
	}
	switch string(method) { // spares looking for what nearly every line has
	case "GET":
		v.Method = "GET"
	case "POST":
		v.Method = "POST"
	default:
		v.Method = d.methods.String(method)
	}
	v.Path = d.paths.String(path)
	switch string(protocol) {
	case "HTTP/1.1":
		v.Protocol = "HTTP/1.1"
	case "HTTP/2.0":
		v.Protocol = "HTTP/2.0"
	default:
		v.Protocol = d.protocols.String(protocol)
	}
}

// cutRequest takes a request line apart: three words, the last one HTTP/ and a
// version.
func cutRequest(b []byte) (method, path, protocol []byte, ok bool) {
	i := indexNear(b, ' ')
	k := len(b) - len(" HTTP/1.1")
	if k < 0 || string(b[k:]) != " HTTP/1.1" { // as most have it
		k = bytes.LastIndexByte(b, ' ')
	}
	if i <= 0 || k <= i+1 || !bytes.HasPrefix(b[k+1:], []byte("HTTP/")) || bytes.IndexByte(b[i+1:k], ' ') >= 0 {
		return nil, nil, nil, false
	}
	return b[:i], b[i+1 : k], b[k+1:], true
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
		if bytes.IndexByte(b, '\\') >= 0 {
			d.scratch = appendUnescaped(d.scratch[:0], b)
			b = d.scratch
		}
	}
	if d.text || isClean(b) {
		return b
	}
	d.shown = appendText(d.shown[:0], b, false)
	return d.shown
}
