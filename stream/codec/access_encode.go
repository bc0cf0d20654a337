package codec

import (
	"fmt"
	"strconv"
)

type accessEncoder struct{}

func (accessEncoder) Append(dst []byte, r AccessRecord) ([]byte, error) {
	at := r.Time.UTC()
	switch {
	case r.Status < 0 || r.Status > 999:
		return dst, fmt.Errorf("codec: %d is not a status", r.Status)
	case r.Bytes < 0:
		return dst, fmt.Errorf("codec: %d is not a size", r.Bytes)
	case at.Year() < 0 || at.Year() > 9999:
		return dst, fmt.Errorf("codec: no access log has the year %d", at.Year())
	}
	out := appendWord(dst, r.Host, " ")
	out = append(out, ' ')
	out = appendWord(out, r.Ident, " ")
	out = append(out, ' ')
	out = appendWord(out, r.User, "[")
	out = append(out, " ["...)
	out = at.AppendFormat(out, accessLayout)
	out = append(out, `] "`...)
	if r.Request == "" && (r.Method != "" || r.Path != "" || r.Protocol != "") {
		out = appendEscaped(out, r.Method, "")
		out = append(out, ' ')
		out = appendEscaped(out, r.Path, "")
		out = append(out, ' ')
		out = appendEscaped(out, r.Protocol, "")
	} else {
		out = appendWord(out, r.Request, "")
	}
	out = append(out, `" `...)
	out = appendNumber(out, int64(r.Status))
	out = append(out, ' ')
	out = appendNumber(out, r.Bytes)
	out = append(out, ` "`...)
	out = appendWord(out, r.Referer, "")
	out = append(out, `" "`...)
	out = appendWord(out, r.UserAgent, "")
	return append(out, "\"\n"...), nil
}

// appendNumber appends n, or the "-" that stands for none.
func appendNumber(dst []byte, n int64) []byte {
	if n == 0 {
		return append(dst, '-')
	}
	return strconv.AppendInt(dst, n, 10)
}

// appendWord appends s, the "-" that stands for none, or, where s itself is
// "-", its escape.
func appendWord(dst []byte, s, also string) []byte {
	switch s {
	case "":
		return append(dst, '-')
	case "-":
		return append(dst, `\x2d`...)
	}
	return appendEscaped(dst, s, also)
}

// appendEscaped appends s as Apache does: quotes and backslashes behind a
// backslash, and what is not printable ASCII in hexadecimal, the bytes in
// also among it.
func appendEscaped(dst []byte, s, also string) []byte {
	const hex = "0123456789abcdef"
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ' || c >= 0x7f || len(also) > 0 && c == also[0]:
			dst = append(dst, '\\', 'x', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
