package codec

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

type accessEncoder struct{ accessConfig }

func (e accessEncoder) Append(dst []byte, r AccessRecord) ([]byte, error) {
	at := r.Time.UTC()
	switch {
	case r.Status < 0 || r.Status > 999:
		return dst, fmt.Errorf("codec: %d is not a status", r.Status)
	case r.Bytes < 0:
		return dst, fmt.Errorf("codec: %d is not a size", r.Bytes)
	case at.Year() < 0 || at.Year() > 9999:
		return dst, fmt.Errorf("codec: no access log has the year %d", at.Year())
	case e.virtualHost && r.Host == "":
		return dst, errors.New("codec: no host stands behind the virtual host")
	case e.extra && (strings.Contains(r.Extra, "\n") || strings.HasSuffix(r.Extra, "\r")):
		return dst, errors.New("codec: a line end in Extra")
	case r.Ident != "" && (r.Host == "" || isAddress(r.Ident)):
		return dst, errors.New("codec: an ident that is an address or has no host reads as a prefix of the line")
	}
	out := dst
	if e.virtualHost {
		out = append(e.appendWord(out, r.VirtualHost, " "), ' ')
	}
	out = e.appendHost(out, r.Host)
	out = append(out, ' ')
	out = e.appendWord(out, r.Ident, " ")
	out = append(out, ' ')
	out = e.appendWord(out, r.User, " [")
	out = append(out, " ["...)
	out = at.AppendFormat(out, accessLayout)
	out = append(out, `] "`...)
	if r.Request == "" && (r.Method != "" || r.Path != "" || r.Protocol != "") {
		out = appendEscaped(out, e.bytesOf(r.Method), "")
		out = append(out, ' ')
		out = appendEscaped(out, e.bytesOf(r.Path), "")
		out = append(out, ' ')
		out = appendEscaped(out, e.bytesOf(r.Protocol), "")
	} else {
		out = e.appendWord(out, r.Request, "")
	}
	out = append(out, `" `...)
	out = appendNumber(out, int64(r.Status))
	out = append(out, ' ')
	out = appendNumber(out, r.Bytes)
	out = append(out, ` "`...)
	out = e.appendWord(out, r.Referer, "")
	out = append(out, `" "`...)
	out = e.appendWord(out, r.UserAgent, "")
	out = append(out, '"')
	if e.extra && r.Extra != "" {
		out = append(append(out, ' '), r.Extra...)
	}
	return append(out, '\n'), nil
}

// appendNumber appends n, or the "-" that stands for none.
func appendNumber(dst []byte, n int64) []byte {
	if n == 0 {
		return append(dst, '-')
	}
	return strconv.AppendInt(dst, n, 10)
}

// bytesOf returns the bytes that a field stands for.
func (e accessEncoder) bytesOf(field string) string {
	if e.raw {
		return field
	}
	return fromText(field)
}

// appendWord appends a field, the "-" that stands for none, or, where it
// itself is "-", its escape.
func (e accessEncoder) appendWord(dst []byte, field, also string) []byte {
	switch s := e.bytesOf(field); s {
	case "":
		return append(dst, '-')
	case "-":
		return append(dst, `\x2d`...)
	default:
		return appendEscaped(dst, s, also)
	}
}

// appendHost appends a host, escaped where it has bytes that no host has.
func (e accessEncoder) appendHost(dst []byte, host string) []byte {
	if isHost([]byte(e.bytesOf(host))) {
		return e.appendWord(dst, host, " ")
	}
	return e.appendWord(dst, host, " !\"#$%&'()*+,/:;<=>?@[]^`{|}~")
}

// appendEscaped appends s as Apache does: quotes and backslashes behind a
// backslash, and what is not printable ASCII in hexadecimal, the bytes in
// also among it.
func appendEscaped(dst []byte, s, also string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case isControl(c) || c >= utf8.RuneSelf || strings.IndexByte(also, c) >= 0:
			dst = appendHex(dst, c)
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
