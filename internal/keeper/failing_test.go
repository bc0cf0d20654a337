package keeper

import (
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"syscall"
)

// errCrash is what every call returns once the machine has crashed.
var errCrash = errors.New("the machine has crashed")

// A failing file system is one in memory that knows what would survive a crash:
// the content of a file after Sync, and a name after its folder has been
// synced. It fails at a call of the test's choice, in a way of its choice.
type failing struct {
	names   map[string]*content // as the process sees them
	durable map[string]*content // as they would be after a crash
	locked  map[string]bool
	rng     *rand.Rand

	calls  int
	failAt int // the call that fails; 0 for none
	how    fault
	down   bool
	space  int // bytes that all files may have; 0 for any
}

// full reports whether n bytes more are too many.
func (f *failing) full(n int) bool {
	for _, c := range f.names {
		n += len(c.now)
	}
	return f.space > 0 && n > f.space
}

// content is what a file holds. Files that are the same share it under
// several names.
type content struct{ now, synced []byte }

type fault int

const (
	noSpace    fault = iota // ENOSPC, and nothing is written
	ioError                 // EIO: whether it was done nobody knows
	shortWrite              // half of it is written, then ENOSPC
	crash                   // power fails: what was not synced may be there, in part, or not
	lostSync                // power fails, though sync had said that all was well: a disk that lies
	faults
)

func (f fault) String() string {
	return [...]string{"no space", "I/O error", "short write", "crash", "lost sync"}[f]
}

func newFailing(seed uint64) *failing {
	return &failing{
		names: map[string]*content{}, durable: map[string]*content{}, locked: map[string]bool{},
		rng: rand.New(rand.NewPCG(seed, 7)),
	}
}

// call counts a call, and reports how it has to fail.
func (f *failing) call() (fails bool, err error) {
	if f.down {
		return true, errCrash
	}
	if f.calls++; f.calls != f.failAt {
		return false, nil
	}
	switch f.how {
	case crash, lostSync:
		f.down = true
		return true, errCrash
	case ioError:
		return true, syscall.EIO
	default:
		return true, syscall.ENOSPC
	}
}

// maybe does what a failing call may or may not have done.
func (f *failing) maybe(do func()) {
	if (f.how == ioError || f.how == crash) && f.rng.IntN(2) == 0 {
		do()
	}
}

// reboot is the machine after a crash: what was durable is there. What was
// not may be there too, in part.
func (f *failing) reboot() *failing {
	after := newFailing(f.rng.Uint64())
	names := maps.Clone(f.durable)
	for name, c := range f.names { // a name that was not synced yet may have come through
		if f.rng.IntN(2) == 0 {
			names[name] = c
		}
	}
	for name, c := range names {
		data := c.synced
		if f.rng.IntN(2) == 0 && len(c.now) > len(data) { // torn
			data = c.now[:len(data)+f.rng.IntN(len(c.now)-len(data)+1)]
		}
		fresh := &content{slices.Clone(data), slices.Clone(data)}
		after.names[name], after.durable[name] = fresh, fresh
	}
	return after
}

func (f *failing) mkdir(string) error { return nil }

func (f *failing) create(path string) (file, error) {
	fails, err := f.call()
	c := &content{}
	do := func() { f.names[path] = c }
	if fails {
		f.maybe(do)
		return nil, err
	}
	if _, ok := f.names[path]; ok {
		return nil, fs.ErrExist
	}
	do()
	return &failingFile{f, c}, nil
}

func (f *failing) rename(from, to string) error {
	fails, err := f.call()
	do := func() { f.names[to] = f.names[from]; delete(f.names, from) }
	if fails {
		f.maybe(do)
		return err
	}
	do()
	return nil
}

func (f *failing) remove(path string) error {
	fails, err := f.call()
	if _, ok := f.names[path]; !ok && !fails {
		return fs.ErrNotExist
	}
	do := func() { delete(f.names, path) }
	if fails {
		f.maybe(do)
		return err
	}
	do()
	return nil
}

func (f *failing) read(path string) ([]byte, error) {
	if f.down {
		return nil, errCrash
	}
	c, ok := f.names[path]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return slices.Clone(c.now), nil
}

func (f *failing) list(string) ([]string, error) {
	if f.down {
		return nil, errCrash
	}
	var names []string
	for path := range f.names {
		names = append(names, filepath.Base(path))
	}
	return names, nil
}

func (f *failing) syncDir(string) error {
	fails, err := f.call()
	do := func() { f.durable = maps.Clone(f.names) }
	if fails {
		f.maybe(do)
		return err
	}
	do()
	return nil
}

func (f *failing) lock(path string) (lock, error) {
	if f.locked[path] {
		return nil, ErrLocked
	}
	f.locked[path] = true
	return failingLock{f, path}, nil
}

type failingLock struct {
	f    *failing
	path string
}

func (l failingLock) held() error   { return nil }
func (l failingLock) unlock() error { l.f.locked[l.path] = false; return nil }

type failingFile struct {
	f *failing
	c *content
}

func (w *failingFile) Write(data []byte) (int, error) {
	fails, err := w.f.call()
	if fails {
		if w.f.how != noSpace {
			w.c.now = append(w.c.now, data[:len(data)/2]...)
			return len(data) / 2, err
		}
		return 0, err
	}
	if w.f.full(len(data)) {
		return 0, syscall.ENOSPC
	}
	w.c.now = append(w.c.now, data...)
	return len(data), nil
}

func (w *failingFile) Sync() error {
	fails, err := w.f.call()
	do := func() { w.c.synced = slices.Clone(w.c.now) }
	if fails {
		w.f.maybe(do)
		return err
	}
	if w.f.how != lostSync || w.f.failAt == 0 || w.f.calls < w.f.failAt-3 { // the last syncs were lies
		do()
	}
	return nil
}

func (w *failingFile) Close() error { return nil }
