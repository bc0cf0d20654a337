package sealed

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// An Option sets how sealed pieces are read.
type Option func(*config)

type config struct {
	plain bool
	names func(name string) (identity string, unfinished bool) // of Files
}

// AllowPlain has pieces read that are not sealed, which were written before a store
// was. It is for the first run with keys: whoever may write to the place can put plain pieces of their own there as long as
// it is given, and they are believed.
func AllowPlain() Option { return func(c *config) { c.plain = true } }

func configured(call string, opts []Option) (c config) {
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("sealed: %s: option %d of %d is nil", call, i+1, len(opts)))
		}
		o(&c)
	}
	return c
}

// Store returns a store of checkpoints that are sealed in another one. The pipeline is the
// one whose checkpoints they are: what was sealed for one cannot be opened for another. It panics if
// an argument is nil or empty.
//
// Write encrypts as it goes where the store inside is a [checkpoint.SeqWriter], as Dir is, and else takes as much memory as
// the piece has. Locks, names and Held are those of the store inside.
func Store(inside checkpoint.Store, pipeline string, keys Keys, opts ...Option) checkpoint.Store {
	if inside == nil {
		panic("sealed: Store: the Store is nil")
	}
	return &store{
		inside: inside, config: configured("Store", opts), envelope: newEnvelope("Store", pipeline, keys), rosters: newRosters(),
	}
}

type store struct {
	inside   checkpoint.Store
	config   config
	envelope *envelope

	mu      sync.Mutex
	rosters rosters
}

// What names of the pieces of a checkpoint begin with.
const (
	manifests = "manifest-"
	states    = "state-"
)

func (s *store) String() string { return fmt.Sprintf("%v (sealed)", s.inside) }

func (s *store) Write(name string, parts ...[]byte) error {
	form := byte(formWhole)
	if strings.HasPrefix(name, manifests) {
		form = formRoster
		s.mu.Lock()
		parts = append([][]byte{s.rosters.encode()}, parts...)
		s.mu.Unlock()
	}
	h, raw, aead, err := s.envelope.begin(form, name)
	if err != nil {
		return fmt.Errorf("sealed: %s: %w", name, err)
	}
	// It is noted first: an error of Write may mean that it is there all the same.
	if strings.HasPrefix(name, states) {
		s.mu.Lock()
		s.rosters.wrote(name, h.salt)
		s.mu.Unlock()
	}
	if w, ok := s.inside.(checkpoint.SeqWriter); ok {
		segments, err := sealed(aead, &h.prefix, parts)
		if err != nil {
			return err
		}
		return w.WriteSeq(name, func(yield func([]byte) bool) {
			if yield(raw) {
				segments(yield)
			}
		})
	}
	body, err := sealSegments(nil, aead, &h.prefix, parts)
	if err != nil {
		return err
	}
	return s.inside.Write(name, raw, body)
}

func (s *store) Read(name string) ([]byte, error) {
	b, err := s.inside.Read(name)
	if err != nil {
		return nil, err
	}
	if s.config.plain && !isSealed(b) {
		return b, nil
	}
	h, aead, err := s.envelope.open(b, formOf(name), name)
	if err != nil {
		return nil, fmt.Errorf("sealed: %s: %w", name, err)
	}
	payload, err := openSegments(aead, &h.prefix, b[h.size:])
	if err != nil {
		return nil, fmt.Errorf("sealed: %s: %w", name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case h.form == formRoster:
		payload, err = s.rosters.read(name, payload)
	case strings.HasPrefix(name, states):
		err = s.rosters.check(name, h.salt)
	}
	if err != nil {
		return nil, fmt.Errorf("sealed: %s: %w", name, err)
	}
	return payload, nil
}

// formOf returns the form that a piece of a name has.
func formOf(name string) string {
	if strings.HasPrefix(name, manifests) {
		return string(rune(formRoster))
	}
	return string(rune(formWhole))
}

func (s *store) List() ([]string, error) {
	names, err := s.inside.List()
	if err == nil {
		s.mu.Lock()
		s.rosters.listed(names)
		s.mu.Unlock()
	}
	return names, err
}

func (s *store) Remove(name string) error {
	err := s.inside.Remove(name)
	if err == nil {
		s.mu.Lock()
		s.rosters.removed(name)
		s.mu.Unlock()
	}
	return err
}

// Lock begins a life of the store: with a data key of its own, and nothing that is known.
func (s *store) Lock() (unlock func() error, err error) {
	unlock, err = s.inside.Lock()
	if err != nil {
		return nil, err
	}
	s.envelope.renew()
	s.mu.Lock()
	s.rosters = newRosters()
	s.rosters.writes = true
	s.mu.Unlock()
	// The keys are asked for once, so that a run that could save nothing does not begin.
	if _, _, _, err := s.envelope.dataKey(); err != nil {
		return nil, errors.Join(fmt.Errorf("sealed: %w", err), unlock())
	}
	return unlock, nil
}

// Held is that of the store inside.
func (s *store) Held() error {
	if h, ok := s.inside.(checkpoint.Holder); ok {
		return h.Held()
	}
	return nil
}

// InUse returns the names of the keys by which pieces of a store are wrapped, each with how many
// there are, so that one can tell whether a key may be forgotten. It is given the store inside, needs no key, and
// reads the whole store. Pieces that are not sealed count under "". A run may be under way.
func InUse(inside checkpoint.Store) (map[string]int, error) {
	names, err := inside.List()
	if err != nil {
		return nil, err
	}
	used := map[string]int{}
	for _, name := range names {
		b, err := inside.Read(name)
		if isGone(err) {
			continue // a run has removed it meanwhile
		}
		if err != nil {
			return used, err
		}
		if !isSealed(b) {
			used[""]++
			continue
		}
		h, err := parseHeader(b)
		if err != nil {
			return used, fmt.Errorf("sealed: %s: %w", name, err)
		}
		used[h.name]++
	}
	return used, nil
}
