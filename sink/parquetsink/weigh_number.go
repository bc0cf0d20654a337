package parquetsink

import (
	"fmt"
	"math"
	"reflect"
	"time"
	"unsafe"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// decimalWeigher refuses what has more digits than its decimal.
func decimalWeigher(digits int32, kind reflect.Kind) weigher {
	limit := int64(math.MaxInt64)
	if digits <= 18 {
		limit = 1
		for range digits {
			limit *= 10
		}
		limit--
	}
	return func(p unsafe.Pointer) (int64, error) {
		v := int64(0)
		if kind == reflect.Int32 {
			v = int64(*(*int32)(p))
		} else {
			v = *(*int64)(p)
		}
		if v > limit || v < -limit {
			return 0, fmt.Errorf("%d has more than the %d digits of the decimal", v, digits)
		}
		return 0, nil
	}
}

// timeWeigher refuses times that are too far away for the unit of a column.
func timeWeigher(node parquet.Node) weigher {
	logical := logicalOf(node)
	if _, ok := logical.(*format.DateType); ok {
		panic(fmt.Sprintf("parquetsink: column %q: parquet-go writes a time.Time with the tag date wrong: take an int32, and parquetsink.Days", nameOf(node)))
	}
	unit := unitOf(logical)
	limit := int64(math.MaxInt64) / (int64(time.Second) / int64(unit)) // seconds
	return func(p unsafe.Pointer) (int64, error) {
		t := *(*time.Time)(p)
		if s := t.Unix(); (s >= limit || s <= -limit) && !(node.Optional() && t.IsZero()) {
			return 0, fmt.Errorf("the time %v is out of the range of a timestamp in units of %v", t, unit)
		}
		return 0, nil
	}
}

func unitOf(logical any) time.Duration {
	var u format.TimeUnit
	switch l := logical.(type) {
	case *format.TimestampType:
		u = l.Unit
	case *format.TimeType:
		u = l.Unit
	}
	switch u.Value.(type) {
	case *format.MilliSeconds:
		return time.Millisecond
	case *format.MicroSeconds:
		return time.Microsecond
	}
	return time.Nanosecond
}
