package fluentsource

import (
	"fmt"
	"strconv"
	"unicode/utf8"
)

// A FieldError is the error of a value of a record that does not fit its field.
type FieldError struct {
	Field string // of the struct: "Status", "Kubernetes.Pod"
	Key   string // in the record: "status", "kubernetes.pod_name"
	Err   error
}

// Error says, for example, `field Status: "status" is "abc", and not an integer`.
func (e *FieldError) Error() string {
	return fmt.Sprintf("field %s: %q is %v", e.Field, e.Key, e.Err)
}

// Unwrap returns e.Err.
func (e *FieldError) Unwrap() error { return e.Err }

// A misfit says what a value is, and what it should be: `"abc", and not an integer`.
type misfit struct {
	is, want string
	cause    error // strconv.ErrRange, or nil
}

func (e *misfit) Error() string {
	if e.cause == strconv.ErrRange {
		return e.is + ", which is out of the range of " + e.want
	}
	if e.cause != nil {
		return fmt.Sprintf("%s, and not %s: %v", e.is, e.want, e.cause)
	}
	return e.is + ", and not " + e.want
}

func (e *misfit) Unwrap() error { return e.cause }

// unfit returns the error of the value that b begins with, of which all bytes may not be
// there yet. Damage is found before.
func unfit(b []byte, want string, cause error) error {
	if _, err := skip(b, mostDepth); err != nil {
		return err
	}
	return &misfit{describe(b), want, cause}
}

const mostShown = 60

// describe says what a value is that is all there.
func describe(b []byte) string {
	switch c := b[0]; {
	case c == 0xc0:
		return "nil"
	case c == 0xc2:
		return "false"
	case c == 0xc3:
		return "true"
	case isText(c):
		text, _, _ := readText(b)
		if len(text) > mostShown {
			n := mostShown
			for n > 0 && !utf8.RuneStart(text[n]) {
				n--
			}
			return strconv.Quote(string(text[:n])) + "..."
		}
		return strconv.Quote(string(text))
	case c >= 0x80 && c < 0x90, c == 0xde, c == 0xdf:
		return "a map"
	case c >= 0x90 && c < 0xa0, c == 0xdc, c == 0xdd:
		return "an array"
	case isNumber(c):
		n, _, _ := readNumber(b)
		return n.String()
	}
	return "an extension"
}
