package filesystemtest

import (
	"context"
	"errors"
	"io"
)

// A reading is a file that is read. It stays the same file when its name goes.
type reading struct {
	*process
	name   string
	node   *node
	at     int64
	closed bool
}

func (r *reading) Read(p []byte) (n int, err error) {
	r.m.mu.Lock()
	defer r.m.mu.Unlock()
	switch {
	case r.closed:
		return 0, failed("read", r.name, errClosed)
	case r.life != r.m.lives:
		return 0, failed("read", r.name, errKilled)
	case r.at >= int64(len(r.node.data)):
		return 0, io.EOF
	}
	n = copy(p, r.node.data[r.at:])
	r.at += int64(n)
	return n, nil
}

var errClosed = errors.New("it has been closed")

func (r *reading) Close() error {
	return r.close(r.name, &r.closed)
}

func (p *process) close(name string, closed *bool) error {
	p.m.mu.Lock()
	defer p.m.mu.Unlock()
	switch {
	case *closed:
		return failed("close", name, errClosed)
	case p.life != p.m.lives:
		return nil // nobody holds it any more
	}
	*closed = true
	p.m.open--
	return nil
}

// A writing is a file that is written.
type writing struct {
	*process
	name   string
	node   *node
	closed bool
}

func (w *writing) Write(_ context.Context, p []byte) error {
	return w.change("write", func() { w.node.data = append(w.node.data, p...) })
}

func (w *writing) Sync(context.Context) error {
	return w.change("sync", func() { w.node.synced = len(w.node.data) })
}

func (w *writing) Close(context.Context) error { return w.close(w.name, &w.closed) }

func (w *writing) change(op string, f func()) error {
	w.m.mu.Lock()
	defer w.m.mu.Unlock()
	switch {
	case w.closed:
		return failed(op, w.name, errClosed)
	case w.life != w.m.lives:
		return failed(op, w.name, errKilled)
	}
	f()
	return nil
}
