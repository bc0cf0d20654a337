// Package filesystem is what [source.FilesIn] and [sink.FilesIn] ask of a place
// that holds files: a directory of a disk, of HDFS, a bucket. It is for who
// connects another one; who has a local directory calls [source.Files] and
// [sink.Files], or [Dir].
//
// A [Readable] lists, tells sizes and reads from an offset on. A [Writable] also
// makes files, of which nobody sees half a one:
//
//  1. Create makes a file under a hidden name, Write and Sync fill it. What was
//     synced outlives the process and the machine.
//  2. Rename gives it another name, at once, whole, and never over a file.
//  3. Put replaces a small file, which notes how far the sink has come.
//
// There is no append: a file is written by who has created it. Nor are there
// links, locks, times or owners.
//
// # Errors
//
// Each error is or wraps a [*fs.PathError], which says what was tried, with
// what, and why it failed. Three causes are answers, on which callers act:
// [fs.ErrNotExist], [fs.ErrExist] and [errors.ErrUnsupported]. They are given
// only where they are known for certain. That a server is not reached, or that
// the directory itself has gone, is no fs.ErrNotExist: a sink would take its
// files for delivered.
//
// All else ends the run. Whether it passes is not asked for: the next run, which
// stream.Restarts begins, does whatever is still to be done. So an implementation
// repeats by itself what is likely to pass, as long as ctx has not ended.
//
// After any other error nobody knows whether the call has happened, as an answer
// may be lost on its way. Each method says what its caller may then do.
//
// # Calls at once
//
// All methods of a Readable and of a Writable may be called by several
// goroutines at once. Only one run writes to a directory, but others may read
// from it, and may rename or remove what has a final name. A [File] and what
// Open returns belong to one goroutine each.
//
// # Contexts
//
// A call that goes over a network returns soon after its ctx has ended, with
// ctx's error. It may have happened. What Open returns reads with the ctx of
// Open.
//
// # HDFS and object stores
//
// HDFS has all of this, by its own protocol in package [hdfsfs] and over HTTP in [webhdfsfs]: Sync closes the
// file, and what is written next is appended; Rename is the one that does not overwrite; Open of a hidden file, Rename and
// Truncate first recover the lease that a writer who died holds; Sync of a directory has nothing to do.
//
// An object store has no rename. It keeps a file that is being written as a list
// of parts, each durable once it is sent, and a small object that names them: Sync
// writes that one. Rename first notes, durably, the upload by which it makes the
// final object of the parts, then completes that upload on the condition
// that the target is not there, then removes the note and the file. Who finds such a
// note completes or confirms that same upload, and makes no new one: Rename
// must not bring a file that has come and been taken away a second time.
//
// The package [filesystemtest] checks each sentence of this contract.
//
// [source.Files]: https://pkg.go.dev/github.com/freshet-go/freshet/source#Files
// [source.FilesIn]: https://pkg.go.dev/github.com/freshet-go/freshet/source#FilesIn
// [sink.Files]: https://pkg.go.dev/github.com/freshet-go/freshet/sink#Files
// [sink.FilesIn]: https://pkg.go.dev/github.com/freshet-go/freshet/sink#FilesIn
// [hdfsfs]: https://pkg.go.dev/github.com/freshet-go/freshet/stream/filesystem/hdfsfs
// [webhdfsfs]: https://pkg.go.dev/github.com/freshet-go/freshet/stream/filesystem/webhdfsfs
// [filesystemtest]: https://pkg.go.dev/github.com/freshet-go/freshet/stream/filesystem/filesystemtest
package filesystem
