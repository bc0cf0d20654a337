package sqldb

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// errNull is the cause where NULL is to go into what cannot hold it.
var errNull = errors.New("NULL")

func toInt(src any) (int64, error) {
	switch v := src.(type) {
	case int64:
		return v, nil
	case []byte:
		return parsed(strconv.ParseInt(string(v), 10, 64))
	case string:
		return parsed(strconv.ParseInt(v, 10, 64))
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	case uint64:
		if v > math.MaxInt64 {
			return 0, strconv.ErrRange
		}
		return int64(v), nil
	case float64:
		if n := int64(v); float64(n) == v && n != math.MaxInt64 {
			return n, nil
		}
		return 0, strconv.ErrSyntax
	}
	return 0, misfit(src)
}

func toUint(src any) (uint64, error) {
	switch v := src.(type) {
	case uint64:
		return v, nil
	case []byte:
		return parsed(strconv.ParseUint(string(v), 10, 64))
	case string:
		return parsed(strconv.ParseUint(v, 10, 64))
	}
	n, err := toInt(src)
	if err == nil && n < 0 {
		err = strconv.ErrRange
	}
	return uint64(n), err
}

func toFloat(src any, bits int) (float64, error) {
	switch v := src.(type) {
	case float64:
		if f := float32(v); bits == 32 && math.IsInf(float64(f), 0) && !math.IsInf(v, 0) {
			return 0, strconv.ErrRange
		}
		return v, nil
	case float32:
		return float64(v), nil
	case int64:
		return float64(v), nil
	case uint64:
		return float64(v), nil
	case []byte:
		return parsed(strconv.ParseFloat(string(v), bits))
	case string:
		return parsed(strconv.ParseFloat(v, bits))
	}
	return 0, misfit(src)
}

// toBool takes MySQL's TINYINT(1) and BIT(1) for bools, too.
func toBool(src any) (bool, error) {
	switch v := src.(type) {
	case bool:
		return v, nil
	case int64:
		switch v {
		case 0, 1:
			return v == 1, nil
		}
		return false, strconv.ErrRange
	case []byte:
		if len(v) == 1 && v[0] <= 1 {
			return v[0] == 1, nil
		}
		return parsed(strconv.ParseBool(string(v)))
	case string:
		return parsed(strconv.ParseBool(v))
	}
	return false, misfit(src)
}

func toString(src any) (string, error) {
	switch v := src.(type) {
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case uint64:
		return strconv.FormatUint(v, 10), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32), nil
	case bool:
		return strconv.FormatBool(v), nil
	case time.Time:
		return v.Format(time.RFC3339Nano), nil
	}
	return "", misfit(src)
}

// layouts are how databases and drivers write times: with a zone, and without.
var layouts = [...]string{
	"2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006-01-02",
	"2006-01-02 15:04:05.999999999Z07:00", time.RFC3339Nano, "2006-01-02 15:04:05.999999999-07",
	"2006-01-02 15:04:05.999999999 -0700 MST", "2006-01-02 15:04:05.999999999 -0700 -0700",
}

// toTime returns a time in UTC. A text without a zone is of the zone given.
func toTime(src any, zone *time.Location) (time.Time, error) {
	var text string
	switch v := src.(type) {
	case time.Time:
		return v.UTC(), nil
	case []byte:
		text = string(v)
	case string:
		text = v
	default:
		return time.Time{}, misfit(src)
	}
	for _, layout := range layouts {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, strconv.ErrSyntax
}

// parsed leaves out what strconv would say again.
func parsed[V any](v V, err error) (V, error) {
	if e, ok := errors.AsType[*strconv.NumError](err); ok {
		err = e.Err
	}
	return v, err
}

// misfit is the error of a value of a kind that does not fit at all.
func misfit(src any) error {
	if src == nil {
		return errNull
	}
	return fmt.Errorf("it is a %T", src)
}
