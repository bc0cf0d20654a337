package sqldb

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/freshet-go/freshet/internal/prepared"
)

// Arguments of drivers in a checkpoint: a kind, and what that needs.
const (
	KindNull   = iota
	KindInt    // varint
	KindFloat  // 8 bytes, little endian
	KindFalse  //
	KindTrue   //
	KindBytes  // length and bytes
	KindString // length and bytes
	KindTime   // varint of Unix seconds, uvarint of nanoseconds, name of the zone, varint of its seconds to the east
	KindUint   // uvarint
)

// AppendArgument appends an int64, uint64, float64, bool, []byte, string, time.Time or nil.
func AppendArgument(b []byte, a any) []byte {
	switch v := a.(type) {
	case nil:
		return append(b, KindNull)
	case int64:
		return AppendInt(b, v)
	case uint64:
		return binary.AppendUvarint(append(b, KindUint), v)
	case float64:
		return appendFloat(b, v)
	case bool:
		return appendBool(b, v)
	case []byte:
		return prepared.AppendBytes(append(b, KindBytes), v)
	case string:
		return appendString(b, v)
	case time.Time:
		return AppendTime(b, v)
	}
	return b
}

// AppendInt appends what AppendArgument does of an int64.
func AppendInt(b []byte, n int64) []byte { return binary.AppendVarint(append(b, KindInt), n) }

// appendUint appends an argument as uintArg makes it.
func appendUint(b []byte, n uint64) []byte {
	if int64(n) >= 0 {
		return AppendInt(b, int64(n))
	}
	return binary.AppendUvarint(append(b, KindUint), n)
}

func appendFloat(b []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(append(b, KindFloat), math.Float64bits(f))
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, KindTrue)
	}
	return append(b, KindFalse)
}

func appendString(b []byte, s string) []byte { return prepared.AppendBytes(append(b, KindString), s) }

// AppendTime appends what AppendArgument does of a time.
func AppendTime(b []byte, at time.Time) []byte {
	zone, east := at.Zone()
	b = binary.AppendVarint(append(b, KindTime), at.Unix())
	b = binary.AppendUvarint(b, uint64(at.Nanosecond()))
	return binary.AppendVarint(prepared.AppendBytes(b, zone), int64(east))
}
