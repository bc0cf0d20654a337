package parquetsource

import (
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// withTimes returns a schema of rows whose times are made of what a file has, by its unit. Parquet-go 0.32.0 would make each of nanoseconds since 1970, and a wrong one of
// what no 64 bits of these hold: before 1678 and behind 2262, and so of a zero time.Time. What is in a map it makes by a schema of its own, so there such a time is an error.
func withTimes(schema, file *parquet.Schema) *parquet.Schema {
	return parquet.NewSchema(schema.Name(), timesNode{schema, file, false})
}

// timesNode and timesField are those of a schema whose leaves have the type that a file's times ask for.
type timesNode struct {
	parquet.Node
	file  parquet.Node // the same in the file, or nil
	inMap bool
}

type timesField struct {
	parquet.Field
	file  parquet.Node
	inMap bool
}

func (n timesNode) Fields() []parquet.Field  { return timesFields(n.Node, n.file, n.inMap) }
func (n timesField) Fields() []parquet.Field { return timesFields(n.Field, n.file, n.inMap) }
func (n timesNode) Type() parquet.Type       { return timesType(n.Node, n.file, n.inMap) }
func (n timesField) Type() parquet.Type      { return timesType(n.Field, n.file, n.inMap) }

func timesFields(node, file parquet.Node, inMap bool) []parquet.Field {
	if _, ok := logicalOf(node.Type()).(*format.MapType); ok {
		inMap = true
	}
	fields := node.Fields()
	for i, f := range fields {
		var of parquet.Node
		if file != nil {
			of = childOf(file, f.Name())
		}
		fields[i] = timesField{f, of, inMap}
	}
	return fields
}

func timesType(node, file parquet.Node, inMap bool) parquet.Type {
	t := node.Type()
	if file == nil || !node.Leaf() || !file.Leaf() {
		return t
	}
	if _, ok := logicalOf(t).(*format.TimestampType); !ok {
		return t
	}
	if inMap {
		return mapTime{t}
	}
	return fileTime{t, file.Type()}
}

// A mapTime is the type of a time in a map.
type mapTime struct{ parquet.Type }

func (t mapTime) ConvertValue(v parquet.Value, have parquet.Type) (parquet.Value, error) {
	if v.IsNull() {
		return t.Type.ConvertValue(v, have)
	}
	if at := timeOf(v, have); at.Before(firstNano) || at.After(lastNano) {
		return v, fmt.Errorf("a time in a map is %v, and may be from %v to %v: read the file into a type without this map", at.Format(time.DateTime), firstNano.Year()+1, lastNano.Year())
	}
	return t.Type.ConvertValue(v, have)
}

var firstNano, lastNano = time.Unix(0, math.MinInt64), time.Unix(0, math.MaxInt64)

// A fileTime is the type of a time that keeps what the file has up to where a time.Time is made of it.
type fileTime struct {
	parquet.Type
	have parquet.Type // a timestamp's, or a date's
}

func (t fileTime) ConvertValue(v parquet.Value, _ parquet.Type) (parquet.Value, error) { return v, nil }

func (t fileTime) AssignValue(to reflect.Value, v parquet.Value) error {
	if to.Type() != timeType {
		v, err := t.Type.ConvertValue(v, t.have)
		if err != nil {
			return err
		}
		return t.Type.AssignValue(to, v)
	}
	if at := to.Addr().Interface().(*time.Time); v.IsNull() {
		*at = time.Time{}
	} else {
		*at = timeOf(v, t.have)
	}
	return nil
}

// timeOf returns the time of a value that is not null, of a timestamp's type or a date's.
func timeOf(v parquet.Value, have parquet.Type) time.Time {
	t, ok := logicalOf(have).(*format.TimestampType)
	if !ok {
		return time.Unix(int64(v.Int32())*86400, 0).UTC()
	}
	switch unitOf(t.Unit) {
	case time.Millisecond:
		return time.UnixMilli(v.Int64()).UTC()
	case time.Microsecond:
		return time.UnixMicro(v.Int64()).UTC()
	}
	return time.Unix(0, v.Int64()).UTC()
}
