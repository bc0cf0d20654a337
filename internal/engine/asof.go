package engine

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/freshet-go/freshet/internal/keeper"
	"github.com/freshet-go/freshet/internal/state"
)

// A HeldState is what a checkpoint has of an operator by key. It does not change.
type HeldState struct {
	ID        int64
	Taken     time.Time
	Watermark Time // the lowest of the operator's instances

	of     HeldPart
	groups [state.Groups][]byte
}

// A HeldPart is what of an operator's state is meant: that of one of its holders, and of that the part with a name, if it has one.
type HeldPart struct {
	Holder  int
	Records []reflect.Type // of the holders up to that one
	Head    state.Head     // of a named part
}

// Part returns what a named part will be in what is saved: of the holder behind those that there are.
func (i *Instance) Part(head state.Head) HeldPart {
	return HeldPart{Holder: len(i.holders), Records: slices.Clone(i.holds), Head: head}
}

// ReadHeld reads what a checkpoint of a store has of n: the checkpoint of an id, or for 0 the newest one.
func ReadHeld(store keeper.Store, id int64, n *Node, of HeldPart) (*HeldState, error) {
	snap, o, err := keeper.ReadOperator(store, id, n.Name)
	if err != nil {
		return nil, err
	}
	m := snap.Manifest
	failed := func(format string, a ...any) error {
		return fmt.Errorf("checkpoint %d: %w", m.ID, fmt.Errorf(format, a...))
	}
	switch {
	case m.Pipeline != n.plan.Name:
		return nil, failed("%w: it is of pipeline %q, not of %q", keeper.ErrOtherPipeline, m.Pipeline, n.plan.Name)
	case snap.Codec > state.Version:
		return nil, failed("it is of state version %d, and this program reads up to %d", snap.Codec, state.Version)
	case m.Groups != state.Groups:
		return nil, failed("it has %d key groups, and this program %d", m.Groups, state.Groups)
	case o.Kind != n.Kind:
		return nil, failed("there it is a %s, and here a %s", o.Kind, n.Kind)
	}
	if cause := n.cannotRead(o.Settings, of.Records); cause != "" {
		return nil, failed("it %s", cause)
	}
	h := &HeldState{ID: m.ID, Taken: m.Taken, Watermark: Time(o.Watermark), of: of}
	var whole [][]byte
	for _, p := range o.Pieces {
		if data := bytes.Clone(snap.Piece(p)); p.Group == keeper.Whole { // cloned, as what others hold is not to be held for it
			whole = append(whole, data)
		} else {
			h.groups[p.Group] = data
		}
	}
	if of.Head.Name != "" {
		named, err := of.named(&state.Restoring{Whole: whole})
		if err == nil {
			if was, there := named.Head(of.Head.Name); there {
				err = of.Head.Reads(was)
			}
		}
		if err != nil {
			return nil, failed("%w", err)
		}
	}
	return h, nil
}

// cannotRead says how the settings are others than those of n; "" if they are not.
func (n *Node) cannotRead(were []keeper.Setting, records []reflect.Type) string {
	r := &Run{layouts: map[*Node][]keeper.Setting{}}
	for _, of := range records {
		r.holds(n, of)
	}
	for _, was := range were {
		switch is := r.setting(n, was.Name); {
		case is == "" && was.Name == settingKey: // of what is named, the head says it
		case was.Name == SettingOrder, was.Name == SettingTimers: // which is nothing to who reads
		default:
			if cause := differs(was, is); cause != "" {
				return cause
			}
		}
	}
	return ""
}

// Group returns what there is of the keys of a group, as a holder is given it.
func (h *HeldState) Group(group int) (*state.Restoring, error) {
	if len(h.groups[group]) == 0 {
		return &state.Restoring{}, nil
	}
	from := &state.Restoring{Groups: [][]byte{h.groups[group]}, Watermark: h.Watermark}
	if h.of.Head.Name == "" {
		return h.of.holder(from)
	}
	named, err := h.of.named(from)
	if err != nil {
		return nil, err
	}
	return named.Part(h.of.Head.Name), nil
}

// holder returns the part of the holder.
func (p *HeldPart) holder(from *state.Restoring) (*state.Restoring, error) {
	parts, err := from.Parts(p.Holder + 1)
	if err != nil {
		return nil, err
	}
	return parts[p.Holder], nil
}

// named returns the named parts of that.
func (p *HeldPart) named(from *state.Restoring) (*state.Named, error) {
	part, err := p.holder(from)
	if err != nil {
		return nil, err
	}
	n, err := part.Named()
	if err == nil && len(n.Places) > 0 {
		return nil, errors.New("its parts have no names: a version before those wrote it")
	}
	return n, err
}
