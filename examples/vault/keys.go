package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/freshet-go/freshet/stream/sealed"
)

// keysIn reads a file of keys, which it makes if it is not there. A key server does this better: see sealed.Keys.
func keysIn(path string) (*sealed.Ring, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if _, err := addKey(path); err != nil {
			return nil, err
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return sealed.ParseRing(text)
}

// addKey puts a new key in front of those in a file: it is the current one.
func addKey(path string) (sealed.Key, error) {
	before, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return sealed.Key{}, err
	}
	k := sealed.Key{ID: rand.Text(), Secret: make([]byte, 32)}
	if _, err := rand.Read(k.Secret); err != nil {
		return k, err
	}
	line := fmt.Sprintf("%s %s\n", k.ID, base64.StdEncoding.EncodeToString(k.Secret))
	// Written aside and renamed: a key that is lost in a crash takes all with it that it has sealed.
	if err := writeNew(path+".new", append([]byte(line), before...)); err != nil {
		return k, err
	}
	return k, os.Rename(path+".new", path)
}

// signerIn reads the private key of the log, which it makes if it is not there.
func signerIn(path string) (ed25519.PrivateKey, error) {
	seed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		seed = make([]byte, ed25519.SeedSize)
		if _, err := rand.Read(seed); err != nil {
			return nil, err
		}
		err = writeNew(path, seed)
	}
	if err == nil && len(seed) != ed25519.SeedSize {
		err = fmt.Errorf("vault: %s has %d bytes, and a key %d", path, len(seed), ed25519.SeedSize)
	}
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// writeNew makes a file that only its owner reads.
func writeNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
