package filesystemtest

import (
	"context"
	"errors"
	"io"
	"iter"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/freshet-go/freshet/stream/filesystem"
)

// A Call is one call of a file system.
type Call struct {
	Op   string // "list", "stat", "open", "read", "mkdir", "create", "write", "sync file", "close", "put", "rename", "remove", "sync", "truncate"
	Name string
}

// A Fault is what becomes of a call.
type Fault int

const (
	None  Fault = iota
	Fails       // it does not happen
	Lost        // it happens, and the answer is lost
	Torn        // half of what a Write writes is written, and all else does not happen
	Full        // what takes room does not happen, as the disk is full; all else does
	Slow        // it happens after a second
	Stale       // List gives what it gave when it was asked before; all else happens
)

// ErrFault is the cause of what Fails, is Lost or Torn. Full is syscall.ENOSPC.
var ErrFault = errors.New("fault")

// Faulty returns a file system that asks fault before each call. Closing what
// Open has given does not fail.
func Faulty(system filesystem.Truncater, fault func(Call) Fault) filesystem.Truncater {
	return &faulty{system: system, fault: fault, last: map[string][]filesystem.Info{}}
}

type faulty struct {
	system filesystem.Truncater
	fault  func(Call) Fault

	mu   sync.Mutex
	last map[string][]filesystem.Info // what List gave
}

var takesRoom = []string{"mkdir", "create", "write", "put"}

// do makes a call. torn, if not nil, makes half of it.
func (f *faulty) do(ctx context.Context, op, name string, call, torn func() error) error {
	return f.fault(Call{op, name}).do(ctx, op, name, call, torn)
}

func (fault Fault) do(ctx context.Context, op, name string, call, torn func() error) error {
	switch fault {
	case Fails:
		return failed(op, name, ErrFault)
	case Lost:
		if err := call(); err != nil {
			return err
		}
		return failed(op, name, ErrFault)
	case Torn:
		if torn != nil {
			if err := torn(); err != nil {
				return err
			}
		}
		return failed(op, name, ErrFault)
	case Full:
		if slices.Contains(takesRoom, op) {
			return failed(op, name, syscall.ENOSPC)
		}
	case Slow:
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return failed(op, name, ctx.Err())
		}
	}
	return call()
}

func (f *faulty) String() string { return f.system.String() }

func (f *faulty) List(ctx context.Context, dir string) iter.Seq2[filesystem.Info, error] {
	return func(yield func(filesystem.Info, error) bool) {
		all, err := f.list(ctx, dir)
		for _, i := range all {
			if !yield(i, nil) {
				return
			}
		}
		if err != nil {
			yield(filesystem.Info{}, err)
		}
	}
}

// list returns the first half of a list that fails.
func (f *faulty) list(ctx context.Context, dir string) (all []filesystem.Info, err error) {
	fault := f.fault(Call{"list", dir})
	err = fault.do(ctx, "list", dir, func() error {
		for i, err := range f.system.List(ctx, dir) {
			if err != nil {
				return err
			}
			all = append(all, i)
		}
		return nil
	}, nil)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		return all[:len(all)/2], err
	}
	was := f.last[dir]
	f.last[dir] = all
	if fault == Stale {
		return was, nil
	}
	return all, nil
}

func (f *faulty) Stat(ctx context.Context, name string) (info filesystem.Info, err error) {
	err = f.do(ctx, "stat", name, func() error {
		info, err = f.system.Stat(ctx, name)
		return err
	}, nil)
	return info, err
}

func (f *faulty) Open(ctx context.Context, name string, at int64) (r io.ReadCloser, info filesystem.Info, err error) {
	err = f.do(ctx, "open", name, func() error {
		r, info, err = f.system.Open(ctx, name, at)
		return err
	}, nil)
	if err != nil {
		if r != nil {
			r.Close() // nobody will
		}
		return nil, info, err
	}
	return &faultyReader{ctx, f, name, r}, info, nil
}

func (f *faulty) Mkdir(ctx context.Context, dir string) error {
	return f.do(ctx, "mkdir", dir, func() error { return f.system.Mkdir(ctx, dir) }, nil)
}

func (f *faulty) Create(ctx context.Context, name string) (file filesystem.File, err error) {
	err = f.do(ctx, "create", name, func() error {
		file, err = f.system.Create(ctx, name)
		return err
	}, nil)
	if err != nil {
		if file != nil {
			_ = file.Close(ctx) // nobody will
		}
		return nil, err
	}
	return &faultyFile{f, name, file}, nil
}

func (f *faulty) Put(ctx context.Context, name string, data []byte) error {
	return f.do(ctx, "put", name, func() error { return f.system.Put(ctx, name, data) }, nil)
}

func (f *faulty) Rename(ctx context.Context, from, to string) error {
	return f.do(ctx, "rename", from, func() error { return f.system.Rename(ctx, from, to) }, nil)
}

func (f *faulty) Remove(ctx context.Context, name string) error {
	return f.do(ctx, "remove", name, func() error { return f.system.Remove(ctx, name) }, nil)
}

func (f *faulty) Sync(ctx context.Context, dir string) error {
	return f.do(ctx, "sync", dir, func() error { return f.system.Sync(ctx, dir) }, nil)
}

func (f *faulty) Truncate(ctx context.Context, name string, size int64) error {
	return f.do(ctx, "truncate", name, func() error { return f.system.Truncate(ctx, name, size) }, nil)
}

type faultyReader struct {
	ctx context.Context // of Open
	*faulty
	name string
	r    io.ReadCloser
}

func (r *faultyReader) Read(p []byte) (n int, err error) {
	var end error
	err = r.do(r.ctx, "read", r.name, func() error {
		n, err = r.r.Read(p)
		if err == io.EOF {
			end = err
			return nil
		}
		return err
	}, nil)
	if err == nil {
		err = end
	}
	return n, err
}

func (r *faultyReader) Close() error { return r.r.Close() }

type faultyFile struct {
	*faulty
	name string
	file filesystem.File
}

func (f *faultyFile) Write(ctx context.Context, p []byte) error {
	return f.do(ctx, "write", f.name, func() error { return f.file.Write(ctx, p) },
		func() error { return f.file.Write(ctx, p[:len(p)/2]) })
}

func (f *faultyFile) Sync(ctx context.Context) error {
	return f.do(ctx, "sync file", f.name, func() error { return f.file.Sync(ctx) }, nil)
}

// Close closes the file, whatever it then says.
func (f *faultyFile) Close(ctx context.Context) error {
	closed := f.file.Close(ctx)
	return f.do(ctx, "close", f.name, func() error { return closed }, nil)
}
