// Package compression is where files are told how to be compressed by a library that not
// every program should have to link. A package that brings one registers it when a
// program imports it, as drivers of database/sql do.
package compression

import (
	"errors"
	"io"
	"sync/atomic"
)

// A Writer compresses.
type Writer interface {
	io.Writer
	Flush() error // what was written can be decompressed from what is below
	Close() error
}

// A Library compresses and decompresses.
type Library struct {
	// NewReader returns a reader, and what frees its memory.
	NewReader func(r io.Reader) (io.Reader, func(), error)
	NewWriter func(w io.Writer) Writer
	Mismatch  error // what a reader says of data that are not compressed so
}

var zstd atomic.Pointer[Library]

// RegisterZstd has l be what zstd is read and written by.
func RegisterZstd(l Library) { zstd.Store(&l) }

// Zstd returns what zstd is read and written by, or ErrNoZstd.
func Zstd() (*Library, error) {
	if l := zstd.Load(); l != nil {
		return l, nil
	}
	return nil, ErrNoZstd
}

// ErrNoZstd says what a program has to import.
var ErrNoZstd = errors.New(`it is compressed by zstd, for which the program has to import _ "github.com/freshet-go/freshet/stream/filesystem/zstdfiles"`)
