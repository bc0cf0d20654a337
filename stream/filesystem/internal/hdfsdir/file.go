package hdfsdir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// A file is one that is being written. Each Sync closes it in HDFS, and a Write that follows appends to it: so its length
// is known to all, no lease is held between, and a process that dies there leaves a closed file behind.
type file struct {
	dir     *Dir
	name    string
	at      string
	segment Segment // nil if nothing was written since the last Sync
	failed  bool

	size int64  // at the last Sync
	more int64  // bytes written since
	sent []byte // the last ones of those
}

// unsure is how much of what was written may be lost with a segment that fails: the library has up to eight packets of 64 KiB on their way.
const unsure = 1 << 20

func (f *file) Write(ctx context.Context, p []byte) (err error) {
	for len(p) > 0 && err == nil {
		n := min(len(p), unsure)
		err = f.write(ctx, p[:n])
		p = p[n:]
	}
	f.failed = f.failed || err != nil
	return f.dir.failed(ctx, "write", f.name, f.missing(err))
}

// write writes no more at once than keep keeps.
func (f *file) write(ctx context.Context, p []byte) error {
	if err := f.open(ctx); err != nil {
		return err
	}
	f.keep(p)
	if err := f.segment.Write(ctx, p); err != nil {
		return f.mend(ctx, err, false)
	}
	return nil
}

// open begins a segment, unless one is open. A call that may have happened has opened the file for a writer whom nobody knows: its
// lease is recovered before the next call.
func (f *file) open(ctx context.Context) error {
	if f.segment != nil {
		return nil
	}
	lost := false
	return f.dir.again(ctx, 0, func() error {
		if lost {
			if err := f.dir.closed(ctx, f.at); err != nil {
				return err
			}
		}
		s, err := f.dir.calls.Append(ctx, f.at)
		if err != nil {
			lost = lost || !isAnswer(err)
			return err
		}
		f.segment = s
		return nil
	})
}

// keep remembers the end of what has been written, p and what is unsure before it.
func (f *file) keep(p []byte) {
	f.more += int64(len(p))
	if !f.dir.calls.Fences() {
		return
	}
	if n := len(f.sent); n+len(p) > 2*unsure {
		f.sent = append(f.sent[:0], f.sent[n-unsure:]...)
	}
	f.sent = append(f.sent, p...)
}

// mend has the file go on where a segment has failed by what passes, as its NameNode restarts or its DataNode has gone for a while.
// The lease is recovered, by which HDFS decides how much of the file there is, and the rest is written again. Where last is set,
// the file is closed then. Without a fence, what the old segment had on its way might come behind.
func (f *file) mend(ctx context.Context, cause error, last bool) error {
	if !f.dir.calls.Fences() {
		return cause
	}
	return f.dir.again(ctx, 0, func() error {
		if !f.dir.passes(ctx, cause, 0) {
			return cause
		}
		if f.segment != nil {
			f.segment.Abort()
			f.segment = nil
		}
		if err := f.dir.closed(ctx, f.at); err != nil {
			return err
		}
		info, err := f.dir.stat(ctx, f.at)
		if err != nil {
			return err
		}
		rest := f.size + f.more - info.Size
		if info.Size < f.size || rest < 0 || rest > int64(len(f.sent)) {
			return &Lasting{fmt.Errorf("%w; then there were %d bytes of the %d that had been written", cause, info.Size, f.size+f.more)}
		}
		if rest == 0 && last {
			return nil
		}
		if err := f.open(ctx); err != nil {
			return err
		}
		if rest > 0 {
			err = f.segment.Write(ctx, f.sent[int64(len(f.sent))-rest:])
		}
		if err == nil && last {
			if err = f.segment.Close(ctx); err == nil {
				f.segment = nil
			}
		}
		if err != nil {
			cause = err
		}
		return err
	})
}

// missing hides that the file is not there: only calls that are about names answer so.
func (f *file) missing(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) {
		return &Lasting{errors.New("the file has been removed, or another process has taken it over: " + err.Error())}
	}
	return err
}

func (f *file) Sync(ctx context.Context) error {
	if f.segment == nil {
		return nil
	}
	return f.synced(ctx, "sync", f.segment.Close(ctx))
}

// Flush is HDFS's hflush. Where it fails, or there is none, it is Sync.
func (f *file) Flush(ctx context.Context) error {
	s, ok := f.segment.(Flusher)
	if !ok {
		return f.Sync(ctx)
	}
	err := s.Flush(ctx)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errors.ErrUnsupported):
		return f.Sync(ctx)
	}
	return f.synced(ctx, "flush", err)
}

// synced is behind the end of a segment, which may have failed.
func (f *file) synced(ctx context.Context, op string, err error) error {
	if err != nil {
		err = f.mend(ctx, err, true)
	}
	if err != nil {
		f.failed = true
		return f.dir.failed(ctx, op, f.name, f.missing(err))
	}
	f.segment = nil
	f.size, f.more, f.sent = f.size+f.more, 0, nil // many files may be open
	return nil
}

// Close writes what was not synced, so that no lease stays; a file that has failed is left to those who recover leases.
func (f *file) Close(ctx context.Context) error {
	if f.segment == nil {
		return nil
	}
	var err error
	if !f.failed {
		err = f.segment.Close(ctx)
	}
	if f.failed || err != nil {
		f.segment.Abort()
	}
	f.segment = nil
	return f.dir.failed(ctx, "close", f.name, f.missing(err))
}
