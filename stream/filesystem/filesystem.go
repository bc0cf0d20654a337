package filesystem

import (
	"context"
	"io"
	"iter"
)

// A Readable is a directory, whose files and those below it can be read. Names
// are as [fs.ValidPath] has them: "2026/orders.jsonl", and "." for the directory
// itself.
type Readable interface {
	// String returns where the directory is, as messages show it:
	// "/var/lib/out", "hdfs://nn/out". It holds no password.
	String() string

	// List gives all that is in a directory, in any order, and may fetch it page
	// by page: there may be millions. It ends with the first error. What is made,
	// renamed or removed meanwhile may be in it or not.
	//
	// It should show what was there before it was called. A list that lags may
	// miss files, and may show some that have gone: a source does not
	// find them in this run, and what a sink leaves for the next
	// run to clear up waits for the one after.
	//
	// A directory that is not there is fs.ErrNotExist, or empty where
	// directories are but a part of names.
	List(ctx context.Context, dir string) iter.Seq2[Info, error]

	// Stat tells of one file or directory. It does not lag: it knows of each
	// call that has returned, to whichever process. It is fs.ErrNotExist if the
	// name is not there.
	Stat(ctx context.Context, name string) (Info, error)

	// Open reads a file from the byte at on, and tells of the very file that it
	// reads. Behind the end there is io.EOF. It gives all that was synced before,
	// also by a process that has died since. It is fs.ErrNotExist if the
	// name is not there.
	Open(ctx context.Context, name string, at int64) (io.ReadCloser, Info, error)
}

// An Info tells of a file or a directory.
type Info struct {
	Name string // its last element
	Dir  bool

	// Size is how many bytes there are, and at least what has been synced. Of a file that
	// is being written, List and Stat may tell of more than can be read; Open does not.
	Size int64

	// ID tells a file from others that have its name before or after it: the id of
	// HDFS, an ETag, an inode. It stays when the file is renamed, and when some
	// bytes are added. "" if it is not known; a source then goes by the size.
	ID string
}

// A Writable is a directory to which files can be written as well.
type Writable interface {
	Readable

	// Mkdir makes a directory, and those above it, up to that of the Writable
	// itself, unless they are there. They are durable when it returns. It has
	// nothing to do where directories are but a part of names. It may be called again
	// after an error.
	Mkdir(ctx context.Context, dir string) error

	// Create makes an empty file. It is fs.ErrExist if there is one. After another
	// error an empty file may be there, which no one is to write to.
	// The name is durable after a Sync of the directory.
	Create(ctx context.Context, name string) (File, error)

	// Put makes a file that holds data, a few bytes, or replaces the one that is
	// there: whoever reads sees all of the old or all of the new one. It is durable when
	// Put returns. After an error the file is either of them, whole, and Put may be called again.
	Put(ctx context.Context, name string, data []byte) error

	// Rename gives a file another name in the same directory. It happens whole or
	// not at all, in one step: for no one are both names there, or neither. Nothing
	// has happened if it is fs.ErrNotExist, as from is not there, or fs.ErrExist, as
	// to is, be it a file or a directory.
	//
	// After another error, and after a crash before the Sync of the directory that
	// follows, it has happened or not. Stat of from tells: it is there if Rename has
	// not happened, whatever has become of to since. An implementation that repeats
	// the call by itself, as no answer came, and finds to and no from, has been
	// successful: no name is given to two files.
	//
	// A file that is still being written is not renamed.
	Rename(ctx context.Context, from, to string) error

	// Remove removes a file. It is fs.ErrNotExist if it is not there. It may be
	// called again after an error.
	Remove(ctx context.Context, name string) error

	// Sync makes durable which names a directory has, by all calls that have
	// returned. It is an error if the directory has gone. It has nothing to do where calls are durable when they return.
	Sync(ctx context.Context, dir string) error
}

// A Truncater is a Writable that can cut files. A sink that goes on behind a
// checkpoint cuts what was written behind it. Without Truncate it copies what
// is to stay, which takes time and room. A directory has to be a Truncater in all runs of
// a sink or in none: where a run that cuts was killed in the midst of a commit, one that copies publishes what was
// written behind the checkpoint, too.
type Truncater interface {
	Writable

	// Truncate cuts a file, which no one writes to, to size bytes. It is durable when it
	// returns, and an error if the file has fewer. It may be called again after
	// an error.
	Truncate(ctx context.Context, name string, size int64) error
}

// A File is a file that has been created and is being written.
type File interface {
	// Write writes all of p behind what was written before. After an error the file
	// holds any part of p, and nothing but Close is called. It does not keep p.
	Write(ctx context.Context, p []byte) error

	// Sync makes durable all that has been written. From then on Open and Stat
	// know of it. After an error nothing but Close is called.
	Sync(ctx context.Context) error

	// Close frees what the file holds. It is called once. What was not synced may be there
	// or not. The file can be renamed, truncated and removed after it, also if
	// it has failed.
	Close(ctx context.Context) error
}

// A Flusher is a File that can show what has been written, while it goes on, to those who read files that are being written. Sinks need none:
// who reads their files reads finished ones. It is for who writes a log that others follow.
//
// A local directory, HDFS, and HDFS over HTTP have it. In HDFS it is hflush, which takes a twentieth of the time of a Sync, and
// those see it who ask DataNodes how long a file is, such as webhdfsfs.Unclosed and Hadoop's own client. Such a file has no hidden name: who opens one of
// those takes its writer for dead.
type Flusher interface {
	File

	// Flush returns when a reader who begins from then on sees all that has been written. It may be lost with a machine, and
	// Stat and List need not know of it. It may do as much as Sync. After an error nothing but Close is called.
	Flush(ctx context.Context) error
}
