package sqlsink

import (
	"encoding/binary"
	"math"
	"slices"
	"time"

	"github.com/freshet-go/freshet/internal/prepared"
	"github.com/freshet-go/freshet/internal/sqldb"
)

// Rows of a sink in a checkpoint: a version, a uvarint that ascends with each Prepare of their
// writer, the length and bytes of the statement that they are for, and then for each row the number of its arguments, and for each
// argument what sqldb.AppendArgument has of it. With values, each row has behind that the length and
// bytes of the event's value as codec.Binary has it, and a varint of the event's time.
// The first two versions, which are read, had no statement, and the next two no number.
const (
	rowsVersion1  = 1
	valueVersion1 = 2
	rowsVersion   = 5
	valueVersion  = 6
)

// isValue reports whether appendArguments can encode v.
func isValue(v any) bool {
	switch v.(type) {
	case nil, int64, uint64, float64, bool, []byte, string, time.Time:
		return true
	}
	return false
}

// appendHead appends what is before the first row.
func appendHead(b []byte, version byte, call uint64, statement string) []byte {
	return prepared.AppendBytes(binary.AppendUvarint(append(b, version), call), statement)
}

// appendArguments appends a row.
func appendArguments(b []byte, args []any) []byte {
	b = binary.AppendUvarint(b, uint64(len(args)))
	for _, a := range args {
		b = sqldb.AppendArgument(b, a)
	}
	return b
}

// A rowDecoder reads what a gatherer has appended.
type rowDecoder struct {
	prepared.Decoder
	args []any

	block     string // of bytes, of which texts are parts
	blockRest int    // how many bytes were left where it begins

	ints   boxes[int64]
	floats boxes[float64]
	texts  boxes[string]
	times  boxes[time.Time]

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
func (d *rowDecoder) next() (_ []any, ok bool) {
	d.args, ok = d.appendNext(d.args[:0])
	return d.args, ok
}

// appendNext is next that appends the row.
func (d *rowDecoder) appendNext(args []any) ([]any, bool) {
	if len(d.Rest) == 0 {
		return args, false
	}
	before := d.Rest
	for range d.Count() {
		args = append(args, d.argument())
	}
	if d.hasValue {
		d.value, d.at = d.Bytes(), d.Varint()
	}
	d.last = before[:len(before)-len(d.Rest)]
	return args, d.Err == nil
}

// row returns what a writer would have prepared that was given the last row
// alone.
func (d *rowDecoder) row() []byte { return slices.Concat(d.head, d.last) }

func (d *rowDecoder) argument() any {
	switch d.Byte() {
	case sqldb.KindNull:
		return nil
	case sqldb.KindInt:
		return d.ints.box(d.Varint())
	case sqldb.KindFloat:
		return d.floats.box(math.Float64frombits(d.Uint64()))
	case sqldb.KindFalse:
		return false
	case sqldb.KindTrue:
		return true
	case sqldb.KindBytes:
		return d.Bytes()
	case sqldb.KindString:
		return d.texts.box(d.text())
	case sqldb.KindTime:
		return d.times.box(d.time())
	case sqldb.KindUint:
		return d.Uvarint()
	}
	d.Fail()
	return nil
}

// textBlock is how many bytes a block has that texts share.
const textBlock = 4 << 10

// text is Bytes as a string. An allocation is for as many as a block holds: rows live no longer than their statement.
func (d *rowDecoder) text() string {
	n := d.Count()
	at := d.blockRest - len(d.Rest)
	if d.block == "" || at+n > len(d.block) {
		d.block, d.blockRest, at = string(d.Rest[:max(n, min(textBlock, len(d.Rest)))]), len(d.Rest), 0
	}
	d.Rest = d.Rest[n:]
	return d.block[at : at+n]
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
