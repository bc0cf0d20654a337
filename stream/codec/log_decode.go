package codec

import (
	"bytes"
	"fmt"
	"unsafe"
)

type logDecoder[T any] struct{ *logReader }

func (d *logDecoder[T]) Split(data []byte, atEOF bool) (int, []byte, error) {
	return splitLine(data, atEOF)
}

func (d *logDecoder[T]) Decode(record []byte, v *T) error {
	*v = *new(T)
	return d.read(record, unsafe.Pointer(v))
}

// A logReader takes lines apart, and sets the fields of a struct that v points to.
type logReader struct {
	format         *logPlan
	parse          []parseFunc // by slot
	length         int         // of the record
	scratch, shown []byte

	line   combinedLine
	minute accessMinute
	plain  plainStrings // of usual lines
}

func newLogReader(f *logPlan) *logReader {
	d := &logReader{format: f}
	for i := range f.steps {
		s := &f.steps[i]
		for _, field := range append(s.parts[:], s.field) {
			if field != nil {
				d.parse = append(d.parse, make([]parseFunc, max(0, field.slot+1-len(d.parse)))...)
				d.parse[field.slot] = field.newParse()
			}
		}
	}
	return d
}

func (d *logReader) read(record []byte, v unsafe.Pointer) error {
	if q := d.format.quick; q != nil && d.readQuick(q, record, v) { // which begins with no byte order mark, unless no field wants the host
		return nil
	}
	d.length = len(record)
	record = bytes.TrimPrefix(record, byteOrderMark)
	if d.format.combined != nil {
		if ok, err := d.readCombined(record, v); ok {
			return err
		}
	}
	return d.readSteps(record, v)
}

// readSteps reads any line.
func (d *logReader) readSteps(record []byte, v unsafe.Pointer) error {
	if isBlank(record) {
		return ErrSkip
	}
	rest, ok := cutLiteral(record, d.format.lead)
	if !ok {
		return d.unlike("the line begins", record, d.format.lead)
	}
	var host, ident []byte
	for i := range d.format.steps {
		s := &d.format.steps[i]
		end := d.end(s, rest)
		if end < 0 {
			return d.noEnd(s, rest)
		}
		value := rest[:end]
		if s.noSpace && indexNear(value, ' ') >= 0 {
			return fmt.Errorf("%s at byte %d: %q has a space, so something that the format has not stands before it, or in it",
				s.variable.name, d.length-len(rest), shorten(string(value), 100))
		}
		if of := d.format.ident; of > 0 {
			switch i {
			case of - 1:
				host = value
			case of:
				ident = value
			case of + 1: // what stands before %h has moved it into %l or %u, as in Access
				if isPrefixed(host, ident, value, string(ident)) {
					return fmt.Errorf("at byte %d: %q stands where the format has %%h %%l %%u, so something that it has not stands before the host: ApacheVHostCombined has a virtual host",
						d.length-len(rest)-len(ident)-len(host)-2, shorten(string(host)+" "+string(ident)+" "+string(value), 100))
				}
			}
		}
		left := len(rest)
		if rest = rest[end:]; s.found {
			rest = rest[len(s.literal):]
		} else if rest, ok = cutLiteral(rest, s.literal); !ok {
			return d.unlike("behind "+s.variable.name, rest, s.literal)
		}
		if s.field != nil {
			if err := d.set(v, s.field, value, left); err != nil {
				return err
			}
		}
		if s.hasParts {
			if err := d.setParts(v, s, value, left); err != nil {
				return err
			}
		}
	}
	if len(rest) > 0 {
		return fmt.Errorf("at byte %d: %q stands behind the end of the format", d.length-len(rest), shorten(string(rest), 100))
	}
	return nil
}

// end returns where the value ends that rest begins with, or -1.
func (d *logReader) end(s *logStep, rest []byte) int {
	switch s.find {
	case findEnd:
		return len(rest)
	case findSpace:
		return indexNear(rest, ' ')
	case findQuote:
		return closingLogQuote(rest)
	}
	for i := 0; ; i++ {
		n := indexNear(rest[i:], s.literal[0])
		if n < 0 {
			return -1
		}
		i += n
		behind, ok := cutLiteral(rest[i:], s.literal)
		switch {
		case !ok:
		case s.find == findList && s.literal[0] == ' ' && inList(rest, i):
		case s.guard.width > 0 && (len(behind) < s.guard.width || !hasLiteral(behind[s.guard.width:], s.guard.literal)):
		case s.last && len(behind) > 0: // a literal that ends the line
		default:
			return i
		}
	}
}

// closingLogQuote returns where the first quote stands that is not escaped, or -1.
func closingLogQuote(b []byte) int {
	for end := 0; ; end++ {
		n := bytes.IndexByte(b[end:], '"')
		if n < 0 {
			return -1
		}
		if end += n; end == 0 || b[end-1] != '\\' || !isEscaped(b[:end]) {
			return end
		}
	}
}

// inList reports whether the space at b[i] stands between two values of a list.
func inList(b []byte, i int) bool {
	switch {
	case i > 0 && b[i-1] == ',':
		return true
	case i+2 < len(b) && b[i+1] == ':' && b[i+2] == ' ':
		return true
	}
	return i > 1 && b[i-1] == ':' && b[i-2] == ' '
}

func (d *logReader) set(v unsafe.Pointer, f *logField, value []byte, left int) error {
	if len(value) == 0 || isDash(value) {
		return nil
	}
	if err := d.parse[f.slot](unsafe.Add(v, f.offset), d.bytes(value, f.needs)); err != nil {
		kind := f.kind
		if bytes.Contains(value, []byte(", ")) || bytes.Contains(value, []byte(" : ")) {
			kind += " (several values go into a slice)"
		}
		return &FieldError{f.name, f.from, d.length - left, shorten(string(value), 100), err, kind}
	}
	return nil
}

func (d *logReader) setParts(v unsafe.Pointer, s *logStep, value []byte, left int) error {
	target, at := value, left // which it begins at, counted from the end
	if !s.target {
		method, second, protocol, ok := cutRequest(value)
		if !ok {
			return nil
		}
		target, at = second, left-len(method)-1
		for i, part := range [3][]byte{method, target, protocol} {
			if f := s.parts[i]; f != nil {
				if err := d.set(v, f, part, left); err != nil {
					return err
				}
			}
			left -= len(part) + 1
		}
	}
	if s.parts[3] == nil && s.parts[4] == nil {
		return nil
	}
	path, query, _ := bytes.Cut(target, []byte("?"))
	if f := s.parts[3]; f != nil {
		if err := d.set(v, f, path, at); err != nil {
			return err
		}
	}
	if f := s.parts[4]; f != nil {
		return d.set(v, f, query, at-len(path)-1)
	}
	return nil
}

// bytes returns what a parser needs of a value. It is valid until the next call.
func (d *logReader) bytes(b []byte, needs logBytes) []byte {
	if needs == needsBytes || needs == needsText && isPlain(b) {
		return b
	}
	if d.format.escaping != escapeNone && bytes.IndexByte(b, '\\') >= 0 {
		if d.format.escaping == escapeJSON {
			d.scratch = appendUnescapedJSON(d.scratch[:0], b)
		} else {
			d.scratch = appendUnescaped(d.scratch[:0], b)
		}
		b = d.scratch
	}
	if needs == needsUnescape || isClean(b) {
		return b
	}
	d.shown = appendText(d.shown[:0], b, false)
	return d.shown
}

// hasLiteral compares byte by byte: literals are of a few bytes, for which a call
// of the runtime's comparison takes longer.
func hasLiteral(b []byte, literal string) bool {
	if len(b) < len(literal) {
		return false
	}
	for i := range len(literal) {
		if b[i] != literal[i] {
			return false
		}
	}
	return true
}

// cutLiteral cuts a literal off b, or returns b.
func cutLiteral(b []byte, literal string) ([]byte, bool) {
	if !hasLiteral(b, literal) {
		return b, false
	}
	return b[len(literal):], true
}

func (d *logReader) unlike(where string, rest []byte, literal string) error {
	return fmt.Errorf("at byte %d: %s with %q, and not with %q as in the format", d.length-len(rest), where, shorten(string(rest), len(literal)+20), literal)
}

func (d *logReader) noEnd(s *logStep, rest []byte) error {
	return fmt.Errorf("%s at byte %d: no %q behind it, which the format has there: %q", s.variable.name, d.length-len(rest), s.literal, shorten(string(rest), 100))
}
