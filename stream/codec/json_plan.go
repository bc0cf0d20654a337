package codec

import (
	"reflect"
	"strings"
	"time"
)

// A jsonPlan is how records of a struct type are read without encoding/json/v2: see jsonReader.
type jsonPlan struct {
	fields []jsonField
	size   uintptr
}

// A jsonField is a field that a name of the record goes to.
type jsonField struct {
	name   string
	offset uintptr
	kind   jsonKind
	plan   *jsonPlan // of a struct
	slot   int       // of a string: its Trial in a reader; of a struct: its names in a reader
}

// jsonKind is what a value has to be to be read here.
type jsonKind uint8

const (
	jsonElse jsonKind = iota // left to encoding/json/v2
	jsonBool
	jsonInt
	jsonInt8
	jsonInt16
	jsonInt32
	jsonUint
	jsonUint8
	jsonUint16
	jsonUint32
	jsonFloat32
	jsonFloat64
	jsonString
	jsonTime
	jsonStruct
)

var jsonKinds = map[reflect.Kind]jsonKind{
	reflect.Bool: jsonBool, reflect.String: jsonString, reflect.Struct: jsonStruct,
	reflect.Int: jsonInt, reflect.Int64: jsonInt, reflect.Int8: jsonInt8, reflect.Int16: jsonInt16, reflect.Int32: jsonInt32,
	reflect.Uint: jsonUint, reflect.Uint64: jsonUint, reflect.Uint8: jsonUint8, reflect.Uint16: jsonUint16, reflect.Uint32: jsonUint32,
	reflect.Float32: jsonFloat32, reflect.Float64: jsonFloat64,
}

// A jsonPlanner counts what readers of a plan have to keep.
type jsonPlanner struct{ strings, structs int }

// planOf returns the plan of a struct type, or nil for one of which something is unusual.
func (p *jsonPlanner) planOf(t reflect.Type) *jsonPlan {
	if t.Kind() != reflect.Struct || isItsOwnJSON(t) || t.NumField() > 64 {
		return nil
	}
	plan := &jsonPlan{size: t.Size()}
	for f := range t.Fields() {
		tag, tagged := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case f.Anonymous, strings.ContainsAny(tag, "'\"\\"), options != "" && options != "omitempty" && options != "omitzero":
			return nil
		case tag == "-" || !f.IsExported():
			continue
		case !tagged || name == "":
			name = f.Name
		}
		if !isPlain([]byte(name)) {
			return nil
		}
		x := jsonField{name: name, offset: f.Offset, kind: jsonKinds[f.Type.Kind()]}
		if f.Type.Size() == 4 && x.kind == jsonInt { // an int of 32 bits
			x.kind = jsonInt32
		} else if f.Type.Size() == 4 && x.kind == jsonUint {
			x.kind = jsonUint32
		}
		switch {
		case f.Type == reflect.TypeFor[time.Time]():
			x.kind = jsonTime
		case f.Type == reflect.TypeFor[time.Duration]() || isItsOwnJSON(f.Type):
			x.kind = jsonElse
		case x.kind == jsonString:
			x.slot = p.strings
			p.strings++
		case x.kind == jsonStruct:
			x.slot = p.structs + 1 // before those in it
			p.structs++
			if x.plan = p.planOf(f.Type); x.plan == nil {
				x.kind = jsonElse
			}
		}
		plan.fields = append(plan.fields, x)
	}
	return plan
}
