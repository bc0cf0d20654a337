package parquetsource

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// A kind says what values can be compared with each other.
type kind int

const (
	kindNone kind = iota
	kindInteger
	kindFloat
	kindText
	kindTime
)

// A value is one that a column is compared with, or a statistic of it.
type value struct {
	kind  kind
	whole int64
	above bool // whole stands for whole + 2^64: an uint64 that no int64 holds
	float float64
	text  string
	time  time.Time
}

// valueOf panics for a NaN, which nothing can be compared with.
func valueOf[V Comparable](v V) value {
	if t, ok := any(v).(time.Time); ok {
		return value{kind: kindTime, time: t}
	}
	switch r := reflect.ValueOf(v); {
	case r.CanInt():
		return value{kind: kindInteger, whole: r.Int()}
	case r.CanUint():
		return unsigned(r.Uint())
	case r.CanFloat():
		if math.IsNaN(r.Float()) {
			panic("parquetsource: a column is compared with NaN")
		}
		return value{kind: kindFloat, float: r.Float()}
	default:
		return value{kind: kindText, text: r.String()}
	}
}

func unsigned(v uint64) value {
	return value{kind: kindInteger, whole: int64(v), above: v > math.MaxInt64}
}

func (v value) String() string {
	switch v.kind {
	case kindInteger:
		if v.above {
			return fmt.Sprintf("the integer %d", uint64(v.whole))
		}
		return fmt.Sprintf("the integer %d", v.whole)
	case kindFloat:
		return fmt.Sprintf("the number %v", v.float)
	case kindTime:
		return fmt.Sprintf("the time %v", v.time)
	}
	return fmt.Sprintf("the string %.40q", v.text)
}

// number returns an integer or a float as a float.
func (v value) number() float64 {
	switch {
	case v.kind == kindFloat:
		return v.float
	case v.above:
		return float64(uint64(v.whole))
	}
	return float64(v.whole)
}

// compare returns the order of two values that can be compared.
func (v value) compare(o value) int {
	switch {
	case v.kind == kindFloat || o.kind == kindFloat:
		return cmp.Compare(v.number(), o.number())
	case v.kind == kindText:
		return cmp.Compare(v.text, o.text)
	case v.kind == kindTime:
		return v.time.Compare(o.time)
	case v.above != o.above:
		if v.above {
			return 1
		}
		return -1
	}
	return cmp.Compare(v.whole, o.whole) // both below 2^63, or above it, where int64 keeps the order
}

// kindOf returns what values of a column can be compared with.
func kindOf(t parquet.Type) kind {
	switch logicalOf(t).(type) {
	case *format.TimestampType, *format.DateType:
		return kindTime
	case *format.DecimalType, *format.IntType:
		return kindInteger
	case nil, *format.StringType, *format.EnumType, *format.JsonType:
	default:
		return kindNone
	}
	switch t.Kind() {
	case parquet.Int32, parquet.Int64:
		return kindInteger
	case parquet.Float, parquet.Double:
		return kindFloat
	case parquet.ByteArray:
		return kindText
	}
	return kindNone
}

// decodeValue decodes a statistic. It reports false for one that is not there or says nothing.
func decodeValue(b []byte, t parquet.Type) (v value, ok bool) {
	if b == nil {
		return v, false
	}
	logical := logicalOf(t)
	switch v.kind = kindOf(t); t.Kind() {
	case parquet.Int32:
		if len(b) != 4 {
			return v, false
		}
		v.whole = int64(int32(binary.LittleEndian.Uint32(b)))
		if l, ok := logical.(*format.IntType); ok && !l.IsSigned {
			v.whole = int64(uint32(v.whole))
		}
	case parquet.Int64:
		if len(b) != 8 {
			return v, false
		}
		v.whole = int64(binary.LittleEndian.Uint64(b))
		if l, ok := logical.(*format.IntType); ok && !l.IsSigned {
			v = unsigned(uint64(v.whole))
		}
	case parquet.Float:
		if len(b) != 4 {
			return v, false
		}
		v.float = float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	case parquet.Double:
		if len(b) != 8 {
			return v, false
		}
		v.float = math.Float64frombits(binary.LittleEndian.Uint64(b))
	case parquet.ByteArray, parquet.FixedLenByteArray:
		if v.kind == kindText {
			v.text = string(b)
			return v, true
		}
		var err error
		v.whole, err = bigEndian[int64](b) // a decimal
		return v, err == nil && v.kind == kindInteger
	default:
		return v, false
	}
	switch l := logical.(type) {
	case *format.DateType:
		v.time = time.Unix(v.whole*86400, 0)
	case *format.TimestampType:
		unit := int64(unitOf(l.Unit))
		perSecond := int64(time.Second) / unit
		v.time = time.Unix(v.whole/perSecond, v.whole%perSecond*unit)
	}
	return v, v.kind != kindNone && !math.IsNaN(v.float)
}

// physical returns a value as a column of type t stores it. It reports false if it does not, or not for certain.
func (v value) physical(t parquet.Type) (parquet.Value, bool) {
	logical := logicalOf(t)
	whole, ok := v.whole, v.kind == kindInteger
	if v.kind == kindTime {
		l, isTimestamp := logical.(*format.TimestampType)
		if !isTimestamp {
			return parquet.Value{}, false
		}
		unit := unitOf(l.Unit)
		switch unit {
		case time.Millisecond:
			whole = v.time.UnixMilli()
		case time.Microsecond:
			whole = v.time.UnixMicro()
		default:
			whole = v.time.UnixNano()
		}
		ok = v.time.Nanosecond()%int(unit) == 0
	}
	switch t.Kind() {
	case parquet.Int32:
		l, isInt := logical.(*format.IntType)
		fits := whole == int64(int32(whole)) || isInt && !l.IsSigned && whole == int64(uint32(whole))
		return parquet.Int32Value(int32(whole)), ok && fits
	case parquet.Int64:
		return parquet.Int64Value(whole), ok
	case parquet.Double:
		return parquet.DoubleValue(v.number()), v.number() != 0 // zero has two
	case parquet.Float:
		return parquet.FloatValue(float32(v.number())), v.number() != 0 && float64(float32(v.number())) == v.number()
	case parquet.ByteArray:
		return parquet.ByteArrayValue([]byte(v.text)), v.kind == kindText
	}
	return parquet.Value{}, false
}
