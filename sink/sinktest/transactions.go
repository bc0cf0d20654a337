package sinktest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/freshet-go/freshet/stream"
)

// transactions: what happens to a run, one letter a step. It begins with a
// process that knows of no checkpoint, and after the last step it is brought to
// its end: the other events, the end of time, a checkpoint, its commit.
//
//	w  some events are written
//	p  all writers prepare, and the checkpoint is given up
//	d  all writers prepare, and the checkpoint is durable
//	c  it is committed
//	k  the process is killed, and the next one begins with what is durable
var transactions = map[string]string{
	"nothing":                    "",
	"one":                        "wdc",
	"several":                    "wdcwdcwdc",
	"empty ones":                 "dcwdcdcdc",
	"commit again":               "wdccwdcc",
	"writes before commit":       "wdwwcwdwc",
	"killed before commit":       "wdkwdk",
	"killed behind commit":       "wdckwdck",
	"killed again and again":     "wdkkkwdckkkwkkk",
	"killed before prepare":      "wkwdcwk",
	"killed behind prepare":      "wpkwdcwpk",
	"given up":                   "wpwdcwpwpwdc",
	"given up, killed":           "wpwdkwpwpwdk",
	"nothing new, killed":        "wdcdcdckwdcpdck",
	"killed before it was asked": "kkwdc",
}

// randomTransaction makes up steps in an order in which Run may do them.
func randomTransaction(rnd *rand.Rand) string {
	var steps []byte
	durable := false // and not committed
	for range 5 + rnd.IntN(40) {
		step := "wwwpdddkc"[rnd.IntN(9)]
		if durable && (step == 'p' || step == 'd') || !durable && step == 'c' {
			continue
		}
		durable = step == 'd' || durable && step == 'w'
		steps = append(steps, step)
	}
	if durable {
		steps = append(steps, 'c')
	}
	return string(steps)
}

// transactional runs the tests of a TransactionalSink.
func (s Suite[T]) transactional(t *testing.T) {
	instances, seeds := [][]int{{1}, {3, 1, 2}}, uint64(12)
	if s.Slow {
		instances, seeds = instances[1:], 3
	}
	for name, steps := range transactions {
		for _, counts := range instances {
			s.test(t, fmt.Sprintf("transaction %s instances=%v", name, counts), func(t *testing.T) {
				s.transaction(t, steps, counts, 4)
			})
		}
	}
	s.test(t, "transactions at random", func(t *testing.T) {
		for seed := range seeds {
			rnd := rand.New(rand.NewPCG(seed, 0))
			counts := []int{1 + rnd.IntN(3), 1 + rnd.IntN(3), 1 + rnd.IntN(3)}
			s.transaction(t, randomTransaction(rnd), counts, 1+rnd.IntN(8))
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
	})
	s.test(t, "rewind", s.rewind)
}

// place returns a function that makes the sink of a new process.
func (s Suite[T]) place(t testing.TB) (open func() stream.TransactionalSink[T], reached func() []T) {
	if s.Place != nil {
		open, reached := s.Place(t)
		return func() stream.TransactionalSink[T] { return open().(stream.TransactionalSink[T]) }, reached
	}
	sink, reached := s.Sink(t)
	return func() stream.TransactionalSink[T] { return sink.(stream.TransactionalSink[T]) }, reached
}

// transaction takes the steps, with the events in so many parts, and checks
// after each that nobody sees what is not committed, and at the end that every
// event is there once.
func (s Suite[T]) transaction(t *testing.T, steps string, counts []int, parts int) {
	open, reached := s.place(t)
	h := history[T]{t: t, events: s.Events, open: open}
	defer h.close()
	h.begin(counts[0])
	for i, step := range steps {
		switch step {
		case 'w':
			h.write(len(s.Events) / parts)
		case 'p':
			h.prepare()
		case 'd':
			h.checkpoint()
		case 'c':
			h.commit()
		case 'k':
			counts = append(counts[1:], counts[0])
			h.begin(counts[0])
		}
		h.visible(reached())
		if t.Failed() {
			t.Fatalf("step %d of %s", i+1, steps)
		}
	}
	h.end()
	s.same(t, reached())
	h.begin(counts[0]) // a run after the end changes nothing
	s.same(t, reached())
	if t.Failed() {
		t.Fatalf("at the end of %s", steps)
	}
}

// rewind: a run does not begin with a checkpoint that is older than what can
// be seen.
func (s Suite[T]) rewind(t *testing.T) {
	open, reached := s.place(t)
	h := history[T]{t: t, events: s.Events, open: open}
	defer h.close()
	h.begin(2)
	h.write(len(s.Events) / 2)
	h.checkpoint()
	h.commit()
	first := h.durable
	h.end()
	for _, old := range []made{{}, first} {
		h.durable = old
		err := h.recover()
		if rewind, ok := errors.AsType[*stream.RewindError](err); !ok {
			t.Errorf("a run that begins with checkpoint %d where the results of a later one are: %v, want a RewindError", old.id, err)
		} else if rewind.Begins != old.id || rewind.Committed <= old.id {
			t.Errorf("a run that begins with checkpoint %d: %+v", old.id, *rewind)
		}
		s.same(t, reached())
	}
}
