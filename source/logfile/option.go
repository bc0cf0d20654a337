package logfile

import (
	"fmt"
	"time"
)

// An Option says how logs are followed.
type Option func(*config)

type config struct {
	poll       time.Duration
	rotateWait time.Duration
	lateFor    time.Duration
	flushAfter time.Duration
	openFiles  int
	maxLine    int
	fromEnd    bool
	rotated    func(path string) []string
	fileTime   func(time.Time) time.Time // for tests that turn the clock: when the file system's time was, by theirs
}

func positive(option string, d time.Duration) {
	if d <= 0 {
		panic(fmt.Sprintf("logfile: %s(%v): want a positive duration", option, d))
	}
}

// Poll sets how often the run looks whether logs have grown, been rotated, appeared or
// gone. The default is 250ms. Where the system tells of changes, the run looks
// at once; it does not rely on that. Looking takes a tenth of one processor's time at most: with very
// many files it comes less often. Poll panics if d is not positive.
func Poll(d time.Duration) Option {
	positive("Poll", d)
	return func(c *config) { c.poll = d }
}

// RotateWait sets for how long a file that was renamed, and that was the log until then, has to be left
// alone before the next file is begun with. The default is 2s. Writers go on with
// the file that they have open until they are told: nginx by USR1, others by HUP. What is written to it
// later than that, once the next file has been begun with, is read with the option [Late], and otherwise not: a warning says
// how much that is, as long as the run goes on and the file keeps its name.
//
// It is also how long a log has to be gone, with its rotated files, to be forgotten; and
// for how long a compressed file that is cut short may still be being
// written. RotateWait panics if d is not positive.
func RotateWait(d time.Duration) Option {
	positive("RotateWait", d)
	return func(c *config) { c.rotateWait = d }
}

// Late has lines be read that are written to a rotated file after the next one was begun with, until nothing has come
// to it for d. A web server that is restarted gracefully has its old processes log their last requests so,
// when they end. The lines come when they are written, behind those of the next file that have been given by
// then: so they are late by event time, and [stream.Disorder] or a window's allowed lateness has to
// make room for them. A run that goes on from a checkpoint reads what has come since. While the file cannot be
// read it is tried again, at the next poll and then up to ten seconds apart, which is logged once a minute, and the lines of the next file come meanwhile; if the log is rotated again
// by then, [RotateWait] is how long it is tried still, and what is lost is logged.
//
// It is for the file that was rotated last, as long as it is neither compressed nor removed, and for formats
// whose records are lines ([codec.Splittable]): with others Follow panics. An unfinished last line was a
// record when the next file was begun with, and what comes to it later is another. Late panics if d is not positive.
func Late(d time.Duration) Option {
	positive("Late", d)
	return func(c *config) { c.lateFor = d }
}

// FlushAfter sets when a record that only the next one would end, such as the last of
// [codec.Multiline], is given: when it ends with a line, is one by itself, and nothing has been
// added to it for so long. The default is 5s. Lines that come to it later are records of their own,
// or rejected as none. It does not concern formats whose records are lines, and a line without its
// line end always waits. FlushAfter panics if d is not positive.
func FlushAfter(d time.Duration) Option {
	positive("FlushAfter", d)
	return func(c *config) { c.flushAfter = d }
}

// OpenFiles sets how many files of the source are open at once at most. The default is 128. Where
// there are more logs, files that have been read to their ends are closed first, and opened again
// when they have grown. A file that was removed or renamed, and is not read to its end, is not
// closed; so there may be more for a while. A buffer of 128 KiB comes with each.
//
// Where the system allows fewer, the run makes do with those, and keeps some free. OpenFiles panics if n
// is not positive.
func OpenFiles(n int) Option {
	if n <= 0 {
		panic(fmt.Sprintf("logfile: OpenFiles(%d): want a positive number", n))
	}
	return func(c *config) { c.openFiles = n }
}

// MaxLine sets how many bytes a record may have. The default is 1 MiB. A longer
// one is rejected with [ErrTooLong] and its first KiB, and takes no more memory than
// this. In a format that is neither [codec.Textual] nor UTF-16 ([codec.Resyncer]) its end cannot be found, so there it ends the
// run. MaxLine panics if n is not positive.
func MaxLine(n int) Option {
	if n <= 0 {
		panic(fmt.Sprintf("logfile: MaxLine(%d): want a positive number", n))
	}
	return func(c *config) { c.maxLine = n }
}

// FromEnd makes a run that begins without a checkpoint pass over what is there: it reads the
// logs that exist then from behind their last line ends, and not their rotated files.
// Logs that appear later are read from their beginnings, and a run that goes on from a checkpoint
// reads all that has come since. The rest of a record of several lines that was begun before is passed over, too,
// and so is a first record of a format like CSV that cannot be decoded: it may be such a rest. The log says so.
//
// Without it a log is read from the beginning of its oldest file that is still there.
func FromEnd() Option { return func(c *config) { c.fromEnd = true } }

// Rotated sets how the rotated files of a log are named: files returns patterns of paths, as
// [filepath.Match] has them, for the path of a log. It is for those that stand elsewhere or have
// names of their own:
//
//	logfile.Rotated(func(path string) []string {
//		return []string{filepath.Join("/var/log/old", filepath.Base(path)+".*")}
//	})
//
// The default are the names that logrotate and its like give, in the directory of the log, for
// "access.log":
//
//	access.log.1  access.1.log  access.log-20261128  access-20261128.log  access-2026-11-28T10-00-00.000.log  access.2026-11-28.3.log
//
// each of them with ".gz" or ".zst" behind it, too. A number without a date stands behind a dot:
// worker-2.log is another log than worker.log.
//
// Files that are compressed otherwise (.bz2, .xz) are not read.
//
// They are in order by their dates if these begin with the year or count from 1970, or by their numbers (which ascend with age, unless the times of
// three files or more all say otherwise), and where not all names have the same, by when they were
// last written to.
//
// Any number of goroutines may call files at once. Rotated panics if it is nil.
func Rotated(files func(path string) []string) Option {
	if files == nil {
		panic("logfile: Rotated(nil)")
	}
	return func(c *config) { c.rotated = files }
}
