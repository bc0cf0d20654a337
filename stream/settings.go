package stream

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/freshet-go/freshet/internal/record"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

// The state of an operator means something for the settings that it came
// about with. A window of an hour that is open cannot become fifteen windows
// of four minutes: what it holds would be of no window any more, and be gone
// without an error. So a checkpoint says what each operator was set to, as far as
// its state depends on that, and a run does not go on from it with other
// settings.
//
// What is no setting here may change: the numbers of triggers, disorder, time to
// live, shards, and functions, as a program cannot tell whether one means what it
// did. Checkpoints of before a setting was noted are not held to it.

// Names of settings.
const (
	settingWindows    = "windows"
	settingLateness   = "lateness"
	settingOnce       = "once" // given where windows fire once and for all
	settingAggregator = "aggregator"
	settingKind       = "kind"
	settingInterval   = "interval"
	settingWithin     = "within"
	settingOrder      = "order"  // given where there is one: events are held back for it
	settingTimers     = "timers" // given where there is a function for them
	settingKey        = "key"
	settingState      = "state" // and "state 2" and so on
)

// depends notes a setting that the operator's state depends on.
func (n *node) depends(name, value string) {
	n.settings = append(n.settings, checkpoint.Setting{Name: name, Value: value})
}

// holds notes the types of the records that the state of n consists of: of the
// key and of what is held.
func (r *run) holds(n *node, of reflect.Type) {
	if of == nil || of.Kind() != reflect.Struct {
		return
	}
	for f := range of.Fields() {
		layout, err := record.Layout(f.Type)
		if err != nil {
			continue // which is an error of its own
		}
		name := settingKey
		switch f.Name {
		case "Key":
			if r.setting(n, name) != "" {
				continue
			}
		case "Val", "Value", "Acc":
			name = settingState
			for count := 2; r.setting(n, name) != ""; count++ {
				name = fmt.Sprintf("%s %d", settingState, count)
			}
		default:
			continue
		}
		r.layouts[n] = append(r.layouts[n], checkpoint.Setting{Name: name, Value: layout})
	}
}

// settings returns what the state of n depends on.
func (r *run) settings(n *node) []checkpoint.Setting {
	return slices.Concat(n.settings, r.layouts[n])
}

// setting returns what a setting of n is, or "".
func (r *run) setting(n *node, name string) string {
	for _, s := range r.settings(n) {
		if s.Name == name {
			return s.Value
		}
	}
	return ""
}

// fits returns an error for each operator whose state in the checkpoint that
// the run begins with is of other settings.
func (r *run) fits() error {
	if r.from == nil {
		return nil
	}
	var errs []error
	for _, n := range r.p.nodes {
		s := r.from.operators[n.name]
		if s == nil {
			continue
		}
		for _, was := range s.settings {
			if cause := differs(was, r.setting(n, was.Name)); cause != "" {
				if slices.Contains(r.dropped, n.name) {
					delete(r.from.operators, n.name)
					break
				}
				errs = append(errs, fmt.Errorf("stream: %s of checkpoint %d %s: its state is not of use to it. "+
					"Set it to what it was, or have its state dropped by DropState(%q)", n.name, r.from.id, cause, n.name))
				break
			}
		}
	}
	return errors.Join(errs...)
}

// differs says how a setting differs from what it was; "" if it does not.
func differs(was checkpoint.Setting, is string) string {
	switch {
	case is == was.Value:
		return ""
	case strings.HasPrefix(was.Name, settingState):
		if is == "" { // it is made of other parts, which restoring would find
			return ""
		}
		err := record.Reads(is, was.Value)
		if err == nil {
			return ""
		}
		return fmt.Sprintf("held values of %s, and now holds %s (%v)", was.Value, is, err)
	case was.Name == settingKey:
		return fmt.Sprintf("had keys of %s, and now has %s", was.Value, is)
	case was.Name == settingLateness:
		before, err := time.ParseDuration(was.Value)
		now, err2 := time.ParseDuration(is)
		if err == nil && err2 == nil && now <= before {
			return ""
		}
		return fmt.Sprintf("had forgotten windows after a lateness of %s, and would begin them anew with one of %s", was.Value, is)
	case was.Name == settingOnce:
		return "fired windows once and for all, and now does not"
	case was.Name == settingOrder:
		return "held events back to see them in order, and now has no InOrder"
	case was.Name == settingTimers:
		return "had a timer function, and now has none for its timers to call"
	}
	return fmt.Sprintf("was set to %s %s, and is now to %s", was.Name, was.Value, is)
}

// dependsOn notes what the operator's state depends on of its windows.
func (n *node) dependsOn(spec window.Spec) {
	n.depends(settingWindows, windowsText(spec))
	n.depends(settingLateness, spec.Lateness().String())
	if spec.Trigger().Once > 0 {
		n.depends(settingOnce, "true")
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
	}
	if period > 0 {
		if offset := (spec.Offset()%period + period) % period; offset != 0 {
			text += ", offset " + offset.String()
		}
	}
	if !spec.Default() && spec.Kind() != window.KindSession && spec.Kind() != window.KindCount {
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
		case ours && name == "topK": // keeps all, however many it shows
		case ours && f.CanInt() || ours && f.Kind() == reflect.Bool:
			parts = append(parts, fmt.Sprintf("%s %v", t.Field(i).Name, f))
		}
	}
	wraps := name == "" || ours && (name == "then" || name == "where")
	switch {
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

// storable returns why the records of a state cannot be stored: in terms of
// the types that the caller chose, and not of those that wrap them here.
func storable(of reflect.Type, cause error) error {
	seen := map[reflect.Type]bool{}
	var blame func(t reflect.Type) error
	blame = func(t reflect.Type) error {
		if t == nil || seen[t] || t == reflect.TypeFor[time.Time]() {
			return nil
		}
		seen[t] = true
		_, err := record.Layout(t)
		if err == nil {
			return nil
		}
		switch t.Kind() {
		case reflect.Slice, reflect.Array, reflect.Map:
			if t.Name() == "" {
				if inner := blame(t.Elem()); inner != nil {
					return inner
				}
			}
		case reflect.Struct:
			if !wrapper(t) {
				break
			}
			for f := range t.Fields() {
				if inner := blame(f.Type); inner != nil {
					return inner
				}
			}
		}
		return fmt.Errorf("it holds values of %v, and codec.Binary cannot store them: %w. "+
			"Give the type AppendBinary and UnmarshalBinary, or leave the field out by the tag `binary:\"-\"`", t, err)
	}
	if err := blame(of); err != nil {
		return err
	}
	return cause
}

// wrapper reports whether t is a type by which the library holds values of
// others'.
func wrapper(t reflect.Type) bool {
	own := reflect.TypeFor[node]().PkgPath()
	module := strings.TrimSuffix(own, "stream")
	return t.PkgPath() == own || t.PkgPath() == module+"window" || t.PkgPath() == module+"internal/panes"
}
