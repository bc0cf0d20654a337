package shred

import (
	"context"
	"errors"
)

// work seals or opens slots, and puts what is wrong with a value into errs. The fields of such a value are
// empty: all of them, or where a person is forgotten theirs. What it returns is wrong with the keeper, and then all fields are.
func (p *Persons) work(ctx context.Context, slots []slot, errs []error, open, plain bool) error {
	whose := map[string]entry{}
	for i := range slots {
		s := &slots[i]
		if s.empty(open) || open && plain && s.isPlain() {
			continue
		}
		if s.person == "" {
			errs[s.of] = ErrNobody
			continue
		}
		whose[s.person] = entry{}
	}
	if err := p.find(ctx, whose, !open); err != nil {
		for i := range slots {
			slots[i].strip()
		}
		return err
	}
	for i := range slots {
		s := &slots[i]
		if err := s.work(whose, open, plain); err != nil && (errs[s.of] == nil || errors.Is(errs[s.of], ErrForgotten)) {
			errs[s.of] = err
		}
	}
	for i := range slots {
		if err := errs[slots[i].of]; err != nil && !errors.Is(err, ErrForgotten) {
			slots[i].strip()
		}
	}
	return nil
}

func (s *slot) isPlain() bool {
	_, sealed, _ := s.sealed()
	return !sealed
}

func (s *slot) work(whose map[string]entry, open, plain bool) error {
	if s.empty(open) {
		return nil
	}
	if open && s.isPlain() {
		if plain {
			return nil
		}
		return ErrPlain
	}
	e := whose[s.person]
	switch {
	case e.forgotten:
		s.strip()
		return ErrForgotten
	case s.person == "":
		return ErrNobody
	case e.key == nil:
		return ErrUnknown
	case open:
		return s.open(e.key)
	}
	return s.seal(e.key)
}
