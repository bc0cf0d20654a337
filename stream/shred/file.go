package shred

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/freshet-go/freshet/internal/durable"
	"github.com/freshet-go/freshet/stream/sealed"
)

// A File is a Keeper in a file of its own, for one process. It has all persons in memory, which takes about 150 bytes for each. The
// file has no names: a person is an HMAC-SHA-256 in it. It is encrypted with a data key that a sealed.Keys
// wraps, and has mode 0600.
//
// New persons are appended, with one sync for all of a call. Forget writes the file anew, which takes about a second for a million
// persons, and removes the old one. The blocks of a file that was removed may stay on a disk: when the key that
// has wrapped its data key is destroyed, too, nobody reads those. A Keys with another current key has the file written anew when it is opened.
//
// A file that is put back from a backup knows nothing of who was forgotten since: Forget has to be called again for them.
type File struct {
	path   string
	keys   sealed.Keys
	unlock func() error

	mu      sync.Mutex
	out     *os.File // nil when closed, or when what is on disk is not known
	format  *format
	persons map[identity]Found
	err     error // why out is nil
}

// OpenFile opens the keeper in a file, and makes it if there is none; the directory has to be there. A link is not followed where the
// system can tell. The error is checkpoint.ErrSealed where the keys do not open it, checkpoint.ErrKeysAway where those cannot be asked, and
// checkpoint.ErrDamaged where the file was changed. It panics if path is empty or keys is nil.
func OpenFile(path string, keys sealed.Keys) (*File, error) {
	if path == "" || keys == nil {
		panic("shred: OpenFile: the path is empty, or the Keys are nil")
	}
	unlock, err := durable.Lock(path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("shred: %s: %w", path, err)
	}
	f := &File{path: path, keys: keys, unlock: unlock, persons: map[identity]Found{}}
	if err := f.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("shred: %s: %w", path, err), f.Close())
	}
	return f, nil
}

// Format writes the path, whatever the verb: a File has the keys of all persons.
func (f *File) Format(to fmt.State, _ rune) { _, _ = io.WriteString(to, "persons in "+f.path) }

// load reads the file, and writes it anew where that is due.
func (f *File) load() error {
	out, err := os.OpenFile(f.path, os.O_RDWR|durable.NoFollow, 0)
	if errors.Is(err, os.ErrNotExist) {
		f.format = &format{pepper: random(pepperSize)}
		return f.rewrite()
	}
	if err != nil {
		return err
	}
	format, end, err := readFormat(out, f.keys, f.persons)
	if err == nil {
		f.format = format
		if format.name != f.keys.Current() || format.least == 0 { // it was written before there was that number
			return errors.Join(out.Close(), f.rewrite())
		}
		err = out.Truncate(end) // what a process that was killed has left of a record
	}
	if err == nil {
		_, err = out.Seek(end, 0)
	}
	if err != nil {
		return errors.Join(err, out.Close())
	}
	f.out = out
	return nil
}

// rewrite writes the file aside, with a data key of its own, and puts it in its place.
func (f *File) rewrite() error {
	next, header, err := newFormat(f.keys, f.format.pepper)
	if err != nil {
		return err
	}
	aside := f.path + ".new"
	if err := os.Remove(aside); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	out, err := os.OpenFile(aside, os.O_RDWR|os.O_CREATE|os.O_EXCL|durable.NoFollow, 0o600)
	if err != nil {
		return err
	}
	count := binary.LittleEndian.AppendUint64(nil, uint64(1+len(f.persons)))
	b := next.appendRecord(header, pepperRecord, identity(f.format.pepper), count)
	for id, p := range f.persons {
		b = next.appendPerson(b, id, p)
		if len(b) > 1<<20 && err == nil {
			_, err = out.Write(b)
			b = b[:0]
		}
	}
	if err == nil {
		_, err = out.Write(b)
	}
	if err == nil {
		err = out.Sync()
	}
	if err != nil {
		return errors.Join(err, out.Close(), os.Remove(aside))
	}
	if err := os.Rename(aside, f.path); err != nil {
		return errors.Join(err, out.Close(), os.Remove(aside))
	}
	if f.out != nil {
		_ = f.out.Close() // it is of the file that was removed
	}
	f.out, f.format = out, next
	return durable.SyncDir(filepath.Dir(f.path))
}

// Keys is for Persons.
func (f *File) Keys(_ context.Context, persons []string, create bool) ([]Found, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.usable(); err != nil {
		return nil, err
	}
	all := make([]Found, len(persons))
	var made map[identity]Found
	var b []byte
	for i, name := range persons {
		id := f.format.identify(name)
		p, ok := f.persons[id]
		if !ok {
			p, ok = made[id]
		}
		if !ok && create {
			if made == nil {
				made = map[identity]Found{}
			}
			p = Found{Key: random(keySize)}
			made[id] = p
			b = f.format.appendPerson(b, id, p)
		}
		all[i] = Found{bytes.Clone(p.Key), p.Forgotten} // Forget wipes the one here
	}
	if len(made) == 0 {
		return all, nil
	}
	if err := f.append(b); err != nil {
		return nil, err
	}
	for id, p := range made {
		f.persons[id] = p
	}
	return all, nil
}

// append writes records durably. Where that fails, what is on disk is not known, and the file is not used any more.
func (f *File) append(b []byte) error {
	_, err := f.out.Write(b)
	if err == nil {
		err = f.out.Sync()
	}
	if err != nil {
		return f.fails(err)
	}
	return nil
}

func (f *File) fails(err error) error {
	f.err = fmt.Errorf("shred: %s: %w: it has to be opened again", f.path, err)
	if f.out != nil {
		_ = f.out.Close() // the error before matters more
		f.out = nil
	}
	return f.err
}

func (f *File) usable() error {
	if f.err != nil {
		return f.err
	}
	if f.out == nil {
		return fmt.Errorf("shred: %s: it is closed", f.path)
	}
	return nil
}

// Forget destroys keys, and notes whose: the file is written anew without them. Call it once for many.
func (f *File) Forget(_ context.Context, persons ...string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.usable(); err != nil {
		return err
	}
	for _, name := range persons {
		id := f.format.identify(name)
		clear(f.persons[id].Key)
		f.persons[id] = Found{Forgotten: true} // here at once, also where the disk fails
	}
	if err := f.rewrite(); err != nil {
		return f.fails(err)
	}
	return nil
}

// Close closes the file. It is not to be used any more.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var err error
	if f.out != nil {
		err, f.out = f.out.Close(), nil
	}
	if f.unlock != nil {
		err, f.unlock = errors.Join(err, f.unlock()), nil
	}
	return err
}
