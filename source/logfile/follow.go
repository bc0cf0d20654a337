package logfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/internal/glob"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// ErrTooLong is the cause of the rejection of a record that is longer than
// [MaxLine] allows. It is [source.ErrTooLong].
var ErrTooLong = source.ErrTooLong

// Follow gives the records of all logs whose paths match pattern, and goes on with what is written to
// them until the run is stopped. Pattern is a path, or a glob as [path.Match] has
// it, in which an element "**" stands for any number of directories, none
// included: "/var/log/**/*.log" matches at any depth, and does not follow links to
// directories.
//
// Each log is a partition, called by its path; one that is not UTF-8 is in quotes. A log is all
// files that have come to have its path: those that it has been rotated to, see [Rotated], and the
// one that has it now. They are read in that order, each line once, however they are rotated:
// renamed, copied and truncated, compressed (.gz; .zst in a program that imports package zstdfiles) or removed. A file that matches pattern and
// is the rotated one of another log is no log of its own. One that another log was renamed to, by whatever name, goes on where that has
// ended. Where a link and the file it leads to match, or several names of one file, one of them is read. Files that are compressed otherwise (.xz, .bz2)
// are left alone, which is logged, unless the pattern ends so.
//
// A record that cannot be decoded is rejected, and the next one is read; its place reads
// "access.log line 3 byte 120", or, for events that an operator fails on, "access.log byte 120":
// bytes and lines are those of the file that had the name then. A byte order mark at the start of a
// text is passed over, and so are NULs, which a writer leaves there that did not open the file for appending when it was truncated. Formats with headers have one in each file.
//
// A last line without a line end waits, and is a record once its file has been rotated
// and the next one is there. See [FlushAfter] for records of several lines.
//
// The offset of a partition says which file is read, by its inode and its first KiB, and the byte
// behind the last record. A run that goes on from there finds that file again,
// also where it has been renamed or compressed since, reads the rest of it, and then
// those that have come after it. If it is gone, the log says so, and the run goes on with the next.
//
// There need not be any log when the run begins, nor a directory: those that appear
// are followed. A log is forgotten when it is gone together with all of its
// rotated files. What cannot be read, as it is not permitted, is tried again, and logged
// once.
//
// Follow panics if pattern is empty or malformed, if format or an option is nil, and if [Late] does not go with the format.
func Follow[T any](pattern string, format codec.Format[T], opts ...Option) stream.Source[T] {
	if format == nil {
		panic(fmt.Sprintf("logfile: Follow(%q): the format is nil", pattern))
	}
	f := &follow[T]{pattern: pattern, format: format, config: config{
		poll: 250 * time.Millisecond, rotateWait: 2 * time.Second, flushAfter: 5 * time.Second,
		openFiles: 128, maxLine: 1 << 20,
	}}
	f.dir, f.glob = parted(pattern)
	if f.glob == "" {
		panic(fmt.Sprintf("logfile: Follow(%q): the pattern is empty, or a directory", pattern))
	}
	if err := glob.Check(f.glob); err != nil {
		panic(fmt.Sprintf("logfile: Follow(%q): the pattern is malformed: %v", pattern, err))
	}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("logfile: Follow(%q): option %d is nil", pattern, i+1))
		}
		o(&f.config)
	}
	if f.lateFor > 0 && !codec.CanSplit(format) {
		panic(fmt.Sprintf("logfile: Follow(%q): Late is for formats whose records are lines", pattern))
	}
	return f
}

// parted returns the directory in which a pattern begins to be one, and the rest.
func parted(pattern string) (dir, rest string) {
	slashed := filepath.ToSlash(pattern)
	at := strings.IndexAny(slashed, `*?[\`)
	if at < 0 {
		at = len(slashed)
	}
	at = strings.LastIndexByte(slashed[:at], '/') + 1
	return filepath.FromSlash(slashed[:at]), slashed[at:]
}

type follow[T any] struct {
	config
	pattern string
	dir     string // where glob begins
	glob    string
	format  codec.Format[T]
}

func (f *follow[T]) String() string { return f.pattern }

// Open finds the logs that there are. Those that come later are found by watch.
func (f *follow[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	w, err := f.open(c)
	if err != nil {
		return nil, err
	}
	var readers []stream.Reader[T]
	for _, l := range w.sorted() {
		readers = append(readers, f.newReader(l))
	}
	stream.Discover(c, func(ctx context.Context, parts *stream.Partitions[T]) error {
		return w.run(ctx, watched{
			add:    func(l *log) error { return parts.Add(ctx, f.newReader(l)) },
			remove: func(name string) error { return parts.Remove(ctx, name) },
			ready:  func(names ...string) { parts.Ready(names...) },
		})
	})
	return readers, nil
}

func (f *follow[T]) open(c *stream.SourceContext) (*watch, error) {
	if !supported {
		return nil, fmt.Errorf("logfile: %s: files are followed by their inodes, which this system has not: %w", f.pattern, errors.ErrUnsupported)
	}
	w := f.newWatch(c)
	for name, offset := range c.Offsets {
		if err := w.known(name, offset); err != nil {
			return nil, err
		}
	}
	for _, l := range w.admit(w.find()) {
		l.skips = f.fromEnd && c.Offsets == nil
	}
	for _, l := range w.sorted() {
		if err := l.skip(); err != nil {
			l.complain(err) // and tried again when it is read
		}
	}
	if len(w.logs) == 0 {
		w.logger.Info("there is no log yet that could be followed", "pattern", f.pattern)
	}
	return w, nil
}

func (f *follow[T]) newWatch(c *stream.SourceContext) *watch {
	w := &watch{
		config: &f.config, dir: f.dir, glob: f.glob, text: codec.IsText(f.format), now: c.Now, logger: c.Logger,
		table: &table{most: f.openFiles}, logs: map[string]*log{}, kinds: map[string]bool{}, otherwise: map[string]bool{}, complaints: map[string]string{},
	}
	if w.logger == nil {
		w.logger = slog.New(slog.DiscardHandler)
	}
	if w.now == nil {
		w.now = time.Now
	}
	w.dirs = &dirs{now: w.now, listed: map[string]listing{}}
	return w
}

// A disk is a directory as an fs.FS that takes any name.
type disk string

func (d disk) path(name string) string {
	if name == "." {
		if d == "" {
			return "."
		}
		return string(d)
	}
	return string(d) + filepath.FromSlash(name)
}

func (d disk) Open(name string) (fs.File, error)          { return os.Open(d.path(name)) }
func (d disk) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(d.path(name)) }
func (d disk) Stat(name string) (fs.FileInfo, error)      { return os.Stat(d.path(name)) }
