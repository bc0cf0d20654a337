package engine

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/freshet-go/freshet/internal/keeper"
	"github.com/freshet-go/freshet/internal/record"
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
	SettingWindows    = "windows"
	SettingLateness   = "lateness"
	SettingOnce       = "once" // given where windows fire once and for all
	SettingAggregator = "aggregator"
	SettingKind       = "kind"
	SettingInterval   = "interval"
	SettingWithin     = "within"
	SettingOrder      = "order"  // given where there is one: events are held back for it
	SettingTimers     = "timers" // given where there is a function for them
	SettingColumns    = "columns"
	settingKey        = "key"
	settingState      = "state" // and "state 2" and so on
)

// Depends notes a setting that the operator's state depends on.
func (n *Node) Depends(name, value string) {
	n.settings = append(n.settings, keeper.Setting{Name: name, Value: value})
}

// holds notes the types of the records that the state of n consists of: of the
// key and of what is held.
func (r *Run) holds(n *Node, of reflect.Type) {
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
		r.layouts[n] = append(r.layouts[n], keeper.Setting{Name: name, Value: layout})
	}
}

// settings returns what the state of n depends on.
func (r *Run) settings(n *Node) []keeper.Setting {
	return slices.Concat(n.settings, r.layouts[n])
}

// setting returns what a setting of n is, or "".
func (r *Run) setting(n *Node, name string) string {
	for _, s := range r.settings(n) {
		if s.Name == name {
			return s.Value
		}
	}
	return ""
}

// fits returns an error for each operator whose state in the checkpoint that
// the run begins with is of other settings.
func (r *Run) fits() error {
	if r.from == nil {
		return nil
	}
	var errs []error
	for _, n := range r.Plan.Nodes {
		s := r.from.operators[n.Name]
		if s == nil {
			continue
		}
		for _, was := range s.settings {
			if cause := differs(was, r.setting(n, was.Name)); cause != "" {
				if slices.Contains(r.Dropped, n.Name) {
					r.drop(n.Name)
					break
				}
				errs = append(errs, fmt.Errorf("stream: %s of checkpoint %d %s: its state is not of use to it. "+
					"Set it to what it was, or have its state dropped by DropState(%q)", n.Name, r.from.id, cause, n.Name))
				break
			}
		}
	}
	return errors.Join(errs...)
}

// differs says how a setting differs from what it was; "" if it does not.
func differs(was keeper.Setting, is string) string {
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
	case was.Name == SettingLateness:
		before, err := time.ParseDuration(was.Value)
		now, err2 := time.ParseDuration(is)
		if err == nil && err2 == nil && now <= before {
			return ""
		}
		return fmt.Sprintf("had forgotten windows after a lateness of %s, and would begin them anew with one of %s", was.Value, is)
	case was.Name == SettingOnce:
		return "fired windows once and for all, and now does not"
	case was.Name == SettingOrder:
		return "held events back to see them in order, and now has no InOrder"
	case was.Name == SettingTimers:
		return "had a timer function, and now has none for its timers to call"
	}
	return fmt.Sprintf("was set to %s %s, and is now to %s", was.Name, was.Value, is)
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
	module := strings.TrimSuffix(reflect.TypeFor[Node]().PkgPath(), "internal/engine")
	return t.PkgPath() == module+"stream" || t.PkgPath() == module+"window" || t.PkgPath() == module+"internal/panes"
}
