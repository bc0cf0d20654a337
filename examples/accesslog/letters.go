package main

import (
	"context"
	"path/filepath"
	"slices"
	"sync"

	"github.com/freshet-go/freshet/stream"
)

// A letter says of a line that is no request where it stands and why.
type letter struct{ Position, Cause string }

// letterOf does without the line itself: there may be an address in it.
func letterOf(f stream.Failed[[]byte]) letter {
	return letter{filepath.Base(f.Position), f.Err.Error()}
}

// Letters are how many there are, and the first few.
type Letters struct {
	Count int64
	First []letter
}

// collect adds a letter, and emits what they are now.
func collect(c *stream.KeyContext[stream.NoKey, Letters, Letters], l letter) error {
	all := c.State()
	all.Count++
	if len(all.First) < 3 {
		all.First = append(slices.Clip(all.First), l)
	}
	c.Emit(*all)
	return nil
}

// deadLetters keep what the letters are now.
type deadLetters struct {
	open stream.View[stream.NoKey, Letters]

	mu  sync.Mutex
	now Letters
}

// read returns how many there are, and the first few.
func (d *deadLetters) read() (int64, []letter) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now.Count, slices.Clone(d.now.First)
}

func (d *deadLetters) keep(_ context.Context, e stream.Event[Letters]) error {
	d.put(e.Value)
	return nil
}

func (d *deadLetters) put(now Letters) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now.Count > d.now.Count {
		d.now = now
	}
}

// load takes those that a run has gone on with.
func (d *deadLetters) load(ctx context.Context) error {
	now, _, err := d.open.Get(ctx, stream.NoKey{})
	d.put(now)
	return err
}
