package logfile

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/freshet-go/freshet/source/internal/glob"
)

// A watch finds logs, and says which of them may have more to read.
type watch struct {
	*config
	dir, glob  string
	text       bool // whether the format is of text
	now        func() time.Time
	logger     *slog.Logger
	table      *table
	dirs       *dirs
	kinds      map[string]bool   // of the names that match: whether it is a rotated file
	otherwise  map[string]bool   // extensions of compressed files that nobody reads, which was logged
	past       []generation      // of logs that are gone
	complaints map[string]string // what could not be found out, by path
	scans      int

	mu   sync.Mutex // logs is read by readers
	logs map[string]*log
}

// watched is what a watch tells the run.
type watched struct {
	add    func(*log) error
	remove func(name string) error
	ready  func(names ...string)
}

// nameOf returns how the partition of a path is called.
func nameOf(path string) string {
	if utf8.ValidString(path) {
		return path
	}
	return strconv.Quote(path)
}

// pathOf is the inverse of nameOf.
func (w *watch) pathOf(name string) string {
	if path, err := strconv.Unquote(name); err == nil && !utf8.ValidString(path) {
		return path
	}
	return name
}

func (w *watch) newLog(path string) *log {
	l := &log{config: w.config, table: w.table, dirs: w.dirs, logger: w.logger, now: w.now, path: path, name: nameOf(path)}
	l.others, l.text = w.isLog, w.text
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logs[path] = l
	return l
}

func (w *watch) isLog(path string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.logs[path] != nil
}

func (w *watch) sorted() []*log {
	var all []*log
	for _, path := range slices.Sorted(maps.Keys(w.logs)) {
		all = append(all, w.logs[path])
	}
	return all
}

// known makes the log of an earlier run, to go on with.
func (w *watch) known(name, offset string) error {
	p, err := parsePlace(offset)
	if err != nil {
		return fmt.Errorf("logfile: %s has no place %q to go on from", name, offset)
	}
	path := w.pathOf(name)
	if !w.matches(path) {
		w.logger.Warn("a log of an earlier run does not match the pattern, and is not followed", "file", name)
		return nil
	}
	l := w.newLog(path)
	l.place = p
	l.belated.Store(w.lateFor > 0)
	return nil
}

// matches reports whether a path would match if there were a file.
func (w *watch) matches(path string) bool {
	rest, ok := cutPrefix(path, w.dir)
	return ok && glob.Match(w.glob, rest)
}

func cutPrefix(path, dir string) (string, bool) {
	if len(path) < len(dir) || path[:len(dir)] != dir {
		return "", false
	}
	return filepath.ToSlash(path[len(dir):]), true
}

// find returns the paths of the logs that match, and of no rotated files.
func (w *watch) find() []string {
	complaints := map[string]string{}
	names, _ := glob.Find(disk(w.dir), w.glob, func(name string, err error) error {
		path := disk(w.dir).path(name)
		complaints[path] = err.Error()
		if w.complaints[path] != err.Error() {
			w.logger.Warn("a directory cannot be read, and is tried again", "path", nameOf(path), "cause", err)
		}
		return nil
	})
	w.complaints = complaints
	matched := map[string]bool{}
	var paths []string
	for _, name := range names {
		path := disk(w.dir).path(name)
		if w.compressedOtherwise(path) {
			continue
		}
		matched[path] = true
		paths = append(paths, path)
	}
	kinds := map[string]bool{}
	exists := func(path string) bool { return matched[path] || w.isLog(path) }
	baseOf := w.rotatedOf(paths, exists)
	var logs []string
	for _, path := range paths {
		rotated, known := w.kinds[path]
		if !known && w.isLog(path) {
			rotated, known = false, true
		}
		if !known {
			var base string
			if base, rotated = baseOf(path); rotated && !exists(base) {
				matched[base] = true
				logs = append(logs, base)
			}
		}
		kinds[path] = rotated
		if !rotated {
			logs = append(logs, path)
		}
	}
	w.kinds = kinds
	return slices.DeleteFunc(glob.Ascending(logs), func(path string) bool {
		info, err := os.Stat(path)
		return err == nil && !info.Mode().IsRegular()
	})
}

// restAfterScan is how many times as long as a scan there is none after it.
const restAfterScan = 9

// run looks again and again until ctx ends.
func (w *watch) run(ctx context.Context, tell watched) error {
	h := newHints(w.logger)
	defer h.close()
	h.watch(w.directories())
	timer := time.NewTimer(w.poll)
	defer timer.Stop()
	var rested time.Time // when the next scan may be
	for {
		written, all, err := h.await(ctx, timer.C)
		if err != nil {
			return nil // the run is to stop
		}
		if names := w.namesOf(written); len(names) > 0 {
			tell.ready(names...)
		}
		if !all {
			continue
		}
		begun := w.now()
		if wait := rested.Sub(begun); wait > 0 {
			timer.Reset(wait)
			continue
		}
		if err := w.scan(ctx, tell); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		h.watch(w.directories())
		rest := restAfterScan * w.now().Sub(begun)
		rested = w.now().Add(rest)
		timer.Reset(max(w.poll, rest))
	}
}

// namesOf returns the names of the logs among paths.
func (w *watch) namesOf(paths []string) (names []string) {
	for _, path := range paths {
		if l := w.logs[path]; l != nil {
			names = append(names, l.name)
		}
	}
	return names
}

// directories returns where logs stand, and where they would appear.
func (w *watch) directories() []string {
	all := map[string]bool{filepath.Clean(w.dir): true}
	for path := range w.logs {
		all[filepath.Dir(path)] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// rareScans is how many scans come between two in which logs are asked that have no file.
const rareScans = 40

// scan looks once.
func (w *watch) scan(ctx context.Context, tell watched) error {
	w.scans++
	if w.scans%1000 == 0 {
		w.dirs.forget()
	}
	there := map[string]bool{}
	var ready []string
	paths := w.find()
	for _, path := range paths {
		there[path] = true
	}
	for _, l := range w.admit(paths) {
		if err := tell.add(l); err != nil {
			return err
		}
	}
	for _, l := range w.sorted() {
		late := w.late(l)
		if l.gone.Load() && !there[l.path] {
			if heir := w.bequeath(l); heir != nil {
				if err := tell.add(heir); err != nil {
					return err
				}
			}
			if err := tell.remove(l.name); err != nil {
				return err
			}
			w.mu.Lock()
			delete(w.logs, l.path)
			w.mu.Unlock()
			continue
		}
		if w.changed(l) || late || l.belated.Load() || l.pending.Load() || l.missing && w.scans%rareScans == 0 {
			ready = append(ready, l.name)
		}
	}
	if len(ready) > 0 {
		tell.ready(ready...)
	}
	return nil
}

// changed reports whether the file at the path of a log has changed since the last scan.
func (w *watch) changed(l *log) bool {
	was := l.seen.Load()
	info, err := os.Stat(l.path)
	if err != nil {
		defer func() { l.missing = true }()
		return !l.missing
	}
	is := newFile(l.path, info)
	changed := l.missing || was == nil || is.inode != was.inode || is.size != was.size || !is.mtime.Equal(was.mtime)
	if was != nil && is.inode != was.inode {
		l.seenBefore.Store(was)
	}
	l.seen.Store(is)
	l.missing = false
	return changed
}
