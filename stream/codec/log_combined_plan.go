package codec

import (
	"encoding"
	"reflect"
	"slices"
	"time"
	"unsafe"
)

// combinedFields says which step of a plan reads which field of a combinedLine. Each step may still have no field of the struct, or one of any type.
type combinedFields struct {
	host, ident, user, at, request, status, size, referer, agent *logStep // ident is nil where the format has "-" itself
	sets                                                         bool     // the time's field is a time.Time
	statusIs, sizeIs                                             plainInt
	texts                                                        combinedTexts
}

// combinedTexts says which fields are strings, which need not be looked at again where the bytes are known. The parts are those of the request.
type combinedTexts struct{ host, user, referer, agent, parts bool }

// isText reports whether a field is a string that takes the text of a value.
func isText(f *logField) bool {
	return f != nil && f.typ.Kind() == reflect.String && f.needs == needsText && !reflect.PointerTo(f.typ).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// A plainInt is which type a field has that takes a number as cut has found it.
type plainInt uint8

const (
	noInt plainInt = iota // none of these: its parser reads the number again
	isInt
	isInt64
)

func plainIntOf(f *logField) plainInt {
	switch {
	case f == nil:
	case f.typ == reflect.TypeFor[int]():
		return isInt
	case f.typ == reflect.TypeFor[int64]():
		return isInt64
	}
	return noInt
}

func (is plainInt) set(p unsafe.Pointer, n int64) {
	if is == isInt {
		*(*int)(p) = int(n) // of 7 digits at most
	} else {
		*(*int64)(p) = n
	}
}

// The literals of the Combined format, as nginx has it, and as Apache has it, with an ident.
var (
	combinedLiterals      = []string{" - ", " [", `] "`, `" `, " ", ` "`, `" "`, `"`}
	combinedIdentLiterals = []string{" ", " ", " [", `] "`, `" `, " ", ` "`, `" "`, `"`}
)

// combinedOf returns nil for a plan that is not of the Combined format, whatever its variables are.
func combinedOf(f *logPlan) *combinedFields {
	if len(f.steps) < len(combinedLiterals) || f.lead != "" || f.escaping == escapeNone {
		return nil
	}
	var literals []string
	for i := range f.steps {
		s := &f.steps[i]
		if s.noSpace || s.find == findList { // these refuse, or go on behind, what cut would take
			return nil
		}
		literals = append(literals, s.literal)
	}
	c := &combinedFields{host: &f.steps[0]}
	steps := f.steps[1:]
	switch {
	case slices.Equal(literals, combinedLiterals):
	case slices.Equal(literals, combinedIdentLiterals):
		c.ident, steps = &steps[0], steps[1:]
	default:
		return nil
	}
	c.user, c.at, c.request, c.status, c.size, c.referer, c.agent = &steps[0], &steps[1], &steps[2], &steps[3], &steps[4], &steps[5], &steps[6]
	if c.at.variable.layout != accessLayout {
		return nil
	}
	for i := range f.steps {
		if s := &f.steps[i]; s.hasParts && s != c.request { // a request line that stands elsewhere
			return nil
		}
	}
	if at := c.at.field; at != nil {
		_, layout := at.tags.Lookup("layout")
		c.sets = at.typ == reflect.TypeFor[time.Time]() && !layout
	}
	c.statusIs, c.sizeIs = plainIntOf(c.status.field), plainIntOf(c.size.field)
	c.texts = combinedTexts{isText(c.host.field), isText(c.user.field), isText(c.referer.field), isText(c.agent.field), !c.request.target}
	for i, f := range c.request.parts {
		if f != nil && (i >= 3 || !isText(f)) { // the path and the query are parts of a part
			c.texts.parts = false
		}
	}
	return c
}

// readCombined reads a usual line. It reports false for any other, and has set nothing then.
func (d *logReader) readCombined(b []byte, v unsafe.Pointer) (ok bool, err error) {
	c, l, p := d.format.combined, &d.line, &d.plain
	if !l.cut(b, &d.minute) {
		return false, nil
	}
	agent, known := "", false
	if c.texts.agent {
		agent, known = p.agent(l, b)
	}
	if !known && !l.agentEnds(b) {
		return false, nil
	}
	if known && agent != "-" {
		*(*string)(unsafe.Add(v, c.agent.field.offset)) = agent
	}
	if host := b[:l.host]; c.host.field != nil && !(c.texts.host && p.hosts.set(v, c.host.field, host)) {
		err = d.set(v, c.host.field, host, len(b))
	}
	if err == nil && c.ident != nil && c.ident.field != nil {
		err = d.set(v, c.ident.field, b[l.host+1:l.host+2], len(b)-l.host-1)
	}
	if user := b[l.host+3 : l.user]; err == nil && c.user.field != nil && !(c.texts.user && p.users.set(v, c.user.field, user)) {
		err = d.set(v, c.user.field, user, len(b)-l.host-3)
	}
	if err == nil && c.at.field != nil {
		if begin := l.user + 2; c.sets {
			*(*time.Time)(unsafe.Add(v, c.at.field.offset)) = d.minute.last
		} else {
			err = d.set(v, c.at.field, b[begin:begin+len(accessLayout)], len(b)-begin)
		}
	}
	request := b[l.request:l.requestEnd]
	if err == nil && c.request.field != nil {
		err = d.set(v, c.request.field, request, len(b)-l.request)
	}
	if err == nil && c.request.hasParts && !(c.texts.parts && d.setTexts(v, &c.request.parts, request)) {
		err = d.setParts(v, c.request, request, len(b)-l.request)
	}
	if status := l.requestEnd + 2; err == nil && c.status.field != nil {
		if c.statusIs != noInt {
			c.statusIs.set(unsafe.Add(v, c.status.field.offset), int64(l.status))
		} else {
			err = d.set(v, c.status.field, b[status:status+3], len(b)-status)
		}
	}
	if err == nil && c.size.field != nil {
		if c.sizeIs != noInt {
			c.sizeIs.set(unsafe.Add(v, c.size.field.offset), l.bytes)
		} else {
			err = d.set(v, c.size.field, b[l.size:l.sizeEnd], len(b)-l.size)
		}
	}
	if referer := b[l.referer:l.refererEnd]; err == nil && c.referer.field != nil && !(c.texts.referer && p.referers.set(v, c.referer.field, referer)) {
		err = d.set(v, c.referer.field, referer, len(b)-l.referer)
	}
	if err == nil && !known && c.agent.field != nil {
		err = d.set(v, c.agent.field, b[l.agent:len(b)-1], len(b)-l.agent)
	}
	return true, err
}

// set sets a field that is a string. It reports false if the value is not plain, and has set nothing then.
func (p *plainField) set(v unsafe.Pointer, f *logField, value []byte) bool {
	if isDash(value) {
		return true
	}
	s, ok := p.known(value)
	if !ok {
		s, ok = p.add(value)
	}
	if ok {
		*(*string)(unsafe.Add(v, f.offset)) = s
	}
	return ok
}

// setTexts sets method, path and protocol, where they are strings. It reports false if the request is not as nearly all are, and has set
// nothing then.
func (d *logReader) setTexts(v unsafe.Pointer, parts *logParts, request []byte) bool {
	method, path, protocol, ok := d.plain.request(request)
	if !ok {
		return false
	}
	if path == "-" {
		path = ""
	}
	for i, s := range [3]string{method, path, protocol} {
		if f := parts[i]; f != nil {
			*(*string)(unsafe.Add(v, f.offset)) = s
		}
	}
	return true
}
