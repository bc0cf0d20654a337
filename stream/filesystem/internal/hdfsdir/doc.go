// Package hdfsdir is what a directory of HDFS does whichever way its calls go: by the NameNode's own protocol,
// package hdfsfs, or over HTTP, package webhdfsfs. Both give it their [Calls], and it keeps the contract of
// package filesystem with them: it repeats what is likely to pass, finds out what has become of a call whose answer
// was lost, and says of nothing that it is not there unless that is certain.
package hdfsdir

import (
	"context"
	"io"
	"time"

	"github.com/freshet-go/freshet/stream/filesystem"
)

// Calls are those that HDFS answers. Paths are absolute. An error is an [*Answer], if HDFS has answered by one, a
// [*Unreached], if the call has not happened, or else the call may have happened. Each call may be made by several
// goroutines at once.
type Calls interface {
	Stat(ctx context.Context, path string) (filesystem.Info, error)
	List(ctx context.Context, dir, after string, yield func(filesystem.Info) bool) error // ascending, behind a name
	Mkdir(ctx context.Context, dir string) error
	Create(ctx context.Context, path string) error // an empty file, whose directory is there
	Rename(ctx context.Context, from, to string, overwrite bool) error
	Overwrites() bool // whether Rename can do that
	Remove(ctx context.Context, path string) error

	// Open reads from a byte on. Behind the end there is io.EOF.
	Open(ctx context.Context, path string, at int64, info filesystem.Info) (io.ReadCloser, error)

	// Append writes behind the end of a file.
	Append(ctx context.Context, path string) (Segment, error)

	// Recover has the lease of a writer that has died end, and reports whether the file is closed. A way that has
	// no such call returns true, and other calls wait until the lease has run out.
	Recover(ctx context.Context, path string) (closed bool, err error)

	// Fences reports whether nothing comes of an aborted Segment behind a Recover by which the file is closed.
	Fences() bool

	// Truncate reports whether the file is cut; if not, it will be.
	Truncate(ctx context.Context, path string, size int64) (done bool, err error)
}

// A Segment is what is written to a file between two Syncs.
type Segment interface {
	Write(ctx context.Context, p []byte) error
	Close(ctx context.Context) error // writes it to its end, and closes the file
	Abort()                          // frees what it holds; the file may stay open for its writer
}

// A Flusher is a Segment that can show readers what was written to it without an end. An error that is errors.ErrUnsupported has done nothing.
type Flusher interface {
	Flush(ctx context.Context) error
}

// A Dir is a directory of HDFS.
type Dir struct {
	calls    Calls
	url      string // as messages show it
	path     string // in HDFS, clean
	patience time.Duration
}

// New returns the directory of that path. It makes no call. Patience is how long what is likely to pass is repeated.
func New(calls Calls, url, path string, patience time.Duration) *Dir {
	return &Dir{calls, url, path, patience}
}

// String returns the directory's address.
func (d *Dir) String() string { return d.url }
