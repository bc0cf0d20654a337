package sinktest

import (
	"log/slog"
	"slices"
	"testing"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A history is what becomes of a sink over several runs.
type history[T any] struct {
	t      *testing.T
	events []stream.Event[T]
	open   func() stream.TransactionalSink[T]

	id      int64 // of the last checkpoint that was begun
	durable made  // the last that came about

	// Of the process that is alive.
	committer stream.Committer
	writers   []stream.Writer[T]
	at        int // how many events have been written
	prepared  [][]byte

	closers []func() error
}

// A made is a checkpoint that is durable.
type made struct {
	id       int64
	at       int // how many events were written before
	prepared [][]byte
}

// context is what an instance is opened with.
func (h *history[T]) context(instance, count int) *stream.SinkContext {
	return &stream.SinkContext{
		Context: h.t.Context(), Pipeline: "history", Name: "suite", Instance: instance, Count: count,
		Logger: slog.New(slog.DiscardHandler), Transactional: true, Checkpoint: func() {},
	}
}

// begin starts a process. The one before is not closed, as if it was killed.
func (h *history[T]) begin(count int) {
	h.t.Helper()
	h.ok("begin", h.recover())
	h.writers = nil
	sink := h.open()
	for i := range count {
		w, err := sink.Open(h.context(i, count))
		h.ok("open", err)
		h.closers = append(h.closers, w.Close)
		h.writers = append(h.writers, w)
	}
}

// recover commits what is durable and aborts the rest.
func (h *history[T]) recover() (err error) {
	h.at, h.prepared = h.durable.at, nil
	if h.committer, err = h.open().OpenCommitter(h.context(0, 0)); err != nil {
		return err
	}
	h.closers = append(h.closers, h.committer.Close)
	committed, err := h.committer.Committed(h.t.Context())
	if err != nil {
		return err
	}
	if committed > h.durable.id {
		return &stream.RewindError{Begins: h.durable.id, Committed: committed}
	}
	if len(h.durable.prepared) > 0 {
		if err := h.committer.Commit(h.t.Context(), h.durable.id, h.durable.prepared); err != nil {
			return err
		}
	}
	return h.committer.Abort(h.t.Context(), h.durable.id)
}

// write writes up to n events in batches of 5, and tells of the time.
func (h *history[T]) write(n int) {
	h.t.Helper()
	events := h.events[h.at:min(h.at+n, len(h.events))]
	h.at += len(events)
	for k := 0; len(events) > 0; k++ {
		n := min(5, len(events))
		b := stream.NewIntake[T](n)
		for _, e := range events[:n] {
			b.AppendAt(e.Value, e.Time)
		}
		w := h.writers[k%len(h.writers)]
		h.ok("write", w.Write(h.t.Context(), b.Batch()))
		overwrite(b)
		if k%3 == 2 {
			h.advance(events[0].Time)
		}
		events = events[n:]
	}
}

func (h *history[T]) advance(wm stream.Time) {
	h.t.Helper()
	for _, w := range h.writers {
		if a, ok := w.(stream.WatermarkWriter); ok {
			h.ok("advance", a.Advance(h.t.Context(), wm))
		}
	}
}

// prepare has all writers prepare.
func (h *history[T]) prepare() {
	h.t.Helper()
	h.id++
	for _, w := range h.writers {
		h.ok("flush", w.Flush(h.t.Context()))
		data, err := w.(stream.Preparer).Prepare(h.t.Context())
		h.ok("prepare", err)
		if data != nil {
			h.prepared = append(h.prepared, slices.Clone(data))
		}
	}
}

func (h *history[T]) checkpoint() {
	h.t.Helper()
	h.prepare()
	slices.Reverse(h.prepared) // it is in no order
	h.durable = made{h.id, h.at, h.prepared}
	h.prepared = nil
}

func (h *history[T]) commit() {
	h.t.Helper()
	if len(h.durable.prepared) > 0 {
		h.ok("commit", h.committer.Commit(h.t.Context(), h.durable.id, h.durable.prepared))
	}
}

// end brings the run to its end.
func (h *history[T]) end() {
	h.t.Helper()
	h.write(len(h.events))
	h.advance(window.MaxTime)
	h.checkpoint()
	h.commit()
	for _, w := range h.writers {
		h.ok("close", w.Close())
	}
	h.ok("close", h.committer.Close())
	h.closers = h.closers[:len(h.closers)-len(h.writers)-1]
}

// visible checks that what can be seen belongs to a durable checkpoint.
func (h *history[T]) visible(got []T) {
	h.t.Helper()
	may := make(map[string]bool)
	for _, e := range h.events[:h.durable.at] {
		may[text(e.Value)] = true
	}
	for _, v := range got {
		if !may[text(v)] {
			h.t.Errorf("%+v can be seen twice or before it is committed", v)
		}
		delete(may, text(v))
	}
}

// close frees what killed processes have held.
func (h *history[T]) close() {
	for _, f := range h.closers {
		_ = f() // nothing hangs on it any more
	}
}

func (h *history[T]) ok(what string, err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatalf("%s: %v", what, err)
	}
}
