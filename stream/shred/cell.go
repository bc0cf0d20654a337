package shred

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// A sealed field is
//
//	0  1  version: 1
//	1  8  which key it was: derived from the key, and tells nothing of it
//	9 12  nonce
//	21    ciphertext, and a tag of 16 bytes
//
// In bytes the mark stands in front of it, in a text the mark and the rest in base64.
const (
	mark     = "shred1."
	version  = 1
	tellSize = 8
	overhead = 1 + tellSize + 12 + 16
	keySize  = 32
)

var encoding = base64.RawURLEncoding

// A key is that of a person, as it is used.
type key struct {
	aead cipher.AEAD // with random nonces
	tell [tellSize]byte
}

func newKey(secret []byte) (*key, error) {
	if len(secret) != keySize {
		return nil, fmt.Errorf("shred: the keeper gives a key of %d bytes: want %d", len(secret), keySize)
	}
	derived, err := hkdf.Key(sha256.New, secret, nil, "freshet shred 1 key", keySize)
	if err != nil {
		return nil, err
	}
	tell, err := hkdf.Key(sha256.New, secret, nil, "freshet shred 1 tell", tellSize)
	if err != nil {
		return nil, err
	}
	aead, err := randomGCM(derived)
	return &key{aead, [tellSize]byte(tell)}, err
}

// bound is what a field is authenticated with.
func bound(person, label string) []byte {
	b := append(make([]byte, 0, 64), "freshet shred 1"...)
	b = append(binary.LittleEndian.AppendUint32(b, uint32(len(person))), person...)
	return append(b, label...)
}

func (k *key) seal(person, label string, plain []byte) []byte {
	b := make([]byte, 0, overhead+len(plain))
	b = append(append(b, version), k.tell[:]...)
	return k.aead.Seal(b, nil, plain, bound(person, label))
}

func (k *key) open(person, label string, b []byte) ([]byte, error) {
	if len(b) < overhead || b[0] != version {
		return nil, fmt.Errorf("%w: it was cut, or is of a later version", ErrDamaged)
	}
	if !bytes.Equal(b[1:1+tellSize], k.tell[:]) {
		return nil, fmt.Errorf("%w: it was sealed with another key than the person has now", ErrDamaged)
	}
	plain, err := k.aead.Open(nil, nil, b[1+tellSize:], bound(person, label))
	if err != nil {
		return nil, fmt.Errorf("%w: it was changed, or is of another person or label", ErrDamaged)
	}
	return plain, nil
}
