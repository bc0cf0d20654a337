package sealed

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// An envelope makes the keys of pieces: it has a data key for what it seals, and remembers those that
// it has unwrapped.
type envelope struct {
	keys  Keys
	realm string // the name of the pipeline

	mu        sync.Mutex
	name      string // of the key by which the data key at hand is wrapped; "" for none
	data      []byte
	wrapped   []byte
	unwrapped map[[2]string][]byte // by the name and what is wrapped
}

// mostUnwrapped bounds what is remembered: it is begun anew then.
const mostUnwrapped = 4096

func newEnvelope(call, realm string, keys Keys) *envelope {
	if realm == "" {
		panic("sealed: " + call + ": the name of the pipeline is empty")
	}
	if keys == nil {
		panic("sealed: " + call + ": Keys is nil")
	}
	return &envelope{keys: keys, realm: realm, unwrapped: map[[2]string][]byte{}}
}

// renew has what is sealed from now on sealed with another data key.
func (e *envelope) renew() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.name = ""
}

// associated is what a wrapped data key is bound to.
func (e *envelope) associated() []byte { return appendText([]byte("freshet data key 1"), e.realm) }

// dataKey returns the data key for what is sealed now.
func (e *envelope) dataKey() (name string, data, wrapped []byte, err error) {
	current := e.keys.Current()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.name == current && current != "" {
		return e.name, e.data, e.wrapped, nil
	}
	if len(current) == 0 || len(current) > mostName {
		return "", nil, nil, fmt.Errorf("sealed: Keys names a current key of %d bytes: want 1 to %d", len(current), mostName)
	}
	data = make([]byte, keySize)
	if _, err := rand.Read(data); err != nil {
		return "", nil, nil, err
	}
	wrapped, err = e.keys.Wrap(current, data, e.associated())
	if err != nil {
		return "", nil, nil, away(current, err)
	}
	if len(wrapped) == 0 || len(wrapped) > mostWrapped {
		return "", nil, nil, fmt.Errorf("sealed: key %q wraps a data key in %d bytes: want 1 to %d", current, len(wrapped), mostWrapped)
	}
	e.name, e.data, e.wrapped = current, data, wrapped
	return current, data, wrapped, nil
}

// unwrap returns the data key of a header.
func (e *envelope) unwrap(h *header) ([]byte, error) {
	at := [2]string{h.name, string(h.wrapped)}
	e.mu.Lock()
	data := e.unwrapped[at]
	if data == nil && h.name == e.name && at[1] == string(e.wrapped) {
		data = e.data
	}
	e.mu.Unlock()
	if data != nil {
		return data, nil
	}
	data, err := e.keys.Unwrap(h.name, h.wrapped, e.associated())
	if err != nil {
		return nil, away(h.name, err)
	}
	if len(data) != keySize {
		return nil, fmt.Errorf("%w: key %q unwraps to %d bytes, not %d", checkpoint.ErrSealed, h.name, len(data), keySize)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.unwrapped) >= mostUnwrapped {
		clear(e.unwrapped)
	}
	e.unwrapped[at] = data
	return data, nil
}

// away returns the error of Keys.
func away(name string, err error) error {
	if errors.Is(err, checkpoint.ErrSealed) || errors.Is(err, checkpoint.ErrKeysAway) {
		return fmt.Errorf("key %q: %w", name, err)
	}
	return fmt.Errorf("key %q: %w: %w", name, checkpoint.ErrKeysAway, err)
}

// pieceKey returns what encrypts a piece of a name.
func (e *envelope) pieceKey(data []byte, h *header, name string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, data, h.salt[:], string(binding(h.raw, e.realm, name)), keySize)
	if err != nil {
		return nil, err
	}
	return newGCM(key)
}

// begin returns the header of a new piece, and what encrypts the piece.
func (e *envelope) begin(form byte, name string) (*header, []byte, cipher.AEAD, error) {
	key, data, wrapped, err := e.dataKey()
	if err != nil {
		return nil, nil, nil, err
	}
	h := &header{form: form, name: key, wrapped: wrapped}
	if _, err := rand.Read(h.salt[:]); err != nil {
		return nil, nil, nil, err
	}
	if _, err := rand.Read(h.prefix[:]); err != nil {
		return nil, nil, nil, err
	}
	raw := appendHeader(nil, form, key, wrapped, h.salt[:], h.prefix[:])
	h.raw, h.size = raw[:len(raw)-tinkSize], len(raw)
	aead, err := e.pieceKey(data, h, name)
	return h, raw, aead, err
}

// open reads the header of a piece, and returns what decrypts it.
func (e *envelope) open(b []byte, forms string, name string) (*header, cipher.AEAD, error) {
	h, err := parseHeader(b)
	if err != nil {
		return nil, nil, err
	}
	known := false
	for i := range len(forms) {
		known = known || forms[i] == h.form
	}
	if !known {
		return nil, nil, fmt.Errorf("%w: it has the form %q, where one of %q belongs", checkpoint.ErrDamaged, h.form, forms)
	}
	data, err := e.unwrap(h)
	if err != nil {
		return nil, nil, err
	}
	aead, err := e.pieceKey(data, h, name)
	return h, aead, err
}
