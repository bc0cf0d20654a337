package main

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"

	"github.com/freshet-go/freshet/stream"
)

// A letter says of a record that could not be used where it stood and why.
type letter struct{ Position, Cause string }

// letterOf keeps what a reader has to know: the file's name, but not where it is.
func letterOf[T any](f stream.Failed[T]) letter {
	return letter{filepath.Base(f.Position), f.Err.Error()}
}

// deadLetters counts letters and keeps the first few by position.
type deadLetters struct {
	count int64
	first []letter
}

const lettersKept = 5

// byPosition compares letters: line 9 comes before line 10.
func byPosition(a, b letter) int {
	return cmp.Or(cmp.Compare(len(a.Position), len(b.Position)), cmp.Compare(a.Position, b.Position))
}

func (d *deadLetters) add(_ context.Context, e stream.Event[letter]) error {
	d.count++
	i, _ := slices.BinarySearchFunc(d.first, e.Value, byPosition)
	d.first = slices.Insert(d.first, i, e.Value)
	d.first = d.first[:min(len(d.first), lettersKept)]
	return nil
}
