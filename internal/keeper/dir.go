package keeper

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/freshet-go/freshet/internal/durable"
	"github.com/freshet-go/freshet/internal/failpoint"
)

// Dir is checkpoint.Dir.
func Dir(path string) Store {
	if path == "" {
		panic("checkpoint: Dir: the path is empty")
	}
	return &dir{path: path, files: disk{}}
}

const (
	lockName  = "lock"
	temporary = ".tmp-" // what begins the name of a file that is being written
)

type dir struct {
	path  string
	files files
	made  atomic.Bool  // the directory has been there
	count atomic.Int64 // of temporary files, whose names must differ

	mu   sync.Mutex
	has  lock     // nil while the store is not locked
	left []string // temporary files that could not be removed
}

// mkdir makes the directory, unless it has been there before: a disk that
// is away must not be taken for an empty one.
func (d *dir) mkdir() error {
	if d.made.Load() {
		return nil
	}
	err := d.files.mkdir(d.path)
	d.made.Store(err == nil)
	return err
}

// files is what a dir needs of a file system. Tests have one that fails.
type files interface {
	mkdir(path string) error
	create(path string) (file, error)
	rename(from, to string) error
	remove(path string) error
	read(path string) ([]byte, error)
	list(path string) ([]string, error)
	syncDir(path string) error
	lock(path string) (lock, error)
}

// A lock is a file that is locked.
type lock interface {
	held() error // ErrLockLost where its path is not that of the file any more
	unlock() error
}

type file interface {
	Write(data []byte) (int, error)
	Sync() error
	Close() error
}

func (d *dir) String() string { return d.path }

func (d *dir) Write(name string, parts ...[]byte) error {
	return d.WriteSeq(name, slices.Values(parts))
}

// WriteSeq is for checkpoint.SeqWriter.
func (d *dir) WriteSeq(name string, parts iter.Seq[[]byte]) error {
	if err := checkName(name); err != nil {
		return err
	}
	if err := d.mkdir(); err != nil {
		return err
	}
	d.removeLeft()
	temp := filepath.Join(d.path, fmt.Sprintf("%s%d-%s", temporary, d.count.Add(1), name))
	if err := d.fill(temp, parts); err != nil {
		d.drop(temp)
		return err
	}
	kind, _, _ := strings.Cut(name, "-")
	failpoint.Hit(kind + " synced")
	err := d.Held()
	if err == nil {
		err = d.files.rename(temp, filepath.Join(d.path, name))
	}
	if err != nil {
		d.drop(temp)
		return err
	}
	failpoint.Hit(kind + " renamed")
	if err := d.files.syncDir(d.path); err != nil {
		return err
	}
	return d.Held()
}

// drop removes a temporary file, and has it removed later if that fails.
func (d *dir) drop(temp string) {
	if err := d.files.remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.left = append(d.left, temp)
	}
}

// removeLeft removes the temporary files that could not be removed before.
func (d *dir) removeLeft() {
	d.mu.Lock()
	left := d.left
	d.left = nil
	d.mu.Unlock()
	for _, temp := range left {
		d.drop(temp)
	}
}

// Held reports that the lock has been lost. Who has not locked the store has none.
func (d *dir) Held() error {
	d.mu.Lock()
	l := d.has
	d.mu.Unlock()
	if l == nil {
		return nil
	}
	return l.held()
}

func (d *dir) fill(path string, parts iter.Seq[[]byte]) error {
	f, err := d.files.create(path)
	if err != nil {
		return err
	}
	failpoint.Hit("file created")
	for part := range parts {
		if _, err := f.Write(part); err != nil {
			_ = f.Close() // the first error is the cause
			return err
		}
	}
	failpoint.Hit("file written")
	if err := f.Sync(); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

func (d *dir) Read(name string) ([]byte, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	return d.files.read(filepath.Join(d.path, name))
}

func (d *dir) List() ([]string, error) {
	all, err := d.files.list(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	names := slices.DeleteFunc(all, func(name string) bool { return name == lockName || checkName(name) != nil })
	sort.Strings(names)
	return names, nil
}

func (d *dir) Remove(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	err := d.files.remove(filepath.Join(d.path, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Lock also clears away what a process left behind that was killed while it
// wrote.
func (d *dir) Lock() (unlock func() error, err error) {
	if err := d.mkdir(); err != nil {
		return nil, err
	}
	l, err := d.files.lock(filepath.Join(d.path, lockName))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.path, err)
	}
	all, err := d.files.list(d.path)
	for _, name := range all {
		if strings.HasPrefix(name, temporary) && err == nil {
			err = d.files.remove(filepath.Join(d.path, name))
		}
	}
	if err != nil {
		return nil, errors.Join(err, l.unlock())
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.has, d.left = l, nil
	return func() error {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.has = nil
		return l.unlock()
	}, nil
}

// disk is the file system of the machine.
type disk struct{}

func (disk) rename(from, to string) error     { return os.Rename(from, to) }
func (disk) remove(path string) error         { return os.Remove(path) }
func (disk) read(path string) ([]byte, error) { return os.ReadFile(path) }

func (disk) mkdir(path string) error { return durable.MakeDir(path, 0o700) }

func (disk) create(path string) (file, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}

func (disk) list(path string) ([]string, error) {
	entries, err := os.ReadDir(path)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func (disk) syncDir(path string) error { return durable.SyncDir(path) }
