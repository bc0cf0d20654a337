package shred

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/sealed"
)

// A file of persons is a header and records of one size:
//
//	0  17  "freshet persons 1"
//	17  2  length of the name of the key, little-endian, and the name
//	    2  length of the wrapped data key, and that
//
// A record is a kind, an identity and a key, 65 bytes, encrypted by AES-256-GCM with the data key and a random nonce in front of
// it. The header and the number of the record are authenticated with it. The first record is the pepper, and has, where a key would be, how many records there
// were when the file was written: those cannot be cut off, as who is forgotten would not be any more. Files of before have 0 there.
const (
	fileMagic  = "freshet persons 1"
	plainSize  = 1 + sha256.Size + keySize
	recordSize = 12 + plainSize + 16
	pepperSize = sha256.Size
)

const (
	pepperRecord = iota + 1
	keyRecord
	forgottenRecord
)

// An identity is what stands for a name: HMAC-SHA-256 of it. In the pepper's record it is the pepper.
type identity [sha256.Size]byte

// A format is how a file is written.
type format struct {
	name    string // of the key that wraps
	aead    cipher.AEAD
	header  [sha256.Size]byte // its hash
	records uint64
	least   uint64 // how many there have to be
	pepper  []byte
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

func (f *format) identify(name string) (id identity) {
	h := hmac.New(sha256.New, f.pepper)
	h.Write([]byte(name))
	return identity(h.Sum(id[:0]))
}

// newFormat makes a data key, and a header that has it.
func newFormat(keys sealed.Keys, pepper []byte) (*format, []byte, error) {
	name, data := keys.Current(), random(keySize)
	wrapped, err := keys.Wrap(name, data, []byte(fileMagic))
	if err != nil {
		return nil, nil, away(err)
	}
	if len(name) > 255 || len(wrapped) > 4096 {
		return nil, nil, fmt.Errorf("the name of the key has %d bytes, and what it wraps %d: at most 255 and 4096", len(name), len(wrapped))
	}
	b := append([]byte(fileMagic), byte(len(name)), byte(len(name)>>8))
	b = append(b, name...)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(wrapped)))
	b = append(b, wrapped...)
	f := &format{name: name, header: sha256.Sum256(b), pepper: pepper}
	f.aead, err = randomGCM(data)
	return f, b, err
}

// randomGCM returns AES-GCM with random nonces, which stand in front of what it seals.
func randomGCM(data []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(data)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// away returns the error of a Keys.
func away(err error) error {
	if errors.Is(err, checkpoint.ErrSealed) || errors.Is(err, checkpoint.ErrKeysAway) {
		return err
	}
	return fmt.Errorf("%w: %w", checkpoint.ErrKeysAway, err)
}

func (f *format) bound() []byte {
	return binary.LittleEndian.AppendUint64(append(make([]byte, 0, 40), f.header[:]...), f.records)
}

func (f *format) appendRecord(b []byte, kind byte, id identity, key []byte) []byte {
	var plain [plainSize]byte
	plain[0] = kind
	copy(plain[1:], id[:])
	copy(plain[1+len(id):], key)
	b = f.aead.Seal(b, nil, plain[:], f.bound())
	f.records++
	return b
}

func (f *format) appendPerson(b []byte, id identity, p Found) []byte {
	if p.Forgotten {
		return f.appendRecord(b, forgottenRecord, id, nil)
	}
	return f.appendRecord(b, keyRecord, id, p.Key)
}

// readFormat reads a file, and returns where its last whole record ends. A part of one may follow: nobody was given its key, as
// that was not durable.
func readFormat(in io.Reader, keys sealed.Keys, persons map[identity]Found) (*format, int64, error) {
	r := bufio.NewReaderSize(in, 1<<20)
	f, size, err := readHeader(r, keys)
	if err != nil {
		return nil, 0, err
	}
	box := make([]byte, recordSize)
	for {
		if _, err := io.ReadFull(r, box); err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		} else if err != nil {
			return nil, 0, err
		}
		plain, err := f.aead.Open(nil, nil, box, f.bound())
		if err != nil {
			return nil, 0, fmt.Errorf("%w: record %d was changed, moved or left out", checkpoint.ErrDamaged, f.records)
		}
		if err := f.take(plain, persons); err != nil {
			return nil, 0, err
		}
		f.records++
		size += recordSize
	}
	if f.pepper == nil {
		return nil, 0, fmt.Errorf("%w: it was cut off in front of its first record", checkpoint.ErrDamaged)
	}
	if f.records < f.least {
		return nil, 0, fmt.Errorf("%w: it was cut off behind record %d, and had %d when it was written", checkpoint.ErrDamaged, f.records, f.least)
	}
	return f, size, nil
}

func (f *format) take(plain []byte, persons map[identity]Found) error {
	id, key := identity(plain[1:]), plain[1+sha256.Size:]
	switch kind := plain[0]; {
	case kind == pepperRecord && f.records == 0:
		f.pepper, f.least = id[:], binary.LittleEndian.Uint64(key)
	case kind == keyRecord && f.records > 0:
		persons[id] = Found{Key: key}
	case kind == forgottenRecord && f.records > 0:
		persons[id] = Found{Forgotten: true}
	default:
		return fmt.Errorf("%w: record %d is of kind %d, which this version does not know there", checkpoint.ErrVersion, f.records, kind)
	}
	return nil
}

// readHeader reads what is in front of the records.
func readHeader(r io.Reader, keys sealed.Keys) (*format, int64, error) {
	head := make([]byte, len(fileMagic), 256)
	if _, err := io.ReadFull(r, head); err != nil || string(head) != fileMagic {
		return nil, 0, fmt.Errorf("%w: it is no file of persons: it does not begin with %q", checkpoint.ErrDamaged, fileMagic)
	}
	text := func(most int) ([]byte, error) {
		var n [2]byte
		if _, err := io.ReadFull(r, n[:]); err != nil {
			return nil, fmt.Errorf("%w: it was cut off in its header", checkpoint.ErrDamaged)
		}
		size := int(binary.LittleEndian.Uint16(n[:]))
		if size > most {
			return nil, fmt.Errorf("%w: its header has a text of %d bytes, of %d at most", checkpoint.ErrDamaged, size, most)
		}
		b := make([]byte, size)
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, fmt.Errorf("%w: it was cut off in its header", checkpoint.ErrDamaged)
		}
		head = append(append(head, n[:]...), b...)
		return b, nil
	}
	name, err := text(255)
	if err != nil {
		return nil, 0, err
	}
	wrapped, err := text(4096)
	if err != nil {
		return nil, 0, err
	}
	data, err := keys.Unwrap(string(name), wrapped, []byte(fileMagic))
	if err != nil {
		return nil, 0, away(err)
	}
	f := &format{name: string(name), header: sha256.Sum256(head)}
	f.aead, err = randomGCM(data)
	return f, int64(len(head)), err
}
