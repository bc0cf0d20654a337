package codec

import (
	"fmt"
	"strings"
	"time"
)

// apacheParts takes an Apache LogFormat apart: %directive, and the rest.
func apacheParts(format string) ([]logPart, error) {
	var parts []logPart
	literal := func(s string) { parts = append(parts, logPart{literal: s}) }
	for rest := format; rest != ""; {
		i := strings.IndexAny(rest, `%\`)
		if i < 0 {
			literal(rest)
			break
		}
		if i > 0 {
			literal(rest[:i])
		}
		rest = rest[i:]
		if rest[0] == '\\' { // as the string stands in httpd.conf
			if len(rest) == 1 {
				literal(`\`)
				break
			}
			literal(strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\"`, `"`, `\\`, `\`).Replace(rest[:2]))
			rest = rest[2:]
			continue
		}
		if strings.HasPrefix(rest, "%%") {
			literal("%")
			rest = rest[2:]
			continue
		}
		d, n, err := apacheDirectiveOf(rest)
		if err != nil {
			return nil, fmt.Errorf("at byte %d of the format: %w", len(format)-len(rest), err)
		}
		rest = rest[n:]
		if d.letter == "t" && d.arg == "" { // its brackets are its own
			literal("[")
		}
		v, err := d.variable()
		if err != nil {
			return nil, err
		}
		if n := len(parts) - 1; d.letter == "q" && n >= 0 && parts[n].variable != nil && parts[n].variable.name == "%U" {
			parts[n].variable = &logVariable{name: "%U%q", keys: []string{"%U%q", "request_uri"}}
			continue
		}
		parts = append(parts, logPart{variable: v})
		if d.letter == "t" && d.arg == "" {
			literal("]")
		}
	}
	return parts, nil
}

// An apacheName is a directive of Apache's in its pieces.
type apacheName struct{ which, arg, letter string }

// apacheDirectiveOf reads the directive that s begins with, and its length.
// Conditions, as in %!200,304{Referer}i, are passed over.
func apacheDirectiveOf(s string) (d apacheName, n int, err error) {
	i := 1
	for ; i < len(s) && strings.IndexByte("!,0123456789<>", s[i]) >= 0; i++ {
		if s[i] == '<' || s[i] == '>' {
			d.which = s[i : i+1]
		}
	}
	if i < len(s) && s[i] == '{' {
		end := strings.IndexByte(s[i:], '}')
		if end < 0 {
			return d, 0, fmt.Errorf("%s: the brace is not closed", s)
		}
		d.arg = s[i+1 : i+end]
		i += end + 1
	}
	size := 1
	if i < len(s) && s[i] == '^' { // %^FB, %{name}^ti
		size = 3
	}
	if i+size > len(s) {
		return d, 0, fmt.Errorf("%s: a %% with no directive behind it", s)
	}
	d.letter = s[i : i+size]
	return d, i + size, nil
}

func (d apacheName) String() string {
	if d.arg != "" {
		return "%" + d.which + "{" + d.arg + "}" + d.letter
	}
	return "%" + d.which + d.letter
}

func (d apacheName) variable() (*logVariable, error) {
	known, ok := apacheLetters[d.letter]
	if !ok {
		return nil, fmt.Errorf("%v is no directive that is known", d)
	}
	v := &logVariable{name: d.String(), word: known.word}
	v.keys = []string{v.name}
	if known.nginx != "" && d.arg == "" {
		v.keys = append(v.keys, known.nginx)
	}
	switch d.letter {
	case "i", "o":
		prefix := map[string]string{"i": "http_", "o": "sent_http_"}[d.letter]
		v.name = "%{" + d.arg + "}" + d.letter
		v.keys = append(v.keys, prefix+strings.ReplaceAll(strings.ToLower(d.arg), "-", "_"))
	case "D":
		v.unit = time.Microsecond
		v.keys = append(v.keys, "request_time")
	case "T":
		v.keys = append(v.keys, "request_time")
		units := map[string]time.Duration{"": time.Second, "s": time.Second, "ms": time.Millisecond, "us": time.Microsecond}
		if v.unit, ok = units[d.arg]; !ok {
			return nil, fmt.Errorf("%v: the unit is not s, ms or us", d)
		}
	case "t":
		return v, d.time(v)
	}
	return v, nil
}

// time says how the time of a %t stands in a line.
func (d apacheName) time(v *logVariable) error {
	format := strings.TrimPrefix(strings.TrimPrefix(d.arg, "begin:"), "end:")
	switch format {
	case "":
		v.layout, v.width = accessLayout, len(accessLayout)
	case "sec":
		v.epoch, v.word = time.Second, true
	case "msec":
		v.epoch, v.word = time.Millisecond, true
	case "usec":
		v.epoch, v.word = time.Microsecond, true
	case "msec_frac", "usec_frac":
		v.word = true
	default:
		layout, err := layoutOf(format)
		if err != nil {
			return fmt.Errorf("%v: %w", d, err)
		}
		v.layout = layout
	}
	return nil
}

// apacheLetters are the directives: whether they never hold a space, and what
// nginx calls the same.
var apacheLetters = map[string]struct {
	word  bool
	nginx string
}{
	"a": {true, "remote_addr"}, "A": {true, "server_addr"}, "B": {true, "body_bytes_sent"}, "b": {true, "body_bytes_sent"},
	"C": {}, "D": {true, ""}, "e": {}, "f": {}, "h": {true, "remote_addr"}, "H": {true, "server_protocol"}, "i": {},
	"I": {true, "request_length"}, "k": {true, ""}, "l": {true, ""}, "L": {true, ""}, "m": {true, "request_method"},
	"n": {}, "o": {}, "O": {true, "bytes_sent"}, "p": {true, "server_port"}, "P": {true, "pid"}, "q": {}, "r": {false, "request"},
	"R": {}, "s": {true, "status"}, "S": {true, ""}, "t": {false, "time_local"}, "T": {true, ""}, "u": {false, "remote_user"},
	"U": {}, "v": {true, "server_name"}, "V": {true, "host"}, "X": {true, ""}, "x": {}, "^FB": {true, ""}, "^ti": {}, "^to": {},
}
