package source

import "fmt"

// A FilesOption says how files are read.
type FilesOption func(*filesConfig)

type filesConfig struct {
	splitSize     int64
	splits        bool // SplitSize was given
	maxRecord     int
	openFiles     int
	opens         bool // OpenFiles was given
	inOrder       bool
	growing       bool
	allowMissing  bool
	allowReplaced bool
}

// SplitSize sets above how many bytes a file is split, and the size of the
// parts. They are smaller, down to 1 MiB, where each of the run's shards has as much to read
// then. The default is 64 MiB. It panics if bytes is not positive; with [InOrder], and for a format
// that is not [codec.Splittable], it means nothing, and Files panics.
func SplitSize(bytes int64) FilesOption {
	if bytes <= 0 {
		panic(fmt.Sprintf("source: SplitSize(%d): want a positive number", bytes))
	}
	return func(c *filesConfig) { c.splitSize, c.splits = bytes, true }
}

// MaxRecord sets how many bytes a record may have. The default is 16 MiB. A
// longer one is rejected with [ErrTooLong] and its first KiB, and takes no
// more memory than this. In a format that is not [codec.Splittable] nor
// [codec.Textual] its end cannot be found, so there it is a [*ReadError]; in CSV
// a row that has grown so long over several lines, as its quote is not closed,
// is rejected with the lines down to that of the quote. It panics if bytes is
// not positive.
func MaxRecord(bytes int) FilesOption {
	if bytes <= 0 {
		panic(fmt.Sprintf("source: MaxRecord(%d): want a positive number", bytes))
	}
	return func(c *filesConfig) { c.maxRecord = bytes }
}

// OpenFiles sets how many files of the source are open at once at most. The
// default is 128. Where there are more, one that is not read at the moment is
// closed, and opened again where it was; that is cheap, unless it can neither
// seek nor read at an offset, when it is read again from its start. A run with
// more shards than n has as many open as there are shards. It panics if n is
// not positive. With [InOrder], which has one file open, it means nothing, and Files panics.
func OpenFiles(n int) FilesOption {
	if n <= 0 {
		panic(fmt.Sprintf("source: OpenFiles(%d): want a positive number", n))
	}
	return func(c *filesConfig) { c.openFiles, c.opens = n, true }
}

// InOrder reads one file after the other, in the order of their names, as one
// partition. It is for files whose times ascend with their names, such as a
// log that is rotated daily: one file is open at a time, and the watermark
// follows it.
//
// Without it the watermark is that of the slowest of all files. Where
// each covers a day of its own, the partition furthest behind is always the same file and nothing
// is read in parallel, though all are begun.
//
// A run goes on in the file that it had come to; files that have appeared
// since with a lesser name are not read, nor what was added to one that was read to its end before another was begun.
func InOrder() FilesOption { return func(c *filesConfig) { c.inOrder = true } }

// Growing says that files may be written to while, or after, they are read: a
// record at the end of a file that has no end yet, a line without its line end,
// is no event. A later run that goes on there reads it once it is whole, and
// what follows it. Until then the log says how much waits. With [InOrder] this
// holds for the last file.
//
// It is for runs with checkpoints that come again and again. A run ends where
// its files end; it does not wait for more. A compressed file has to be whole.
func Growing() FilesOption { return func(c *filesConfig) { c.growing = true } }

// refused returns what was given that means nothing with the rest, or "".
func (c *filesConfig) refused(splittable bool) string {
	switch {
	case c.inOrder && c.splits:
		return "InOrder reads one file after the other, and SplitSize means nothing"
	case c.inOrder && c.opens:
		return "InOrder has one file open, and OpenFiles means nothing"
	case c.splits && !splittable:
		return "no record of the format can be found from the middle of a file, and SplitSize means nothing"
	}
	return ""
}

// AllowMissing accepts that no file matches, that a file which an earlier run
// had begun is gone when a run goes on, and that a file is gone before it is
// opened. Without it, these are errors, which wrap [fs.ErrNotExist].
func AllowMissing() FilesOption { return func(c *filesConfig) { c.allowMissing = true } }

// AllowReplaced accepts that a file which an earlier run had begun has been
// replaced by another of its name, or was cut short, and reads that one from its
// beginning; the log says so. It is for files that are rotated or written anew
// under one name. What the old file held beyond the earlier run's place is not
// read. Events that are earlier than what was read under this name before are
// late, as in any partition. Without it, such a file is an error, which wraps
// [ErrReplaced].
func AllowReplaced() FilesOption { return func(c *filesConfig) { c.allowReplaced = true } }
