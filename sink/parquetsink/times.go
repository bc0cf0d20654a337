package parquetsink

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
)

// Days returns the day of a time, in its own zone, as a column of dates has it: how many days it is after the first
// of January 1970. It is for fields of type int32 with the tag date.
func Days(t time.Time) int32 {
	y, m, d := t.Date()
	return int32(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// columnOf returns the name of a field's column, and whether it has none.
func columnOf(f reflect.StructField) (name string, skipped bool) {
	tag := f.Tag.Get("parquet")
	name, _, _ = strings.Cut(tag, ",")
	if name == "" {
		name = f.Name
	}
	return name, tag == "-" || strings.HasPrefix(tag, "-,") && tag != "-," || !f.IsExported()
}

// microseconds returns the options by which times whose tags name no unit are microseconds.
func microseconds(t reflect.Type) []parquet.SchemaOption { return appendUnits(nil, t, nil) }

func appendUnits(opts []parquet.SchemaOption, t reflect.Type, path []string) []parquet.SchemaOption {
	for i := range t.NumField() {
		f := t.Field(i)
		name, skipped := columnOf(f)
		elem := pointed(f.Type)
		switch {
		case f.Anonymous && elem.Kind() == reflect.Struct:
			opts = appendUnits(opts, elem, path)
		case skipped:
		case elem == timeType:
			opts = appendUnit(opts, f, "parquet", append(slices.Clone(path), f.Name))
		default:
			opts = appendElements(opts, f, elem, append(slices.Clone(path), name), append(slices.Clone(path), f.Name))
		}
	}
	return opts
}

// appendElements is appendUnits of what is in a field of type t, or in its lists and maps. The path of the field itself ends in its name in Go.
func appendElements(opts []parquet.SchemaOption, f reflect.StructField, t reflect.Type, path, field []string) []parquet.SchemaOption {
	_, words, _ := strings.Cut(f.Tag.Get("parquet"), ",")
	isList := slices.Contains(strings.Split(words, ","), "list")
	tag := "" // of the elements
	for {
		switch t = pointed(t); {
		case t == timeType && tag != "":
			return appendUnit(opts, f, tag, field)
		case t == timeType:
			return opts // the tags of a repeated column cannot say it
		case t.Kind() == reflect.Struct:
			return appendUnits(opts, t, path)
		case t.Kind() == reflect.Map:
			t, path, tag = t.Elem(), append(path, "key_value", "value"), "parquet-value"
		case t.Kind() == reflect.Slice && isList:
			t, path, tag = t.Elem(), append(path, "list", "element"), "parquet-element"
		case t.Kind() == reflect.Slice:
			t = t.Elem()
		default:
			return opts
		}
	}
}

// appendUnit has one of a field's tags name the unit, if it names none.
func appendUnit(opts []parquet.SchemaOption, f reflect.StructField, which string, field []string) []parquet.SchemaOption {
	name, words, _ := strings.Cut(f.Tag.Get(which), ",")
	if slices.ContainsFunc(strings.Split(words, ","), func(w string) bool { return w == "date" || strings.HasPrefix(w, "timestamp") }) {
		return opts
	}
	said := fmt.Sprintf("%s:%q", which, name+","+strings.TrimPrefix(words+",timestamp(microsecond)", ","))
	for _, other := range []string{"parquet", "parquet-key", "parquet-value", "parquet-element"} {
		if text, ok := f.Tag.Lookup(other); ok && other != which {
			said += fmt.Sprintf(" %s:%q", other, text)
		}
	}
	return append(opts, parquet.StructTag(reflect.StructTag(said), field...))
}

func pointed(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}
