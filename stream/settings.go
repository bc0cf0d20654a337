package stream

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/panes"

	"github.com/freshet-go/freshet/window"
)

// dependsOn notes what the operator's state depends on of its windows.
func dependsOn(n *engine.Node, spec window.Spec) {
	n.Depends(engine.SettingWindows, windowsText(spec))
	n.Depends(engine.SettingLateness, spec.Lateness().String())
	if spec.Trigger().Once > 0 {
		n.Depends(engine.SettingOnce, "true")
	}
}

// windowsText describes windows as far as what they hold depends on it.
func windowsText(spec window.Spec) string {
	text := spec.Kind().String()
	period := spec.Slide()
	switch spec.Kind() {
	case window.KindTumbling:
		text += " " + spec.Size().String()
	case window.KindSliding:
		text += " " + spec.Size().String() + " every " + spec.Slide().String()
	case window.KindCumulating:
		text += " " + spec.Size().String() + " every " + spec.Slide().String()
		period = spec.Size()
	case window.KindSession:
		text += " " + spec.Gap().String()
	case window.KindCount:
		text += fmt.Sprintf(" %d", spec.N())
	case window.KindCalendar, window.KindCumulatingCalendar:
		text = spec.Grid() // with the name of the zone
	case window.KindGlobal:
	default:
		panic(panes.Strange("stream.windowsText", spec))
	}
	if period > 0 {
		if offset := (spec.Offset()%period + period) % period; offset != 0 {
			text += ", offset " + offset.String()
		}
	}
	if spec.ForPanes() && spec.Kind() != window.KindCalendar && spec.Kind() != window.KindCumulatingCalendar { // Grid says it
		text += ", of panes"
	}
	if panes.HomeOf(spec) == panes.InWindows && spec.Kind() != window.KindSession {
		text += ", with triggers" // it holds windows, and not slices that windows share
	}
	if spec.Trigger().Discard {
		text += ", discarding"
	}
	return text
}

// aggregatorText names an aggregator. Not its functions, and not what only
// turns values before or results after it.
func aggregatorText(agg any) string { return aggregatorName(reflect.ValueOf(agg)) }

func aggregatorName(v reflect.Value) string {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v = v.Elem(); !v.IsValid() {
			return "nothing"
		}
	}
	t := v.Type()
	name, _, _ := strings.Cut(t.Name(), "[")
	ours := t.PkgPath() == reflect.TypeFor[window.Spec]().PkgPath()
	if ours && name == "mapReduce" {
		return reflect.TypeFor[config]().PkgPath() + ".reducing" // as it was called before it moved: checkpoints know it
	}
	if v.Kind() != reflect.Struct {
		return t.PkgPath() + "." + name
	}
	var parts []string
	for i := range t.NumField() {
		f := v.Field(i)
		switch {
		case (ours || t.Field(i).Anonymous) && f.Kind() == reflect.Interface && !f.IsNil() || f.Kind() == reflect.Struct && t.Field(i).Anonymous:
			if part := aggregatorName(f); !slices.Contains(parts, part) {
				parts = append(parts, part)
			}
		case ours && f.Kind() == reflect.Slice: // the fields of a Struct
			for i := range f.Len() {
				parts = append(parts, aggregatorName(f.Index(i)))
			}
		case ours && f.Kind() == reflect.String: // how one of them is laid out
			parts = append(parts, f.String())
		case ours && name == "topK": // keeps all, however many it shows
		case ours && f.CanInt() || ours && f.Kind() == reflect.Bool:
			parts = append(parts, fmt.Sprintf("%s %v", t.Field(i).Name, f))
		}
	}
	wraps := name == "" || ours && (name == "then" || name == "where")
	switch {
	case ours && name == "column":
		return strings.Join(parts, " ")
	case wraps || ours && strings.HasPrefix(name, "stamped"), ours && strings.HasPrefix(name, "exact"):
		return strings.Join(parts, ", ")
	case ours:
		name = "window." + name
	default:
		name = t.PkgPath() + "." + name
	}
	if len(parts) > 0 {
		name += "(" + strings.Join(parts, ", ") + ")"
	}
	return name
}
