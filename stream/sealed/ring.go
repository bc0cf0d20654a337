package sealed

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A Key is a secret with a name. Its methods for printing show the name alone.
type Key struct {
	ID     string // 1 to 255 bytes, written in the clear in front of what it seals: "2026-11"
	Secret []byte // 32 random bytes
}

// String returns the name of the key.
func (k Key) String() string { return fmt.Sprintf("key %q", k.ID) }

// Format writes the name of the key, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalText is an error: a key is not put into files by mistake.
func (k Key) MarshalText() ([]byte, error) {
	return nil, errors.New("sealed: a Key is not written as text; write its Secret where only its owner reads")
}

// A Ring is Keys in memory, of which one is current. Several goroutines may use it at once.
type Ring struct {
	mu      sync.RWMutex
	current string
	keys    map[string]cipher.AEAD
}

// NewRing returns a Ring whose current key is the first one. The others are for what was sealed
// before. It copies the secrets. An error says which key is no key: its secret has not 32 bytes, its name is empty or too
// long, or comes twice.
func NewRing(current Key, older ...Key) (*Ring, error) {
	r := &Ring{keys: map[string]cipher.AEAD{}}
	for _, k := range append([]Key{current}, older...) {
		if err := r.Use(k); err != nil {
			return nil, err
		}
	}
	r.current = current.ID
	return r, nil
}

// ParseRing reads a Ring from lines of a name, a space, and 32 bytes in base64. The first line is
// the current key. Empty lines and those that begin with # mean nothing.
func ParseRing(text []byte) (*Ring, error) {
	var all []Key
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		// Errors do not show the line: it is a secret.
		id, secret, ok := strings.Cut(line, " ")
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(secret))
		if !ok || err != nil || len(raw) != keySize {
			return nil, fmt.Errorf("sealed: line %d of the keys is not a name, a space and %d bytes in base64", n, keySize)
		}
		all = append(all, Key{id, raw})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("sealed: read the keys: %w", err)
	}
	if len(all) == 0 {
		return nil, errors.New("sealed: there is no line with a key")
	}
	return NewRing(all[0], all[1:]...)
}

// Use adds a key and makes it the current one: what is written from now on is sealed with
// it. A name that the Ring has is an error: a key does not change.
func (r *Ring) Use(k Key) error {
	if len(k.ID) == 0 || len(k.ID) > mostName {
		return fmt.Errorf("sealed: the name of a key has %d bytes: want 1 to %d", len(k.ID), mostName)
	}
	if len(k.Secret) != keySize {
		return fmt.Errorf("sealed: the secret of %v has %d bytes: want %d", k, len(k.Secret), keySize)
	}
	a, err := newGCM(k.Secret)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys[k.ID] != nil {
		return fmt.Errorf("sealed: %v is there already", k)
	}
	r.keys[k.ID], r.current = a, k.ID
	return nil
}

// Forget removes a key: what it has sealed cannot be opened from the next start on. The current key is an error.
func (r *Ring) Forget(id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if id == r.current {
		return fmt.Errorf("sealed: key %q is the current one: Use another one first", id)
	}
	delete(r.keys, id)
	return nil
}

// Names returns the names of all keys, in ascending order.
func (r *Ring) Names() (all []string) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for id := range r.keys {
		all = append(all, id)
	}
	slices.Sort(all)
	return all
}

// Current is for what seals.
func (r *Ring) Current() string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.current
}

func (r *Ring) key(id string) (cipher.AEAD, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if a := r.keys[id]; a != nil {
		return a, nil
	}
	return nil, fmt.Errorf("%w: there is no key %q", checkpoint.ErrSealed, id)
}

// Wrap encrypts by AES-256-GCM with a random nonce, which comes first.
func (r *Ring) Wrap(id string, key, associated []byte) ([]byte, error) {
	a, err := r.key(id)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, a.NonceSize(), a.NonceSize()+len(key)+a.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return a.Seal(nonce, nonce, key, associatedWith(id, associated)), nil
}

// Unwrap is the inverse of Wrap.
func (r *Ring) Unwrap(id string, wrapped, associated []byte) ([]byte, error) {
	a, err := r.key(id)
	if err != nil {
		return nil, err
	}
	if len(wrapped) < a.NonceSize() {
		return nil, fmt.Errorf("%w: %d bytes are no wrapped key", checkpoint.ErrSealed, len(wrapped))
	}
	key, err := a.Open(nil, wrapped[:a.NonceSize()], wrapped[a.NonceSize():], associatedWith(id, associated))
	if err != nil {
		return nil, fmt.Errorf("%w: key %q is another one than the one of this name that has sealed it, or it was sealed for another pipeline", checkpoint.ErrSealed, id)
	}
	return key, nil
}

func associatedWith(id string, associated []byte) []byte {
	return append(appendText(nil, id), associated...)
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
