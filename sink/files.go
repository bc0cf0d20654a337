package sink

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/sink/internal/footed"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/window"
)

// Files writes the values into files in the directory dir, which is made if
// it is missing. Their names are name with its one "*" replaced, so that they
// sort by time, then by instance, then by age:
//
//	Files(dir, "orders-*.jsonl", f)                                 orders-000-06dr1n3ck0a7b2c9-000000.jsonl
//	Files(dir, "orders-*.jsonl.gz", f, RollEvery(24*time.Hour))     orders-20260131T000000Z-000-06dr1n3ck0a7b2c9-000000.jsonl.gz
//
// The time is that at which the file's interval begins, in UTC.
// In front of the number of the file is a token of the run that has begun it. So a name never comes
// again: whoever moves finished files elsewhere overwrites none.
//
// Files whose names end in ".gz" or ".zst" are compressed, the latter by package zstdfiles. Each has the
// format's header, if it has one. No file is without a row.
//
// A file that is being written is hidden: it has a dot in front of its name, and ".tmp" behind. It is finished when
// it is full, when the watermark has passed its interval, and when the events
// come to their end; it is synced and renamed then: under a final name there
// is never half a file, and never one overwritten.
//
// In a run without checkpoints every row arrives at least once. A flush syncs
// what has been written, in whole rows, and leaves the files open. What a run
// leaves behind as .tmp when it is killed or fails, the next one with the same
// dir and name completes: it keeps the whole rows, torn ones are dropped, and
// renames the file.
//
// In a run with [stream.Checkpoints] every row arrives exactly once. A finished
// file gets its name when the next checkpoint is durable; until then it is
// staged, as .tmp. Files are not finished by a checkpoint: it holds how much
// of them counts. A run that was stopped, failed or was killed leaves them behind,
// and the next one, as it begins, cuts them to what its checkpoint holds,
// renames them, and removes what belongs to no checkpoint. So rows can be seen
// once their file is finished and a checkpoint has come about after that, and
// those of a run that did not come to its end when the next one has begun.
//
// Which checkpoint has been renamed last is noted in a hidden file,
// ".orders-%2A.jsonl.checkpoint". A run that begins with an older one, or with
// none, would bring rows twice and is refused with a [*stream.RewindError].
// Who wants to begin anew removes the files and that one. One whose checkpoint
// holds that more had been renamed, since dir was emptied or put back from a copy, is refused with
// a [*stream.LostResultsError].
//
// Only one run at a time may use a dir and name. Finished files may be taken
// away at any time; hidden ones and those in progress have to stay. The directory
// is not made again by the same sink: one that has gone is an error.
//
// Each instance has files of its own. One that rolls by time has at most 64
// open, each with a buffer of 64 KiB and what its compression needs; where
// more intervals are being written, the earliest file is finished.
//
// Files have the mode 0600, and directories that are made 0700: results are for who runs the pipeline. FilesIn with
// [filesystem.Modes] sets others.
//
// Files panics if name has not exactly one "*" or leads out of dir, if it ends in ".zst"
// where the program does not import package zstdfiles, or, for a text, in ".bz2", ".xz" or the like, which nothing here
// writes; if dir is empty: the current directory is "."; and if format or an option is nil.
func Files[T any](dir, name string, format codec.Format[T], opts ...FilesOption) stream.Sink[T] {
	if dir == "" {
		panic(fmt.Sprintf(`sink: Files("", %q): the directory is empty: the current one is "."`, name))
	}
	return newFiles("Files", filesystem.Dir(dir), name, format, opts)
}

// FilesIn is [Files] in another file system: HDFS, a bucket, or whatever else keeps the
// contract of [filesystem.Writable]. [Files] is FilesIn of [filesystem.Dir]. All that
// is said there holds here.
//
// A call of the file system that fails ends the run, and the next one,
// as stream.Restarts begins it, does what is still to be done, also where a call had
// happened and its answer was lost. A file system that is no [filesystem.Truncater]
// has files that were in progress copied when a run begins.
//
// FilesIn panics if system is nil, and where Files does.
func FilesIn[T any](system filesystem.Writable, name string, format codec.Format[T], opts ...FilesOption) stream.Sink[T] {
	if system == nil {
		panic(fmt.Sprintf("sink: FilesIn(nil, %q): the file system is nil", name))
	}
	return newFiles("FilesIn", system, name, format, opts)
}

func newFiles[T any](call string, system filesystem.Writable, name string, format codec.Format[T], opts []FilesOption) stream.Sink[T] {
	if format == nil {
		panic(fmt.Sprintf("sink: %s(%q): the Format is nil", call, name))
	}
	s := newFileSet(call, system, name, codec.IsText(format), opts)
	s.records = recordsOf(format)
	s.footed, _ = format.(footed.Format)
	return &fileSink[T]{s, format}
}

// A FilesOption says when a file is finished and the next one begun.
type FilesOption func(*filesConfig)

type filesConfig struct {
	size    int64       // 0 for any
	rows    int64       // 0 for any
	windows window.Spec // that have files of their own; the global one if it is all of time
}

// rolls reports whether files roll by time.
func (c *filesConfig) rolls() bool { return c.windows.Kind() != window.KindGlobal }

// RollSize finishes a file that has reached so many bytes, as they are on
// disk. The last row may lie beyond, and so may what a compressor holds back,
// up to a few hundred KiB. By default a file may have any size. It panics if
// bytes is not positive.
func RollSize(bytes int64) FilesOption {
	if bytes <= 0 {
		panic(fmt.Sprintf("sink: RollSize(%d): want a positive number", bytes))
	}
	return func(c *filesConfig) { c.size = bytes }
}

// RollRows finishes a file that has so many rows. By default a file may have any number. It
// panics if n is not positive.
func RollRows(n int64) FilesOption {
	if n <= 0 {
		panic(fmt.Sprintf("sink: RollRows(%d): want a positive number", n))
	}
	return func(c *filesConfig) { c.rows = n }
}

// RollEvery gives each interval [k·d, (k+1)·d) of event time, counted from the
// Unix epoch, files of its own. They are finished when the watermark passes
// their end; events later than that come into a further file of the same
// interval. Events without event times are [stream.ErrNoTime], which the run ends with at the first of them: whether events have
// times is known when a source gives some. It panics if d is not positive.
func RollEvery(d time.Duration) FilesOption {
	if d <= 0 {
		panic(fmt.Sprintf("sink: RollEvery(%v): want a positive duration", d))
	}
	return func(c *filesConfig) { c.windows = window.Tumbling(d) }
}

// RollBy is RollEvery with the intervals of spec. With window.Calendar each day
// of a time zone has files of its own, each week, or each month; their names have
// the beginning of it, in UTC as ever. It panics unless spec is a Tumbling or a
// Calendar without a lateness and triggers: files have neither.
func RollBy(spec window.Spec) FilesOption {
	one := spec.Kind() == window.KindTumbling && spec.Size() > 0 || spec.Kind() == window.KindCalendar
	if !one || spec.Lateness() > 0 || !spec.Default() {
		panic(fmt.Sprintf("sink: RollBy(%v): want windows of kind tumbling or calendar, without lateness and triggers", spec))
	}
	return func(c *filesConfig) { c.windows = spec }
}
