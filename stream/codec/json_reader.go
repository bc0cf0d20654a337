package codec

import (
	"encoding/binary"
	"math"
	"strconv"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/intern"
)

// A jsonReader reads records of a plan, straight into the fields of a struct. It takes those in which nothing is unusual: no escapes, no null
// where a value is wanted, no number that does not fit, no name twice. All others it leaves to encoding/json/v2, whose results and errors so
// are those of each record. Fields are looked for where they stood in the record before.
//
// Why ours: sonic goes back to reflection where it does not know the version of Go, fastjson and simdjson-go build trees, and others take
// names in any case, and twice, as encoding/json did.
type jsonReader struct {
	plan    *jsonPlan
	names   []jsonNames // of the struct and of those in it
	trials  []intern.Trial
	strings *intern.Cache
}

// jsonNames are the names of the last record's object, in their order.
type jsonNames struct{ all []jsonName }

type jsonName struct {
	text  []byte // and the quote behind it
	field *jsonField
}

func newJSONReader(plan *jsonPlan, p jsonPlanner) *jsonReader {
	return &jsonReader{
		plan: plan, names: make([]jsonNames, p.structs+1), trials: make([]intern.Trial, p.strings),
		strings: intern.New(512, 64),
	}
}

// read sets fields of the struct that v points to, which is zero. If it returns false, some of them may be set, and the record is not for
// it.
func (r *jsonReader) read(b []byte, v unsafe.Pointer) bool {
	i := skipSpace(b, 0)
	if i == len(b) || b[i] != '{' {
		return false
	}
	i = r.object(b, i+1, v, r.plan, &r.names[0])
	return i >= 0 && skipSpace(b, i) == len(b)
}

// object reads the object whose brace stands before i, and returns where it ends, or -1.
func (r *jsonReader) object(b []byte, i int, v unsafe.Pointer, plan *jsonPlan, names *jsonNames) int {
	if i = skipSpace(b, i); i < len(b) && b[i] == '}' {
		return i + 1
	}
	for at := 0; ; at++ {
		if i = skipSpace(b, i); i == len(b) || b[i] != '"' {
			return -1
		}
		i++
		var field *jsonField
		if at < len(names.all) && startsWith(b[i:], names.all[at].text) {
			field = names.all[at].field
			i += len(names.all[at].text)
		} else {
			end := scanString(b, i)
			if end < 0 || !names.put(at, b[i:end+1], plan) {
				return -1
			}
			field = names.all[at].field
			i = end + 1
		}
		if i == len(b) || b[i] != ':' {
			if i = skipSpace(b, i); i == len(b) || b[i] != ':' {
				return -1
			}
		}
		i = skipSpace(b, i+1)
		if field == nil {
			i = skipValue(b, i, 0)
		} else {
			i = r.value(b, i, unsafe.Add(v, field.offset), field)
		}
		if i < 0 {
			return -1
		}
		if i = skipSpace(b, i); i == len(b) || b[i] != ',' && b[i] != '}' {
			return -1
		}
		if i++; b[i-1] == '}' {
			return i
		}
	}
}

// startsWith compares eight bytes at a time: names are too short for a call of the runtime's comparison.
func startsWith(b, text []byte) bool {
	if len(b) < len(text) {
		return false
	}
	for len(text) >= 8 {
		if binary.LittleEndian.Uint64(b) != binary.LittleEndian.Uint64(text) {
			return false
		}
		b, text = b[8:], text[8:]
	}
	for i, c := range text {
		if b[i] != c {
			return false
		}
	}
	return true
}

// put notes another name at a place, and forgets those behind it. It reports whether it is for this object: it is new, and there are not too many.
func (n *jsonNames) put(at int, text []byte, plan *jsonPlan) bool {
	if at == 64 {
		return false
	}
	for _, other := range n.all[:at] {
		if string(other.text) == string(text) {
			return false
		}
	}
	if at == cap(n.all) {
		n.all = append(n.all[:at], jsonName{})
	}
	n.all = n.all[:at+1]
	x := &n.all[at]
	x.text, x.field = append(x.text[:0], text...), nil
	for k := range plan.fields {
		if f := &plan.fields[k]; len(f.name)+1 == len(text) && f.name == string(text[:len(text)-1]) {
			x.field = f
		}
	}
	return true
}

// value reads the value at i into the field at v.
func (r *jsonReader) value(b []byte, i int, v unsafe.Pointer, f *jsonField) int {
	if i == len(b) {
		return -1
	}
	switch f.kind {
	case jsonString:
		if b[i] != '"' {
			return -1
		}
		end := scanString(b, i+1)
		if end < 0 {
			return -1
		}
		*(*string)(v) = r.strings.Try(&r.trials[f.slot], b[i+1:end])
		return end + 1
	case jsonBool:
		switch {
		case hasAt(b, i, "true"):
			*(*bool)(v) = true
			return i + 4
		case hasAt(b, i, "false"):
			return i + 5
		}
		return -1
	case jsonTime:
		return readTime(b, i, (*time.Time)(v))
	case jsonStruct:
		if b[i] != '{' {
			return -1
		}
		return r.object(b, i+1, v, f.plan, &r.names[f.slot])
	case jsonFloat32, jsonFloat64:
		return readFloat(b, i, v, f.kind)
	case jsonElse:
		return -1
	}
	return readInt(b, i, v, f.kind)
}

// readInt reads an integer of up to 18 digits.
func readInt(b []byte, i int, v unsafe.Pointer, kind jsonKind) int {
	negative := b[i] == '-'
	if negative {
		i++
	}
	from, n := i, int64(0)
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		n = n*10 + int64(b[i]-'0')
	}
	digits := i - from
	if digits == 0 || digits > 18 || digits > 1 && b[from] == '0' || negative && n == 0 {
		return -1
	}
	if i < len(b) && (b[i] == '.' || b[i] == 'e' || b[i] == 'E') {
		return -1
	}
	if negative {
		n = -n
	}
	fits := true
	switch kind {
	case jsonInt:
		*(*int64)(v) = n
	case jsonInt32:
		*(*int32)(v), fits = int32(n), n == int64(int32(n))
	case jsonInt16:
		*(*int16)(v), fits = int16(n), n == int64(int16(n))
	case jsonInt8:
		*(*int8)(v), fits = int8(n), n == int64(int8(n))
	case jsonUint:
		*(*uint64)(v), fits = uint64(n), n >= 0
	case jsonUint32:
		*(*uint32)(v), fits = uint32(n), n == int64(uint32(n))
	case jsonUint16:
		*(*uint16)(v), fits = uint16(n), n == int64(uint16(n))
	case jsonUint8:
		*(*uint8)(v), fits = uint8(n), n == int64(uint8(n))
	}
	if !fits {
		return -1
	}
	return i
}

// readFloat reads a number.
func readFloat(b []byte, i int, v unsafe.Pointer, kind jsonKind) int {
	end, _ := scanNumber(b, i)
	if end < 0 {
		return -1
	}
	bits := 64
	if kind == jsonFloat32 {
		bits = 32
	}
	x, err := strconv.ParseFloat(unsafe.String(&b[i], end-i), bits)
	if err != nil || math.IsInf(x, 0) {
		return -1
	}
	if kind == jsonFloat32 {
		*(*float32)(v) = float32(x)
	} else {
		*(*float64)(v) = x
	}
	return end
}

// readTime reads a time of RFC 3339 in UTC, "2026-11-29T06:45:00.123Z".
func readTime(b []byte, i int, v *time.Time) int {
	const form = `"2006-01-02T15:04:05Z"`
	if len(b)-i < len(form) || b[i] != '"' {
		return -1
	}
	t := b[i+1:]
	if t[4] != '-' || t[7] != '-' || t[10] != 'T' || t[13] != ':' || t[16] != ':' {
		return -1
	}
	century, ok1 := twoDigits(t[0:], 99)
	year, ok2 := twoDigits(t[2:], 99)
	month, ok3 := twoDigits(t[5:], 12)
	day, ok4 := twoDigits(t[8:], 31)
	hour, ok5 := twoDigits(t[11:], 23)
	minute, ok6 := twoDigits(t[14:], 59)
	second, ok7 := twoDigits(t[17:], 59)
	year += 100 * century
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6 && ok7) || month == 0 || day == 0 || day > daysIn(month, year) {
		return -1
	}
	at, nanos := 19, int64(0)
	if t[at] == '.' {
		unit := int64(100_000_000)
		for at++; at < len(t) && t[at]-'0' <= 9; at++ {
			nanos += unit * int64(t[at]-'0')
			unit /= 10
		}
		if digits := at - 20; digits == 0 || digits > 9 {
			return -1
		}
	}
	if !hasAt(t, at, `Z"`) {
		return -1
	}
	sec := daysSinceEpoch(year, month, day)*86400 + int64(hour*3600+minute*60+second)
	*v = time.Unix(sec, nanos).UTC()
	return i + 1 + at + 2
}
