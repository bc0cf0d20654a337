package doortest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/worker"
)

// A remote is an instance in a worker, as the engine's side of the messages sees it.
type remote struct {
	conn Connection
	out  *worker.Writer // guarded by writing
	to   door.Output

	writing sync.Mutex
	posted  chan func() error
	gone    chan struct{} // closed when the worker's output has ended

	mu        sync.Mutex
	moved     *sync.Cond
	opened    bool
	way       int   // frames under way
	reached   int64 // the barrier that it has come to
	saved     int64
	collected int64 // that Save has returned
	commits   bool  // it is a committer
	committed int64
	state     worker.State
	ended     bool
	err       error
	halted    bool
	wake      func() // called when it has ended
}

// failed returns what the worker has said last, if it has, and else err.
func (r *remote) failed(err error) error {
	time.AfterFunc(time.Second, func() { r.fail(err) }) // a worker that is gone cannot be written to, and has said why
	return r.until(func() bool { return false })
}

// read deals with what the worker says, until it has ended.
func (r *remote) read() {
	defer close(r.gone)
	in := bufio.NewReader(r.conn.Out)
	for {
		m, err := worker.Read(in)
		if err == nil {
			err = r.got(m)
		}
		if err != nil {
			if err == io.EOF {
				err = errors.New("the worker has ended without a word")
			}
			r.fail(err)
			_, _ = io.Copy(io.Discard, in) // what it sends until it hears
			return
		}
	}
}

func (r *remote) got(m worker.Message) error {
	if m.Kind == worker.Frame {
		if len(m.Body) < 8 {
			return errors.New("a frame without an address")
		}
		return r.to.Send(int(binary.BigEndian.Uint32(m.Body)), int(binary.BigEndian.Uint32(m.Body[4:])), m.Body[8:])
	}
	if m.Kind == worker.Advance {
		o, ok := r.to.(door.Ordered)
		if !ok || len(m.Body) != 16 {
			return errors.New("a watermark that nobody asked for")
		}
		return o.Advance(int(binary.BigEndian.Uint32(m.Body)), int(binary.BigEndian.Uint32(m.Body[4:])), int64(binary.BigEndian.Uint64(m.Body[8:])))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	defer r.moved.Broadcast()
	if known, err := r.state.Add(m); known || err != nil {
		return err
	}
	switch m.Kind {
	case worker.Open:
		r.opened = true
	case worker.Taken:
		if r.way -= int(binary.BigEndian.Uint32(m.Body)); r.way < 0 {
			return errors.New("the worker has taken more frames than there were")
		}
	case worker.Barrier, worker.Saved:
		id, err := m.Number()
		if err != nil {
			return err
		}
		if m.Kind == worker.Barrier {
			r.reached, r.state = id, worker.State{}
		} else {
			r.saved = id
			r.moved.Broadcast()
			for r.collected != id && !r.halted { // what comes next is behind the barrier, which has not been passed on yet
				r.moved.Wait()
			}
		}
	case worker.Durable:
		id, err := m.Number()
		if err != nil {
			return err
		}
		r.committed = id
	case worker.Ended:
		r.ended = true
		if r.wake != nil {
			r.wake()
		}
	case worker.Failed:
		return errors.New(string(m.Body))
	default:
		return fmt.Errorf("message %q from a worker", m.Kind)
	}
	return nil
}

func (r *remote) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
	r.moved.Broadcast()
	if r.wake != nil {
		r.wake()
	}
}

// until waits until f, which is called under the lock, reports true.
func (r *remote) until(f func() bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		switch {
		case r.err != nil:
			return r.err
		case r.halted:
			return errOver
		case f():
			return nil
		}
		r.moved.Wait()
	}
}

func (r *remote) OnWake(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wake = f
}

func (r *remote) Take(frame []byte) error {
	err := r.until(func() bool {
		ok := r.way < worker.Window
		if ok {
			r.way++
		}
		return ok
	})
	if err != nil {
		return err
	}
	return r.say(func() error { return r.out.Write(worker.Frame, frame) })
}

// say writes something. A worker that cannot be written to has said why it is gone.
func (r *remote) say(f func() error) error {
	r.writing.Lock()
	err := f()
	r.writing.Unlock()
	if err != nil {
		return r.failed(err)
	}
	return nil
}

func (r *remote) Ended() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ended || r.err != nil
}

func (r *remote) Barrier(id int64) error {
	if err := r.say(func() error { return r.out.Number(worker.Barrier, id) }); err != nil {
		return err
	}
	return r.until(func() bool { return r.reached == id })
}

func (r *remote) Save(id int64) (*door.State, error) {
	if err := r.until(func() bool { return r.saved == id }); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.halted {
		return nil, errOver
	}
	if len(r.state.Rest) != 1 {
		return nil, fmt.Errorf("a worker has saved %d states", len(r.state.Rest))
	}
	r.collected = id
	r.moved.Broadcast()
	return &door.State{Groups: r.state.Groups, Rest: r.state.Rest[0]}, nil
}

func (r *remote) Complete(id int64) error {
	if err := r.say(func() error { return r.out.Number(worker.Durable, id) }); err != nil || !r.commits {
		return err
	}
	return r.until(func() bool { return r.committed == id })
}

// Step has the worker read, which it does by itself.
func (r *remote) Step() (done bool, err error) {
	for {
		select {
		case f := <-r.posted:
			if err := f(); err != nil {
				return false, err
			}
			continue
		default:
		}
		err := r.until(func() bool { return r.ended || len(r.posted) > 0 })
		if err != nil {
			return false, err
		}
		if len(r.posted) == 0 {
			return true, nil
		}
	}
}

func (r *remote) Rest() error {
	if err := r.until(func() bool { return len(r.posted) > 0 }); err != nil {
		return err
	}
	return (<-r.posted)()
}

func (r *remote) Post(f func() error) {
	r.posted <- f
	r.mu.Lock()
	defer r.mu.Unlock()
	r.moved.Broadcast()
}

func (r *remote) Halt() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.halted = true
	r.moved.Broadcast()
}

func (r *remote) Err() error { return nil }

// Close lets go of the worker.
func (r *remote) Close() error {
	r.Halt()
	err := r.conn.In.Close()
	<-r.gone
	return errors.Join(err, r.conn.Wait())
}

// What the worker does by itself.

func (r *remote) Quiet() error           { return nil }
func (r *remote) Due() (time.Time, bool) { return time.Time{}, false }
func (r *remote) Tick() error            { return nil }
func (r *remote) Counts() []door.Count   { return nil }
