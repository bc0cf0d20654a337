package engine

import (
	"cmp"
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A mailbox is how other goroutines get at what only the task may touch: they
// put functions in, and the task calls them between two pieces of its work. Who
// puts one in waits for it, so it holds no more than there are who wait.
type mailbox struct {
	some   atomic.Bool // there may be something in it, or something else to look at
	mu     sync.Mutex
	letter []*letter
	shut   bool
	rouse  func() // ends what the task waits in: a Read, or nil if it is in none
	wait   int64  // the number of the wait
}

type letter struct {
	f    func() error
	done chan struct{} // closed when f has returned, or will never be called
	gone bool          // f will never be called
}

// do has the task call f, between two pieces of work, and waits until it has. It
// returns ErrStopped if the task has ended, and ctx's error if that ends before f
// is called. An error of f is the task's, and ends the run.
func (t *task) do(ctx context.Context, f func() error) error {
	m := &t.mail
	l := &letter{f: f, done: make(chan struct{})}
	m.mu.Lock()
	if m.shut {
		m.mu.Unlock()
		return ErrStopped
	}
	m.letter = append(m.letter, l)
	m.mu.Unlock()
	t.poke()
	select {
	case <-l.done:
	case <-ctx.Done():
		if m.takeBack(l) {
			return ctx.Err()
		}
		<-l.done // it has been begun
	}
	if l.gone {
		return ErrStopped
	}
	return nil
}

// post has the task call f between two pieces of work, and does not wait for it. It
// is for who has no more than one f under way, so that the mailbox stays bounded.
func (t *task) post(f func() error) {
	m := &t.mail
	m.mu.Lock()
	if !m.shut {
		m.letter = append(m.letter, &letter{f: f, done: make(chan struct{})})
	}
	m.mu.Unlock()
	t.poke()
}

// poke has the task look into its mailbox, and at what else may have changed,
// whatever it waits for.
func (t *task) poke() {
	t.mail.mu.Lock()
	t.mail.some.Store(true)
	rouse := t.mail.rouse
	t.mail.mu.Unlock()
	if rouse != nil {
		rouse()
	}
	if t.inbox != nil {
		signal(t.inbox.wake)
	}
	signal(t.roused)
}

// takeBack takes a letter out again, and reports false if it is being dealt with.
func (m *mailbox) takeBack(l *letter) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, have := range m.letter {
		if have == l {
			m.letter = append(m.letter[:i], m.letter[i+1:]...)
			return true
		}
	}
	return false
}

// serve calls what is in the mailbox, and not what is put in meanwhile: some who ask again at once, one of them always while another
// is answered, would keep the task from its work for ever. Should a function panic, or end the task's goroutine, who waits for it waits no
// longer.
func (t *task) serve() error {
	m := &t.mail
	if !m.some.Load() {
		return nil
	}
	m.some.Store(false)
	defer runtime.Gosched() // who has asked goes on now, and not when this goroutine next waits
	m.mu.Lock()
	n := len(m.letter) // those behind have poked, or are about to
	m.mu.Unlock()
	for range n {
		m.mu.Lock()
		if len(m.letter) == 0 { // some were taken back
			m.mu.Unlock()
			return nil
		}
		l := m.letter[0]
		m.letter = m.letter[1:]
		m.mu.Unlock()
		t.steps++
		if err := l.read(); err != nil {
			return err
		}
	}
	return nil
}

func (l *letter) read() error {
	defer close(l.done)
	return l.f()
}

// interruptible says what ends the wait that the task is about to begin, until
// it says so again. It ends at once where there is something to look at.
func (m *mailbox) interruptible(rouse func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wait++
	m.interrupts(rouse)
}

func (m *mailbox) interrupts(rouse func()) {
	m.rouse = rouse
	if rouse != nil && m.some.Load() {
		rouse()
	}
}

// interruptibleIn is interruptible for a wait that has a while of its own first.
func (m *mailbox) interruptibleIn(while time.Duration, rouse func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wait++
	m.rouse = nil
	wait := m.wait
	time.AfterFunc(while, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.wait == wait {
			m.interrupts(rouse)
		}
	})
}

func (m *mailbox) isShut() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.shut
}

// close turns away what is in the mailbox, and all that comes.
func (m *mailbox) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shut = true
	for _, l := range m.letter {
		l.gone = true
		close(l.done)
	}
	m.letter = nil
}

// Do has the instance's task call f between two pieces of its work, and waits until it has. F may
// look at what the instance holds, and lasts as long as the stream stands still. Do returns ErrStopped if the task
// has ended, and ctx's error if that ends before f is called. A panic of f is an error of Do, and the run goes on.
func (i *Instance) Do(ctx context.Context, f func()) error {
	var failure error
	look := func() error {
		i.Enter()
		defer Rescue(&failure)
		f()
		return nil
	}
	t := i.Place.task
	if !i.Place.run.sync {
		err := t.do(ctx, look)
		return cmp.Or(err, failure)
	}
	// Between two calls of the driver, on whose goroutine this is.
	if t.mail.isShut() {
		return ErrStopped
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	_ = look()
	return failure
}
