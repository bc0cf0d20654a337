package syslogsource

import (
	"errors"
	"iter"
	"strings"
)

// StructuredData is the structured data of a message as it was sent:
//
//	[origin ip="192.0.2.7" software="rsyslogd"][meta sequenceId="17"]
//
// It stays text until somebody asks: most messages have none, and most of what is sent is
// never asked for. A query costs a pass over the text.
type StructuredData string

// A Param is a parameter of an element. Its Value is as it was meant, without backslashes that escape.
type Param struct{ Name, Value string }

// Get returns the value of the first parameter of that name in an element of that ID.
func (d StructuredData) Get(id, name string) (value string, ok bool) {
	for element, p := range d.All() {
		if element == id && p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// All returns the parameters in their order, each with its element's ID. A name may recur. An element without
// parameters has one whose Name is "".
func (d StructuredData) All() iter.Seq2[string, Param] {
	return func(yield func(string, Param) bool) {
		rest := string(d)
		for strings.HasPrefix(rest, "[") {
			end := strings.IndexAny(rest, " ]")
			if end < 0 {
				return
			}
			id, found := rest[1:end], false
			rest = rest[end:]
			for {
				rest = strings.TrimLeft(rest, " ")
				if strings.HasPrefix(rest, "]") {
					break
				}
				name, value, ok := strings.Cut(rest, `="`)
				if !ok {
					return
				}
				end, escaped := quoted(value)
				if end < 0 {
					return
				}
				p := Param{name, value[:end]}
				if escaped {
					p.Value = unescape(p.Value)
				}
				if found = true; !yield(id, p) {
					return
				}
				rest = value[end+1:]
			}
			if !found && !yield(id, Param{}) {
				return
			}
			rest = strings.TrimPrefix(rest, "]")
		}
	}
}

// quoted returns where the quote stands that ends a value, -1 for nowhere.
func quoted[S string | []byte](s S) (end int, escaped bool) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return i, escaped
		case '\\':
			escaped = true
			i++
		}
	}
	return -1, escaped
}

// unescape takes away the backslashes before '"', '\' and ']'. Any other is one: RFC 5424, section 6.3.3.
func unescape(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\' || s[i+1] == ']') {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}

var (
	errData  = errors.New("structured data is neither - nor [id name=\"value\"]")
	errQuote = errors.New("structured data: no quote ends a value")
)

// scanData returns how long the structured data is with which b begins: 1 for "-". It is
// lenient: names of any length and with bytes above ASCII, a ']' without its backslash
// inside of a value, more spaces than one.
func scanData(b []byte) (n int, err error) {
	if len(b) > 0 && b[0] == '-' {
		return 1, nil
	}
	i := 0
	for i < len(b) && b[i] == '[' {
		end := nameEnd(b, i+1)
		if end == i+1 {
			return 0, errData
		}
		for i = end; i < len(b) && b[i] == ' '; {
			if i++; i < len(b) && (b[i] == ' ' || b[i] == ']') {
				continue
			}
			end := nameEnd(b, i)
			if end == i || end+1 >= len(b) || b[end] != '=' || b[end+1] != '"' {
				return 0, errData
			}
			i = end + 2
			if end, _ = quoted(b[i:]); end < 0 {
				return 0, errQuote
			}
			i += end + 1
		}
		if i >= len(b) || b[i] != ']' {
			return 0, errData
		}
		i++
	}
	if i == 0 {
		return 0, errData
	}
	return i, nil
}

// nameEnd returns where the name of an element or of a parameter ends that begins at i.
func nameEnd(b []byte, i int) int {
	for i < len(b) && graphic(b[i]) && b[i] != '=' && b[i] != ']' && b[i] != '"' {
		i++
	}
	return i
}
