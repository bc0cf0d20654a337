package worker

import (
	"encoding/binary"
	"fmt"
	"time"
)

type nextThing uint8

const (
	nextMessage nextThing = iota
	nextDue               // Tick is due
	nextOver              // the input has ended
)

// next waits for something to do. Before it does, what waits for a full batch is sent, and what was taken
// is said.
func (w *worker) next() (m Message, what nextThing, err error) {
	select {
	case m, ok := <-w.messages:
		if !ok {
			what = nextOver
		}
		return m, what, nil
	default:
	}
	if !w.bounded { // else what is sent would depend on when frames come
		if err := w.inst.Quiet(); err != nil {
			return m, what, err
		}
	}
	if err := w.tell(); err != nil {
		return m, what, err
	}
	var due <-chan time.Time
	if at, ok := w.inst.Due(); ok {
		timer := time.NewTimer(time.Until(at))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case m, ok := <-w.messages:
		if !ok {
			what = nextOver
		}
		return m, what, nil
	case <-due:
		return m, nextDue, nil
	}
}

// tell says how many frames have been taken.
func (w *worker) tell() error {
	if w.taken == 0 {
		return nil
	}
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], w.taken)
	w.taken = 0
	return w.out.Write(Taken, b[:])
}

// mostSpare is how long a body is at most whose memory is kept.
const mostSpare = 1 << 20

// recycle has a message to come be read into the memory of one that is done with.
func (w *worker) recycle(body []byte) {
	if cap(body) > mostSpare {
		return
	}
	select {
	case w.spare <- body:
	default:
	}
}

// do does what a message asks for.
func (w *worker) do(m Message) error {
	switch m.Kind {
	case Frame:
		if err := w.inst.Take(m.Body); err != nil {
			return err
		}
		w.recycle(m.Body)
		if w.taken++; w.taken < Window/4 {
			return nil
		}
		return w.tell()
	case Barrier, Durable:
		id, err := m.Number()
		if err != nil {
			return err
		}
		if m.Kind == Durable {
			if err := w.inst.Complete(id); err != nil || !w.commits {
				return err
			}
			return w.out.Number(Durable, id)
		}
		if err := w.tell(); err != nil {
			return err
		}
		return w.cut(id)
	}
	return fmt.Errorf("worker: message %q to an instance that is at work", m.Kind)
}

// cut sends what belongs to a checkpoint, and its state.
func (w *worker) cut(id int64) error {
	if err := w.inst.Barrier(id); err != nil {
		return err
	}
	if err := w.out.Number(Barrier, id); err != nil {
		return err
	}
	s, err := w.inst.Save(id)
	if err != nil {
		return err
	}
	for g, data := range s.Groups {
		if err := w.out.Group(g, data); err != nil {
			return err
		}
	}
	if err := w.out.Rest(s.Rest); err != nil {
		return err
	}
	return w.out.Number(Saved, id)
}

// read serves an instance that reads a source.
func (w *worker) read() error {
	go w.listen(func(m Message) error {
		if m.Kind != Barrier && m.Kind != Durable {
			return fmt.Errorf("worker: message %q to an instance that reads", m.Kind)
		}
		w.inst.Post(func() error { return w.do(m) })
		return nil
	})
	for {
		done, err := w.inst.Step()
		if err != nil {
			return w.because(err)
		}
		if done {
			break
		}
	}
	if err := w.out.Write(Ended); err != nil {
		return err
	}
	for {
		if err := w.inst.Rest(); err != nil {
			return w.because(err)
		}
	}
}
