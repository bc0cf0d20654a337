package main

import (
	"context"
	"path/filepath"

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
	count int64
	first []letter
}

func (d *deadLetters) add(_ context.Context, e stream.Event[letter]) error {
	d.count++
	if len(d.first) < 3 {
		d.first = append(d.first, e.Value)
	}
	return nil
}
