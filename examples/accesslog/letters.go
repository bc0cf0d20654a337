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

// deadLetters counts letters and keeps the first few.
type deadLetters struct {
	mu    sync.Mutex
	count int64
	first []letter
}

// read returns how many there are, and the first few.
func (d *deadLetters) read() (int64, []letter) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.count, slices.Clone(d.first)
}

func (d *deadLetters) add(_ context.Context, e stream.Event[letter]) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.count++
	if len(d.first) < 3 {
		d.first = append(d.first, e.Value)
	}
	return nil
}
