package logfile

import (
	"errors"
	"slices"
	"sync"
	"syscall"
)

// A table bounds how many files of a source are open. Where one too many is to be
// opened, another is closed, and opened again when there is more to read of it.
type table struct {
	most    int
	buffers sync.Pool // of *[bufferBytes]byte

	mu   sync.Mutex
	open []*log // by last use, the oldest first
}

const bufferBytes = 128 << 10

func (t *table) buffer() []byte {
	if b, ok := t.buffers.Get().(*[bufferBytes]byte); ok {
		return b[:]
	}
	return new([bufferBytes]byte)[:]
}

func (t *table) giveBack(buf []byte) {
	if cap(buf) == bufferBytes {
		t.buffers.Put((*[bufferBytes]byte)(buf[:bufferBytes]))
	}
}

// admit makes room for a log that is to open a file.
func (t *table) admit(l *log) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closeTo(t.most-1, l)
	t.open = append(t.open, l)
}

// lower has fewer files be open from now on, as the system allows no more. It leaves some for
// lists of directories, and for others. Keep is not closed.
func (t *table) lower(keep *log) {
	const spare = 8
	t.mu.Lock()
	defer t.mu.Unlock()
	t.most = max(1, min(t.most, len(t.open)-spare))
	t.closeTo(t.most, keep)
}

// closeTo closes files until only so many are open. Closed are those
// that have been read to their ends first, then those that are easily found
// again. One whose file has lost its name stays open: it might not be
// found again. So does that of keep.
func (t *table) closeTo(most int, keep *log) {
	for _, give := range []ease{resting, easy, costly} {
		for i := 0; i < len(t.open) && len(t.open) > most; {
			old := t.open[i]
			if old == keep || !old.mu.TryLock() {
				i++
				continue
			}
			closes := old.ease() <= give
			if closes {
				old.shut()
				t.open = slices.Delete(t.open, i, i+1)
			} else {
				i++
			}
			old.mu.Unlock()
		}
	}
}

// tooMany reports whether the system allows no more open files.
func tooMany(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// touch notes that the file of l is used.
func (t *table) touch(l *log) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.open, l); i >= 0 && i < len(t.open)-1 {
		t.open = append(slices.Delete(t.open, i, i+1), l)
	}
}

func (t *table) dismiss(l *log) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.open, l); i >= 0 {
		t.open = slices.Delete(t.open, i, i+1)
	}
}

// An ease is what it costs to close a file and to find it again.
type ease int

const (
	resting ease = iota // it has been read to its end
	easy                // it has its name
	costly              // it is compressed
	never               // it has lost its name
)
