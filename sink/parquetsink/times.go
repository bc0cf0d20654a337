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
		elem := f.Type
		if elem.Kind() == reflect.Pointer {
			elem = elem.Elem()
		}
		switch {
		case f.Anonymous && elem.Kind() == reflect.Struct:
			opts = appendUnits(opts, elem, path)
		case skipped:
		case elem == timeType:
			tag := f.Tag.Get("parquet")
			_, words, _ := strings.Cut(tag, ",")
			if !slices.ContainsFunc(strings.Split(words, ","), func(w string) bool { return w == "date" || strings.HasPrefix(w, "timestamp") }) {
				words = strings.TrimPrefix(words+",timestamp(microsecond)", ",")
				at := append(slices.Clone(path), f.Name)
				opts = append(opts, parquet.StructTag(reflect.StructTag(fmt.Sprintf("parquet:%q", name+","+words)), at...))
			}
		case elem.Kind() == reflect.Struct:
			opts = appendUnits(opts, elem, append(slices.Clone(path), name))
		}
	}
	return opts
}
