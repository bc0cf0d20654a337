package parquetsource

import (
	"fmt"

	"github.com/freshet-go/freshet/source"
)

// An Option says how files are read.
type Option func(*config)

type config struct {
	splitSize     int64
	maxPage       int64
	openParts     int
	inOrder       bool
	allowMissing  bool
	allowReplaced bool
	corrupt       func(*source.ReadError) error // nil: it ends the run
	conditions    []condition
}

// SplitSize sets how many bytes, as they are in the file, the row groups of a partition have together at least. The default is
// 64 MiB. A row group is never cut. It panics if bytes is not positive.
func SplitSize(bytes int64) Option {
	if bytes <= 0 {
		panic(fmt.Sprintf("parquetsource: SplitSize(%d): want a positive number", bytes))
	}
	return func(c *config) { c.splitSize = bytes }
}

// MaxPage sets how large a page may be, or a footer, as its header claims it: in bytes, compressed or not, and 8 bytes for each value. The default is 256
// MiB. A larger one is taken for damage, before memory is allocated for it. It panics if bytes is not positive.
func MaxPage(bytes int64) Option {
	if bytes <= 0 {
		panic(fmt.Sprintf("parquetsource: MaxPage(%d): want a positive number", bytes))
	}
	return func(c *config) { c.maxPage = bytes }
}

// OpenParts sets how many partitions of the source are open at once at most. The default is 64. Where there are more, one that is not
// read at the moment is closed, and opened again where it was, for which its row group is decoded from
// the beginning. A run with more shards than n has as many open as there are shards. It panics if n is not positive.
func OpenParts(n int) Option {
	if n <= 0 {
		panic(fmt.Sprintf("parquetsource: OpenParts(%d): want a positive number", n))
	}
	return func(c *config) { c.openParts = n }
}

// InOrder reads one file after the other, in the order of their names, as one partition. It is for files whose
// times ascend with their names, such as one a day: one file is open at a time, and the watermark follows it.
//
// A run goes on in the file that it had come to; files that have appeared since with a lesser name are not read.
func InOrder() Option { return func(c *config) { c.inOrder = true } }

// AllowMissing accepts that no file matches, and that a file which an earlier run had begun is gone when a run goes
// on. Without it, these are errors, which wrap [fs.ErrNotExist].
func AllowMissing() Option { return func(c *config) { c.allowMissing = true } }

// AllowReplaced accepts that a file which an earlier run had begun has been replaced by another of its
// name, and reads that one from its beginning; the log says so. Without it, such a file is an error, which wraps
// [source.ErrReplaced].
func AllowReplaced() Option { return func(c *config) { c.allowReplaced = true } }

// SkipCorrupt has tell called for what cannot be read because it is damaged: a file whose footer is, whose Offset is then "footer", or a row group, "row group 3 row
// 1200". If tell returns nil, the rest of it is passed over, and the log says so; an error of tell's ends the run. Rows of a row group
// that stand before the damage have been handed on. Without it damage ends the run.
//
// A disk or a network that fails is no damage, nor is a column of another type. Tell may be called by several goroutines. It panics if
// tell is nil.
func SkipCorrupt(tell func(*source.ReadError) error) Option {
	if tell == nil {
		panic("parquetsource: SkipCorrupt(nil): want a function")
	}
	return func(c *config) { c.corrupt = tell }
}
