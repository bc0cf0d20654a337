package jsonplan

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"reflect"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/intern"
)

// A Reader reads records of a plan, straight into the fields of a struct. One goroutine may use it.
type Reader struct {
	root    *field
	names   []names // of each kind of object
	trials  []intern.Trial
	strings *intern.Cache
	padded  []byte
	scratch []byte // a string without its escapes
	month   month
}

// NewReader returns a reader that has seen no record.
func (p *Plan) NewReader() *Reader {
	r := &Reader{root: &p.root, names: make([]names, p.objects), trials: make([]intern.Trial, p.strings), strings: intern.New(512, 64)}
	r.learn(&p.root)
	return r
}

func (r *Reader) learn(f *field) {
	if f.kind == object {
		r.names[f.slot] = newNames(f)
	}
	for i := range f.fields {
		r.learn(&f.fields[i])
	}
	if f.elem != nil {
		r.learn(f.elem)
	}
}

const keptRecord = 1 << 20

// Read sets fields of the value that v points to, which has to be zero, and of the plan's type. If it returns false, some of them may be set,
// and the record is not for it. It keeps nothing of the record.
func (r *Reader) Read(record []byte, v unsafe.Pointer) bool {
	// The copy costs a twentieth of the rest, and spares a look at the record's length with each word.
	r.padded = append(append(r.padded[:0], record...), padding...)
	b := r.padded
	i := skipSpace(b, 0)
	if b[i] != '{' {
		return false
	}
	i = r.value(b, i, v, r.root)
	if cap(b) > keptRecord {
		r.padded, r.scratch = nil, nil
	}
	return i >= 0 && skipSpace(b, i) == len(record)
}

// object reads the object whose brace stands before i, and returns where it ends, or -1.
func (r *Reader) object(b []byte, i int, v unsafe.Pointer, l *names) int {
	if b[i] == '}' {
		return i + 1
	} else if b[i] <= ' ' {
		if end := skipSpace(b, i); b[end] == '}' {
			return end + 1
		}
	}
	seen := uint64(0)
	for prev := &l.first; ; {
		n := prev.next
		if n.at(b, i) {
			i += n.size
		} else if n = prev.then; n.at(b, i) {
			i += n.size
		} else if n, i = l.find(b, i, prev); n == nil {
			return -1
		}
		if seen&n.bit != 0 { // a name comes twice
			return -1
		}
		seen |= n.bit
		prev = n
		if n.place == nil {
			i = skip(b, i, 0)
		} else {
			i = r.value(b, i, unsafe.Add(v, n.place.offset), n.place)
		}
		if i < 0 {
			return -1
		}
		if b[i] <= ' ' {
			i = skipSpace(b, i)
		}
		switch b[i] {
		case ',':
			i++
		case '}':
			return i + 1
		default:
			return -1
		}
	}
}

// value reads the value at i into the place f at v.
func (r *Reader) value(b []byte, i int, v unsafe.Pointer, f *field) int {
	end := -1
	switch f.kind {
	case text:
		end = r.text(b, i, (*string)(v), f)
	case boolean:
		switch {
		case hasWord(b, i, wordTrue):
			*(*bool)(v) = true
			return i + 4
		case hasFalse(b, i):
			return i + 5
		}
	case timestamp:
		end = r.time(b, i, (*time.Time)(v))
	case object:
		if b[i] == '{' {
			return r.object(b, i+1, v, &r.names[f.slot])
		}
	case float64s:
		end = readFloat(b, i, (*float64)(v))
	case int64s, int32s, int16s, int8s, uint64s, uint32s, uint16s, uint8s:
		end = readInt(b, i, v, f.kind)
	case pointer:
		if b[i] != 'n' {
			p := reflect.New(f.elem.typ).UnsafePointer()
			*(*unsafe.Pointer)(v) = p
			return r.value(b, i, p, f.elem)
		}
	case list:
		if b[i] == '[' {
			return r.list(b, i+1, v, f)
		}
	}
	if end < 0 {
		return r.unusual(b, i, v, f)
	}
	return end
}

func (r *Reader) text(b []byte, i int, v *string, f *field) int {
	if b[i] != '"' {
		return -1
	}
	i++
	end, escaped := scanString(b, i)
	if end < 0 {
		return -1
	}
	s := b[i:end]
	if escaped {
		var err error
		if r.scratch, err = jsontext.AppendUnquote(r.scratch[:0], b[i-1:end+1]); err != nil {
			return -1
		}
		s = r.scratch
	}
	*v = r.strings.Try(&r.trials[f.slot], s)
	return end + 1
}

// list reads the elements of an array whose bracket stands before i.
func (r *Reader) list(b []byte, i int, v unsafe.Pointer, f *field) int {
	all := reflect.NewAt(f.typ, v).Elem()
	if i = skipSpace(b, i); b[i] == ']' {
		all.Set(reflect.MakeSlice(f.typ, 0, 0))
		return i + 1
	}
	for n := 0; ; n++ {
		if n == all.Cap() {
			more := reflect.MakeSlice(f.typ, n, max(4, 2*n))
			reflect.Copy(more, all)
			all.Set(more)
		}
		all.SetLen(n + 1)
		if i = r.value(b, skipSpace(b, i), all.Index(n).Addr().UnsafePointer(), f.elem); i < 0 {
			return -1
		}
		i = skipSpace(b, i) + 1
		if b[i-1] == ']' {
			return i
		} else if b[i-1] != ',' {
			return -1
		}
	}
}

// unusual has encoding/json/v2 read one value, which is zero or has to be made so. What is wrong with it, if anything is, is for the record to say.
func (r *Reader) unusual(b []byte, i int, v unsafe.Pointer, f *field) int {
	if f.kind != other && hasWord(b, i, wordNull) {
		return i + 4
	}
	end := extent(b, i)
	if end < 0 {
		return -1
	}
	p := reflect.NewAt(f.typ, v)
	p.Elem().SetZero()
	if json.Unmarshal(b[i:end], p.Interface()) != nil {
		return -1
	}
	return end
}
