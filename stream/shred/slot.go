package shred

import (
	"errors"
	"fmt"
	"strings"
)

// A slot is a field that is to be sealed or opened. One of text, bytes and box is set.
type slot struct {
	of            int // which value it is of
	person, label string
	text          *string
	bytes         *[]byte
	box           boxed
}

// strip empties the field.
func (s *slot) strip() {
	switch {
	case s.text != nil:
		*s.text = ""
	case s.bytes != nil:
		*s.bytes = nil
	default:
		s.box.shut(nil)
	}
}

// empty reports whether there is nothing to seal, or to open.
func (s *slot) empty(open bool) bool {
	switch {
	case s.text != nil:
		return *s.text == ""
	case s.bytes != nil:
		return len(*s.bytes) == 0
	}
	return open && s.box.blank()
}

func (s *slot) seal(k *key) error {
	switch {
	case s.text != nil:
		*s.text = mark + encoding.EncodeToString(k.seal(s.person, s.label, []byte(*s.text)))
	case s.bytes != nil:
		*s.bytes = append([]byte(mark), k.seal(s.person, s.label, *s.bytes)...)
	default:
		plain, err := s.box.plain()
		if err != nil {
			return errors.New("shred: the value of a Box is none that JSON can have") // the error of JSON may show it
		}
		s.box.shut(k.seal(s.person, s.label, plain))
	}
	return nil
}

// sealed returns the ciphertext, and false where the field is in the clear.
func (s *slot) sealed() (b []byte, ok bool, err error) {
	switch {
	case s.text != nil:
		t, ok := strings.CutPrefix(*s.text, mark)
		if !ok {
			return nil, false, nil
		}
		if b, err = encoding.Strict().DecodeString(t); err != nil {
			return nil, true, fmt.Errorf("%w: it is no base64", ErrDamaged)
		}
		return b, true, nil
	case s.bytes != nil:
		if len(*s.bytes) < len(mark) || string((*s.bytes)[:len(mark)]) != mark {
			return nil, false, nil
		}
		return (*s.bytes)[len(mark):], true, nil
	}
	return s.box.ciphertext(), len(s.box.ciphertext()) > 0, nil
}

func (s *slot) open(k *key) error {
	b, _, err := s.sealed()
	if err != nil {
		return err
	}
	plain, err := k.open(s.person, s.label, b)
	if err != nil {
		return err
	}
	switch {
	case s.text != nil:
		*s.text = string(plain)
	case s.bytes != nil:
		*s.bytes = plain
	default:
		if s.box.fill(plain) != nil {
			return fmt.Errorf("%w: the value of a Box is of another type", ErrDamaged)
		}
	}
	return nil
}
