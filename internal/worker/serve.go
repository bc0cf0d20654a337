package worker

import (
	"bufio"
	"encoding/binary"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/keeper"
)

// A Request is the body of the message Open to a worker.
type Request struct {
	Version    int
	Plan       *door.Plan
	Stage      int
	Index      int
	Partitions []door.Partition
}

// A worker serves one instance.
type worker struct {
	inst     door.Instance
	in       *bufio.Reader
	out      *Writer
	messages chan Message  // closed when the input has ended
	spare    chan []byte   // room for messages to come, of frames that were taken
	failure  error         // why it has, if not by its end; written before left
	left     atomic.Bool   // the input has ended
	done     chan struct{} // closed when nobody reads messages any more
	taken    uint32        // frames that the engine has not been told of
	commits  bool          // it is a committer, and says when it has committed
	bounded  bool          // nothing is done by the clock
	waits    chan struct{} // closed when something has come behind Begin, or the input has ended
}

// Serve drives an instance of a *stream.Pipeline, as the messages of in say, until in ends. Before it returns an
// error it says it to the engine as well. Whatever happens, nothing of it is at work any more when it returns,
// but for a read of in, which ends with in. From is the store of a checkpoint that the job may go on from; nil for none.
func Serve(pipeline any, from keeper.Store, in io.Reader, out io.Writer, log *slog.Logger) (err error) {
	w := &worker{in: bufio.NewReaderSize(in, 1<<16), out: NewWriter(out), messages: make(chan Message, Window), spare: make(chan []byte, Window+2), done: make(chan struct{}), waits: make(chan struct{})}
	ended := make(chan struct{})
	go func() { // whose end a function of the user's may bring about
		defer close(ended)
		err = errExited
		defer func() {
			if w.inst != nil {
				if e, ok := w.inst.(interface{ Err() error }); ok && e.Err() != nil {
					err = e.Err()
				}
				if e := w.inst.Close(); err == nil {
					err = e
				}
			}
		}()
		err = w.serve(pipeline, from, log)
	}()
	<-ended
	close(w.done)
	if err != nil {
		_ = w.out.Write(Failed, []byte(err.Error())) // it may be that nobody listens
	}
	return err
}

var errExited = errors.New("worker: a function has ended the goroutine of the instance")

func (w *worker) serve(pipeline any, from keeper.Store, log *slog.Logger) error {
	var o door.Opening
	var state State
	for begun := false; !begun; {
		m, err := Read(w.in)
		if err == io.EOF && o.Plan == nil {
			return nil // it is not wanted any more
		}
		if err != nil {
			return err
		}
		begun = m.Kind == Begin
		switch known, err := state.Add(m); {
		case err != nil:
			return err
		case known, begun:
		case m.Kind == Open && o.Plan == nil:
			if o, err = opening(m.Body); err != nil {
				return err
			}
		default:
			return fmt.Errorf("worker: message %q before it has begun", m.Kind)
		}
	}
	if o.Plan == nil {
		return errors.New("worker: nothing was said of what is to be opened")
	}
	o.Groups, o.Rest, o.Output, o.Store, o.Logger = state.Groups, state.Rest, w, from, log
	go func() { // the engine says nothing before it has heard of Open, but may go: see ending
		defer close(w.waits)
		_, _ = w.in.Peek(1) // which listen meets again
	}()
	inst, err := door.Open(pipeline, o)
	if err != nil {
		return err
	}
	w.inst, w.bounded = inst, o.Plan.Bounded
	if err := w.out.Write(Open); err != nil {
		return err
	}
	switch o.Plan.Stage(o.Stage).Kind {
	case door.Source:
		return w.read()
	case door.Commit:
		w.commits = true
	}
	return w.take()
}

// opening is what a Request asks for.
func opening(body []byte) (o door.Opening, err error) {
	var r Request
	if err := json.Unmarshal(body, &r); err != nil {
		return o, fmt.Errorf("worker: what is to be opened: %w", err)
	}
	if r.Version != Version {
		return o, fmt.Errorf("worker: the engine's side speaks version %d, and this program %d: both have to be of one version of the library", r.Version, Version)
	}
	if r.Plan == nil || r.Plan.Stage(r.Stage) == nil {
		return o, fmt.Errorf("worker: the plan has no stage %d", r.Stage)
	}
	for _, e := range r.Plan.Edges {
		if r.Plan.Stage(e.From) == nil || r.Plan.Stage(e.To) == nil {
			return o, errors.New("worker: an edge of the plan is of no stage")
		}
	}
	return door.Opening{Plan: r.Plan, Stage: r.Stage, Index: r.Index, Partitions: r.Partitions}, nil
}

// Send is door.Output's.
func (w *worker) Send(edge, to int, frame []byte) error {
	var head [8]byte
	binary.BigEndian.PutUint32(head[:], uint32(edge))
	binary.BigEndian.PutUint32(head[4:], uint32(to))
	return w.out.Write(Frame, head[:], frame)
}

// Advance is door.Ordered's.
func (w *worker) Advance(edge, to int, watermark int64) error {
	var b [16]byte
	binary.BigEndian.PutUint32(b[:], uint32(edge))
	binary.BigEndian.PutUint32(b[4:], uint32(to))
	binary.BigEndian.PutUint64(b[8:], uint64(watermark))
	return w.out.Write(Advance, b[:])
}

// listen reads messages until the input ends, which ends the instance.
func (w *worker) listen(got func(Message) error) {
	<-w.waits
	for {
		var room []byte
		select {
		case room = <-w.spare:
		default:
		}
		m, err := readInto(w.in, room)
		if err == nil {
			err = got(m)
		}
		if err == nil {
			continue
		}
		if err != io.EOF {
			w.failure = err
		}
		w.left.Store(true)
		close(w.messages)
		w.inst.Halt()
		return
	}
}

// because returns why the worker ends, which an error of the instance says unless it was let go of.
func (w *worker) because(err error) error {
	if w.left.Load() {
		return w.failure
	}
	return err
}

// take serves an instance that is fed by others.
func (w *worker) take() error {
	go w.listen(func(m Message) error {
		select {
		case w.messages <- m:
			return nil
		case <-w.done:
			return io.EOF
		}
	})
	for said := false; ; {
		if !said && w.inst.Ended() {
			said = true
			if err := w.out.Write(Ended); err != nil {
				return err
			}
		}
		m, what, err := w.next()
		switch {
		case err != nil:
		case what == nextOver:
			return w.failure
		case what == nextDue:
			err = w.inst.Tick()
		default:
			err = w.do(m)
		}
		if err != nil {
			return w.because(err)
		}
	}
}
