package sqlsink

import (
	"encoding/binary"
	"math"
	"slices"
	"time"

	"github.com/freshet-go/freshet/internal/prepared"
)

// Rows of a sink in a checkpoint: a version, a uvarint that ascends with each Prepare of their
// writer, the length and bytes of the statement that they are for, and then for each row the number of its arguments, and for each
// argument a kind and what that needs. With values, each row has behind that the length and
// bytes of the event's value as codec.Binary has it, and a varint of the event's time.
// The first two versions, which are read, had no statement, and the next two no number.
const (
	rowsVersion1  = 1
	valueVersion1 = 2
	rowsVersion   = 5
	valueVersion  = 6
)

const (
	kindNull   = iota
	kindInt    // varint
	kindFloat  // 8 bytes, little endian
	kindFalse  //
	kindTrue   //
	kindBytes  // length and bytes
	kindString // length and bytes
	kindTime   // varint of Unix seconds, uvarint of nanoseconds, name of the zone, varint of its seconds to the east
	kindUint   // uvarint
)

// isValue reports whether appendRow can encode v.
func isValue(v any) bool {
	switch v.(type) {
	case nil, int64, uint64, float64, bool, []byte, string, time.Time:
		return true
	}
	return false
}

// appendRow appends a row, the version and the statement before the first.
func appendRow(b []byte, call uint64, statement string, args []any) []byte {
	if len(b) == 0 {
		b = prepared.AppendBytes(binary.AppendUvarint(append(b, rowsVersion), call), statement)
	}
	return appendArguments(b, args)
}

// appendRowOf appends a row and the event that it is of.
func appendRowOf(b []byte, call uint64, statement string, args []any, value []byte, at int64) []byte {
	if len(b) == 0 {
		b = prepared.AppendBytes(binary.AppendUvarint(append(b, valueVersion), call), statement)
	}
	return binary.AppendVarint(prepared.AppendBytes(appendArguments(b, args), value), at)
}

func appendArguments(b []byte, args []any) []byte {
	b = binary.AppendUvarint(b, uint64(len(args)))
	for _, a := range args {
		switch v := a.(type) {
		case nil:
			b = append(b, kindNull)
		case int64:
			b = binary.AppendVarint(append(b, kindInt), v)
		case uint64:
			b = binary.AppendUvarint(append(b, kindUint), v)
		case float64:
			b = binary.LittleEndian.AppendUint64(append(b, kindFloat), math.Float64bits(v))
		case bool:
			kind := byte(kindFalse)
			if v {
				kind = kindTrue
			}
			b = append(b, kind)
		case []byte:
			b = prepared.AppendBytes(append(b, kindBytes), v)
		case string:
			b = prepared.AppendBytes(append(b, kindString), v)
		case time.Time:
			zone, east := v.Zone()
			b = binary.AppendVarint(append(b, kindTime), v.Unix())
			b = binary.AppendUvarint(b, uint64(v.Nanosecond()))
			b = prepared.AppendBytes(b, zone)
			b = binary.AppendVarint(b, int64(east))
		}
	}
	return b
}

// A rowDecoder reads what appendRow and appendRowOf have appended.
type rowDecoder struct {
	prepared.Decoder
	args []any

	head      []byte // what is before the first row
	call      uint64 // of Prepare; 0 if that is not known
	statement string // that the rows are for; "" if that is not known

	hasValue bool
	value    []byte // of the last row
	at       int64
	last     []byte // the last row
}

func newRowDecoder(data []byte) *rowDecoder {
	d := &rowDecoder{Decoder: prepared.Decoder{Rest: data}}
	version := byte(rowsVersion)
	if len(data) > 0 && data[0] >= rowsVersion1 && data[0] <= valueVersion {
		version = data[0]
	}
	d.Version(version)
	d.hasValue = version%2 == 0
	if version >= rowsVersion {
		d.call = d.Uvarint()
	}
	if version > valueVersion1 {
		d.statement = string(d.Bytes())
	}
	d.head = data[:len(data)-len(d.Rest)]
	return d
}

// next returns the next row, which the one after it overwrites, or false at
// the end and on an error.
func (d *rowDecoder) next() ([]any, bool) {
	if len(d.Rest) == 0 {
		return nil, false
	}
	before := d.Rest
	d.args = d.args[:0]
	for range d.Count() {
		d.args = append(d.args, d.argument())
	}
	if d.hasValue {
		d.value, d.at = d.Bytes(), d.Varint()
	}
	d.last = before[:len(before)-len(d.Rest)]
	return d.args, d.Err == nil
}

// row returns what a writer would have prepared that was given the last row
// alone.
func (d *rowDecoder) row() []byte { return slices.Concat(d.head, d.last) }

func (d *rowDecoder) argument() any {
	switch d.Byte() {
	case kindNull:
		return nil
	case kindInt:
		return d.Varint()
	case kindFloat:
		return math.Float64frombits(d.Uint64())
	case kindFalse:
		return false
	case kindTrue:
		return true
	case kindBytes:
		return d.Bytes()
	case kindString:
		return string(d.Bytes())
	case kindTime:
		return d.time()
	case kindUint:
		return d.Uvarint()
	}
	d.Fail()
	return nil
}

// time returns a time in a zone of the same name and offset, as some drivers
// send it with that.
func (d *rowDecoder) time() time.Time {
	seconds, nanos, name, east := d.Varint(), d.Uvarint(), d.Bytes(), d.Varint()
	if nanos >= uint64(time.Second) || east < math.MinInt32 || east > math.MaxInt32 {
		d.Fail()
		return time.Time{}
	}
	zone := time.UTC
	if string(name) != "UTC" || east != 0 {
		zone = time.FixedZone(string(name), int(east))
	}
	return time.Unix(seconds, int64(nanos)).In(zone)
}
