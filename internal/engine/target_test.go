package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// A target is where a transactional sink shows its rows.
type target struct {
	mu     sync.Mutex
	shown  map[int64][]int // by checkpoint
	newest int64
	calls  []string         // of its methods, in their order
	fails  map[string]error // what they return
	marker string

	refuses func() // is called when rows are refused, if it is set
}

func newTarget() *target { return &target{shown: map[int64][]int{}, fails: map[string]error{}} }

// rows are all that is shown, ascending.
func (p *target) rows() (all []int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, rows := range p.shown {
		all = append(all, rows...)
	}
	slices.Sort(all)
	return all
}

// called returns the calls since the last time.
func (p *target) called() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	calls := p.calls
	p.calls = nil
	return calls
}

func (p *target) failing(call string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fails[call] = err
}

// failure is what a call fails with that is not one of the target's own.
func (p *target) failure(call string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fails[call]
}

func (p *target) call(name string, id int64) error {
	p.calls = append(p.calls, fmt.Sprintf("%s %d", name, id))
	return p.fails[name]
}

// Commit shows rows: those that it has shown before, once.
func (p *target) Commit(_ context.Context, id int64, prepared [][]byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.call("commit", id); err != nil {
		return err
	}
	return p.show(id, prepared, func(int) bool { return true })
}

func (p *target) show(id int64, prepared [][]byte, keep func(int) bool) error {
	var all []int
	for _, data := range prepared {
		var rows []int
		if err := json.Unmarshal(data, &rows); err != nil {
			return err
		}
		all = append(all, slices.DeleteFunc(rows, func(n int) bool { return !keep(n) })...)
	}
	p.shown[id], p.newest = all, max(p.newest, id)
	return nil
}

func (p *target) Committed(context.Context) (int64, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.newest, p.call("committed", p.newest)
}

func (p *target) Abort(_ context.Context, id int64) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.call("abort", id)
}

func (p *target) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.call("close", p.newest)
}

func (p *target) Marker() string { return p.marker }

// A picky target refuses odd numbers, one by one, as long as it is.
type picky struct{ *target }

var errOdd = errors.New("it is odd")

func (p picky) Skip(_ context.Context, id int64, prepared [][]byte) (refused []Refusal, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.call("skip", id); err != nil {
		return nil, err
	}
	err = p.show(id, prepared, func(n int) bool {
		if n%2 == 1 {
			refused = append(refused, Refusal{Value: n, Row: fmt.Appendf(nil, "[%d]", n), Err: errOdd})
		}
		return n%2 == 0
	})
	if len(refused) > 0 && p.refuses != nil {
		p.refuses()
		p.refuses = nil
	}
	return refused, err
}

// A writer prepares the rows of a task.
type writer struct {
	op      *Instance
	target  *target
	rows    []int
	refused func([]Refusal)
	end     func(Control)
}

func (w *writer) push(b *ints) error {
	w.op.In(len(b.all))
	w.rows = append(w.rows, b.all...)
	return nil
}

func (w *writer) Prepare(context.Context) ([]byte, error) {
	if err := w.target.failure("prepare"); err != nil || len(w.rows) == 0 {
		return nil, err
	}
	rows := w.rows
	w.rows = nil
	return json.Marshal(rows)
}

func (w *writer) Control(c Control) error {
	w.refused(w.op.Refusals()) // in front of a barrier: they are in what its checkpoint holds
	if c.Kind == Watermark {
		w.op.Advance(c.Watermark)
	}
	w.end(c)
	return nil
}

// sums are what the numbers of each key add up to.
func sums(all []int) map[int]int {
	by := map[int]int{}
	for _, n := range all {
		by[keyOf(n)] += n
	}
	return by
}

// merged are the sums of several tasks, of which each has keys of its own.
func merged(parts ...map[int]int) map[int]int {
	all := map[int]int{}
	for _, p := range parts {
		maps.Copy(all, p)
	}
	return all
}
