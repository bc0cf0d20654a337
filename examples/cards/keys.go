package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/freshet-go/freshet/stream/sealed"
)

// Keys are all that is secret here. A service has them from a key server: see sealed.Keys, and crypto.Signer.
type keys struct {
	hash   []byte // of tokens. Without it nobody finds a number by trying all; with it, anyone does
	ring   *sealed.Ring
	signer ed25519.PrivateKey
}

// keysIn reads a directory of keys, each a file of 32 bytes, and makes those that are not there.
func keysIn(dir string) (*keys, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	var all [3][]byte
	for i, name := range []string{"hash", "seal", "sign"} {
		var err error
		if all[i], err = keyIn(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	ring, err := sealed.NewRing(sealed.Key{ID: "seal", Secret: all[1]})
	return &keys{all[0], ring, ed25519.NewKeyFromSeed(all[2])}, err
}

func keyIn(path string) ([]byte, error) {
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, 32)
		_, _ = rand.Read(key) // never fails
		err = os.WriteFile(path, key, 0o600)
	}
	if err == nil && len(key) != 32 {
		err = fmt.Errorf("cards: %s has %d bytes, and a key 32", path, len(key))
	}
	return key, err
}
