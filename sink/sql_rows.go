package sink

import (
	"encoding/binary"
	"math"
	"slices"
	"time"
)

// Rows of a SQL sink in a checkpoint: a version, the length and bytes of the statement
// that they are for, and then for each row the number of its arguments, and for each
// argument a kind and what that needs. With values, each row has behind that the length and
// bytes of the event's value as codec.Binary has it, and a varint of the event's time.
// The first two versions, which are read, had no statement.
const (
	sqlRowsVersion1  = 1
	sqlValueVersion1 = 2
	sqlRowsVersion   = 3
	sqlValueVersion  = 4
)

const (
	sqlNull   = iota
	sqlInt    // varint
	sqlFloat  // 8 bytes, little endian
	sqlFalse  //
	sqlTrue   //
	sqlBytes  // length and bytes
	sqlString // length and bytes
	sqlTime   // varint of Unix seconds, uvarint of nanoseconds, name of the zone, varint of its seconds to the east
)

// isSQLValue reports whether appendSQLRow can encode v.
func isSQLValue(v any) bool {
	switch v.(type) {
	case nil, int64, float64, bool, []byte, string, time.Time:
		return true
	}
	return false
}

// appendSQLRow appends a row, the version and the statement before the first.
func appendSQLRow(b []byte, statement string, args []any) []byte {
	if len(b) == 0 {
		b = appendBytes(append(b, sqlRowsVersion), statement)
	}
	return appendSQLArguments(b, args)
}

// appendSQLRowOf appends a row and the event that it is of.
func appendSQLRowOf(b []byte, statement string, args []any, value []byte, at int64) []byte {
	if len(b) == 0 {
		b = appendBytes(append(b, sqlValueVersion), statement)
	}
	return binary.AppendVarint(appendBytes(appendSQLArguments(b, args), value), at)
}

func appendSQLArguments(b []byte, args []any) []byte {
	b = binary.AppendUvarint(b, uint64(len(args)))
	for _, a := range args {
		switch v := a.(type) {
		case nil:
			b = append(b, sqlNull)
		case int64:
			b = binary.AppendVarint(append(b, sqlInt), v)
		case float64:
			b = binary.LittleEndian.AppendUint64(append(b, sqlFloat), math.Float64bits(v))
		case bool:
			kind := byte(sqlFalse)
			if v {
				kind = sqlTrue
			}
			b = append(b, kind)
		case []byte:
			b = appendBytes(append(b, sqlBytes), v)
		case string:
			b = appendBytes(append(b, sqlString), v)
		case time.Time:
			zone, east := v.Zone()
			b = binary.AppendVarint(append(b, sqlTime), v.Unix())
			b = binary.AppendUvarint(b, uint64(v.Nanosecond()))
			b = appendBytes(b, zone)
			b = binary.AppendVarint(b, int64(east))
		}
	}
	return b
}

// A sqlRowDecoder reads what appendSQLRow and appendSQLRowOf have appended.
type sqlRowDecoder struct {
	preparedDecoder
	args []any

	head      []byte // what is before the first row
	statement string // that the rows are for; "" if that is not known

	hasValue bool
	value    []byte // of the last row
	at       int64
	last     []byte // the last row
}

func newSQLRowDecoder(data []byte) *sqlRowDecoder {
	d := &sqlRowDecoder{preparedDecoder: preparedDecoder{rest: data}}
	version := byte(sqlRowsVersion)
	if len(data) > 0 && data[0] >= sqlRowsVersion1 && data[0] <= sqlValueVersion {
		version = data[0]
	}
	d.version(version)
	d.hasValue = version == sqlValueVersion1 || version == sqlValueVersion
	if version >= sqlRowsVersion {
		d.statement = string(d.bytes())
	}
	d.head = data[:len(data)-len(d.rest)]
	return d
}

// next returns the next row, which the one after it overwrites, or false at
// the end and on an error.
func (d *sqlRowDecoder) next() ([]any, bool) {
	if len(d.rest) == 0 {
		return nil, false
	}
	before := d.rest
	d.args = d.args[:0]
	for range d.count() {
		d.args = append(d.args, d.argument())
	}
	if d.hasValue {
		d.value, d.at = d.bytes(), d.varint()
	}
	d.last = before[:len(before)-len(d.rest)]
	return d.args, d.err == nil
}

// row returns what a writer would have prepared that was given the last row
// alone.
func (d *sqlRowDecoder) row() []byte { return slices.Concat(d.head, d.last) }

func (d *sqlRowDecoder) argument() any {
	switch d.byte() {
	case sqlNull:
		return nil
	case sqlInt:
		return d.varint()
	case sqlFloat:
		return math.Float64frombits(d.uint64())
	case sqlFalse:
		return false
	case sqlTrue:
		return true
	case sqlBytes:
		return d.bytes()
	case sqlString:
		return string(d.bytes())
	case sqlTime:
		return d.time()
	}
	d.fail()
	return nil
}

func (d *sqlRowDecoder) varint() int64 {
	v, n := binary.Varint(d.rest)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *sqlRowDecoder) uint64() uint64 {
	if len(d.rest) < 8 {
		d.fail()
		return 0
	}
	v := binary.LittleEndian.Uint64(d.rest)
	d.rest = d.rest[8:]
	return v
}

// time returns a time in a zone of the same name and offset, as some drivers
// send it with that.
func (d *sqlRowDecoder) time() time.Time {
	seconds, nanos, name, east := d.varint(), d.uvarint(), string(d.bytes()), d.varint()
	if nanos >= uint64(time.Second) || east < math.MinInt32 || east > math.MaxInt32 {
		d.fail()
		return time.Time{}
	}
	zone := time.UTC
	if name != "UTC" || east != 0 {
		zone = time.FixedZone(name, int(east))
	}
	return time.Unix(seconds, int64(nanos)).In(zone)
}
