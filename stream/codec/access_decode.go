package codec

import (
	"bytes"
	"errors"
	"fmt"
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
