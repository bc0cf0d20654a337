package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"

	"github.com/freshet-go/freshet/stream/filesystem"
)

// A fileTable bounds how many files of a source are open. Where one too many is
// to be opened, the one that was used longest ago is closed, and opened again
// where it was when it is read next.
type fileTable struct {
	fsys fs.FS
	most int

	mu   sync.Mutex
	open []*handle // by last use, the oldest first
}

// A handle is a file that is read, whether it is open at the moment or not.
// One goroutine uses it; the table may close its file in between.
type handle struct {
	table *fileTable
	name  string

	mu     sync.Mutex // whoever has it uses file; taken before table.mu, and only tried behind it
	file   fs.File    // nil while it is closed
	stands int64      // where file stands
	at     int64      // where the next Read begins
	info   fs.FileInfo
	seeks  bool
	head   []byte // the first printBytes, as far as they have been read
	err    error  // of closing it
}

// handle opens a file.
func (t *fileTable) handle(name string) (*handle, error) {
	h := &handle{table: t, name: name}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h, h.reopen()
}

// Read reads from h.at on. At the end of the file it closes it, for it is
// hardly ever read again.
func (h *handle) Read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.reopen(); err != nil {
		return 0, err
	}
	n, err := h.read(p)
	if have := len(h.head); have < printBytes && h.at == int64(have) {
		h.head = append(h.head, p[:min(n, printBytes-have)]...)
	}
	h.at += int64(n)
	if err == io.EOF {
		if changed := h.unchanged(); changed != nil {
			n, err = 0, changed
		}
		h.close()
	}
	return n, err
}

// unchanged returns an error if the file, which is open, has been cut short, also
// if it has grown again since and begins with something else.
func (h *handle) unchanged() error {
	info, err := h.file.Stat()
	if err != nil {
		return err
	}
	// Files of /proc have bytes, and the size 0.
	if size := info.Size(); h.info.Size() > 0 && (size < h.info.Size() || size < h.at) {
		return errShrunk(size)
	}
	if r, ok := h.file.(io.ReaderAt); ok && len(h.head) > 0 {
		head := make([]byte, len(h.head))
		if n, _ := r.ReadAt(head, 0); !bytes.Equal(head[:n], h.head) {
			return fmt.Errorf("%w while it was read", ErrReplaced)
		}
	}
	return nil
}

func (h *handle) read(p []byte) (int, error) {
	if h.stands != h.at {
		if r, ok := h.file.(io.ReaderAt); ok {
			return r.ReadAt(p, h.at)
		}
		if err := h.seek(); err != nil {
			return 0, err
		}
	}
	n, err := h.file.Read(p)
	h.stands += int64(n)
	return n, err
}

// seek goes to h.at. A file that cannot is read up to there, from its start if
// need be.
func (h *handle) seek() error {
	if s, ok := h.file.(io.Seeker); ok {
		n, err := s.Seek(h.at, io.SeekStart)
		h.stands = n
		return err
	}
	if h.stands > h.at {
		h.close()
		if err := h.reopen(); err != nil {
			return err
		}
	}
	n, err := io.CopyN(io.Discard, h.file, h.at-h.stands)
	h.stands += n
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// reopen opens the file unless it is open.
func (h *handle) reopen() error {
	if h.file != nil {
		h.table.touch(h)
		return nil
	}
	h.table.admit(h)
	file, err := h.table.fsys.Open(h.name)
	if err != nil {
		h.table.dismiss(h)
		return err
	}
	h.file, h.stands = file, 0
	info, err := file.Stat()
	if err == nil && h.info != nil && !sameFile(h.info, info) {
		err = fmt.Errorf("%w while it was read", ErrReplaced)
	}
	if err != nil {
		h.close()
		return err
	}
	_, seeks := file.(io.Seeker)
	_, reads := file.(io.ReaderAt)
	h.info, h.seeks = info, seeks || reads
	return nil
}

// sameFile reports whether a file that is opened again is the one that it was.
func sameFile(was, is fs.FileInfo) bool {
	a, ok := was.Sys().(filesystem.Info)
	if b, both := is.Sys().(filesystem.Info); ok && both && isOther(a, b) {
		return false
	}
	if os.SameFile(was, was) && !os.SameFile(was, is) {
		return false
	}
	return is.Size() >= was.Size() // all that other file systems tell
}

// size returns how many bytes the file has now.
func (h *handle) size() (int64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.reopen(); err != nil {
		return 0, err
	}
	info, err := h.file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Close closes the file, and returns what closing it has said.
func (h *handle) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.close()
	return h.err
}

func (h *handle) close() {
	if h.file == nil {
		return
	}
	h.err = errors.Join(h.err, h.file.Close())
	h.file = nil
	h.table.dismiss(h)
}

// admit makes room for h. Files that are read this moment stay open, even if
// there are more of them than may be.
func (t *fileTable) admit(h *handle) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := 0; i < len(t.open) && len(t.open) >= t.most; {
		old := t.open[i]
		if !old.mu.TryLock() {
			i++
			continue
		}
		old.err = errors.Join(old.err, old.file.Close())
		old.file = nil
		old.mu.Unlock()
		t.open = slices.Delete(t.open, i, i+1)
	}
	t.open = append(t.open, h)
}

// touch notes that h is used.
func (t *fileTable) touch(h *handle) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.open, h); i >= 0 && i < len(t.open)-1 {
		t.open = append(slices.Delete(t.open, i, i+1), h)
	}
}

func (t *fileTable) dismiss(h *handle) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i := slices.Index(t.open, h); i >= 0 {
		t.open = slices.Delete(t.open, i, i+1)
	}
}
