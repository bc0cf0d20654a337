package parquetsource

import (
	"reflect"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding"
	"github.com/parquet-go/parquet-go/format"
)

// fillerFor returns what fills a field of type t, whose tags say want, with values of a column of a file, or nil if
// that does not fit.
func fillerFor(t reflect.Type, want, have parquet.Type) filler {
	if t.Kind() == reflect.Pointer {
		f := fillerFor(t.Elem(), want, have)
		if f == nil {
			return nil
		}
		return &pointers{f, t.Elem()}
	}
	if t == timeType {
		return timeFiller(have)
	}
	logical, wanted := logicalOf(have), logicalOf(want)
	switch kind := have.Kind(); t.Kind() {
	case reflect.Bool:
		if kind == parquet.Boolean {
			return &bools{}
		}
	case reflect.Float32:
		if kind == parquet.Float {
			return newNumbers[float32, float32]((*encoding.Values).Float)
		}
	case reflect.Float64:
		switch kind {
		case parquet.Float:
			return newNumbers[float32, float64]((*encoding.Values).Float)
		case parquet.Double:
			return newNumbers[float64, float64]((*encoding.Values).Double)
		}
	case reflect.String:
		if _, isUUID := wanted.(*format.UUIDType); kind == parquet.ByteArray && !isDecimal(logical) && !isUUID {
			return newStrings()
		}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 && (kind == parquet.ByteArray || kind == parquet.FixedLenByteArray) && sameDecimal(wanted, logical) {
			return newBytes()
		}
	case reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 && kind == parquet.FixedLenByteArray && have.Length() == t.Len() && sameDecimal(wanted, logical) {
			return newFixed(t.Len())
		}
	default:
		return integerFiller(t, wanted, have)
	}
	return nil
}

// logicalOf returns the logical type, as one of the types of package format, or nil.
func logicalOf(t parquet.Type) any {
	l := t.LogicalType()
	if l == nil {
		return nil
	}
	return l.Value
}

func isDecimal(logical any) bool { _, ok := logical.(*format.DecimalType); return ok }

// sameDecimal reports whether both are decimals of one scale, or neither is one. Decimals without a scale are integers.
func sameDecimal(a, b any) bool {
	scale := func(v any) int32 {
		if d, ok := v.(*format.DecimalType); ok {
			return d.Scale
		}
		return 0
	}
	return scale(a) == scale(b)
}

func newNumbers[F, G number](of func(*encoding.Values) []F) filler {
	return &numbers[F, G]{values[F]{of: of}}
}

// integerFiller is fillerFor for integers, the tags of which are logical types.
func integerFiller(t reflect.Type, want any, have parquet.Type) filler {
	logical := logicalOf(have)
	if d, ok := logical.(*format.DecimalType); ok {
		return decimalFiller(t, want, d, have.Kind())
	}
	if isDecimal(want) && !sameDecimal(want, logical) {
		return nil
	}
	bits, signed := 64, true
	if have.Kind() == parquet.Int32 {
		bits = 32
	}
	switch l := logical.(type) {
	case nil:
	case *format.IntType:
		bits, signed = int(l.BitWidth), l.IsSigned
	case *format.DateType:
		if _, ok := want.(*format.DateType); !ok {
			return nil
		}
	case *format.TimestampType:
		if w, ok := want.(*format.TimestampType); !ok || unitOf(w.Unit) != unitOf(l.Unit) {
			return nil
		}
	case *format.TimeType:
		if t == durationType {
			return durationFiller(unitOf(l.Unit), have.Kind())
		}
		if w, ok := want.(*format.TimeType); !ok || unitOf(w.Unit) != unitOf(l.Unit) {
			return nil
		}
	default:
		return nil
	}
	if (bits > 32) != (have.Kind() == parquet.Int64) || (have.Kind() != parquet.Int32 && have.Kind() != parquet.Int64) {
		return nil
	}
	switch want.(type) { // the other way round: what has a unit is not made of what has none
	case *format.DateType, *format.TimestampType, *format.TimeType:
		if reflect.TypeOf(want) != reflect.TypeOf(logical) {
			return nil
		}
	}
	switch {
	case bits == 64 && signed:
		return integersOf(t, bits, signed, (*encoding.Values).Int64)
	case bits == 64:
		return integersOf(t, bits, signed, (*encoding.Values).Uint64)
	case signed:
		return integersOf(t, bits, signed, (*encoding.Values).Int32)
	}
	return integersOf(t, bits, signed, (*encoding.Values).Uint32)
}

// integersOf returns what fills integers of type t with such of so many bits, if all of these fit.
func integersOf[F integer](t reflect.Type, bits int, signed bool, of func(*encoding.Values) []F) filler {
	switch room := int(t.Size()) * 8; t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if room < bits || room == bits && !signed {
			return nil
		}
		switch room {
		case 8:
			return newNumbers[F, int8](of)
		case 16:
			return newNumbers[F, int16](of)
		case 32:
			return newNumbers[F, int32](of)
		}
		return newNumbers[F, int64](of)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if room < bits || signed {
			return nil
		}
		switch room {
		case 8:
			return newNumbers[F, uint8](of)
		case 16:
			return newNumbers[F, uint16](of)
		case 32:
			return newNumbers[F, uint32](of)
		}
		return newNumbers[F, uint64](of)
	}
	return nil
}

// decimalFiller returns what fills integers with decimals of the same scale.
func decimalFiller(t reflect.Type, want any, have *format.DecimalType, kind parquet.Kind) filler {
	if !sameDecimal(want, have) {
		return nil
	}
	switch t.Kind() {
	case reflect.Int32:
		switch kind {
		case parquet.Int32:
			return newNumbers[int32, int32]((*encoding.Values).Int32)
		case parquet.ByteArray, parquet.FixedLenByteArray:
			if have.Precision <= 9 {
				return &arrays[int32]{make: bigEndian[int32]}
			}
		}
	case reflect.Int64, reflect.Int:
		switch kind {
		case parquet.Int32:
			return newNumbers[int32, int64]((*encoding.Values).Int32)
		case parquet.Int64:
			return newNumbers[int64, int64]((*encoding.Values).Int64)
		case parquet.ByteArray, parquet.FixedLenByteArray:
			if have.Precision <= 18 {
				return &arrays[int64]{make: bigEndian[int64]}
			}
		}
	}
	return nil
}

func unitOf(u format.TimeUnit) time.Duration {
	switch u.Value.(type) {
	case *format.MilliSeconds:
		return time.Millisecond
	case *format.MicroSeconds:
		return time.Microsecond
	}
	return time.Nanosecond
}

func durationFiller(unit time.Duration, kind parquet.Kind) filler {
	if kind == parquet.Int32 {
		return &others[int32, time.Duration]{values[int32]{of: (*encoding.Values).Int32}, func(v int32) time.Duration { return time.Duration(v) * unit }}
	}
	return &others[int64, time.Duration]{values[int64]{of: (*encoding.Values).Int64}, func(v int64) time.Duration { return time.Duration(v) * unit }}
}

func timeFiller(have parquet.Type) filler {
	of := values[int64]{of: (*encoding.Values).Int64}
	switch l := logicalOf(have).(type) {
	case *format.TimestampType:
		switch unitOf(l.Unit) {
		case time.Millisecond:
			return &others[int64, time.Time]{of, func(v int64) time.Time { return time.UnixMilli(v).UTC() }}
		case time.Microsecond:
			return &others[int64, time.Time]{of, func(v int64) time.Time { return time.UnixMicro(v).UTC() }}
		}
		return &others[int64, time.Time]{of, func(v int64) time.Time { return time.Unix(0, v).UTC() }}
	case *format.DateType:
		return &others[int32, time.Time]{values[int32]{of: (*encoding.Values).Int32}, func(v int32) time.Time { return time.Unix(int64(v)*86400, 0).UTC() }}
	}
	if have.Kind() == parquet.Int96 {
		return &others[deprecated.Int96, time.Time]{values[deprecated.Int96]{of: (*encoding.Values).Int96}, julian}
	}
	return nil
}

// julian makes a time of what Impala and Spark have long written: nanoseconds of a day, and the day, counted from
// noon of the first of January 4713 BC, as astronomers do.
func julian(v deprecated.Int96) time.Time {
	const epoch = 2440588 // 1970-01-01
	nanos := int64(v[1])<<32 | int64(v[0])
	return time.Unix((int64(v[2])-epoch)*86400, nanos).UTC()
}
