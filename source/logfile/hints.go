package logfile

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Hints are what the system tells of changes in directories. They come late, twice, or not
// at all, as on file systems of a network, so they only have the watch look
// earlier than it would.
type hints struct {
	logger  *slog.Logger
	watcher *fsnotify.Watcher // nil if the system tells nothing
	watched map[string]bool
	failed  bool
}

// gather is for how long hints are gathered.
const gather = 10 * time.Millisecond

func newHints(logger *slog.Logger) *hints {
	h := &hints{logger: logger, watched: map[string]bool{}}
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		h.fail(err)
		return h
	}
	h.watcher = watcher
	return h
}

// fail logs once that logs are found out about by polling alone.
func (h *hints) fail(err error) {
	if !h.failed {
		h.failed = true
		h.logger.Info("the system does not tell of all changes of logs, and they are polled", "cause", err)
	}
}

// watch has changes in these directories be told, and in no others.
func (h *hints) watch(directories []string) {
	if h.watcher == nil {
		return
	}
	wanted := make(map[string]bool, len(directories))
	for _, dir := range directories {
		wanted[dir] = true
		if !h.watched[dir] {
			if err := h.watcher.Add(dir); err == nil {
				h.watched[dir] = true
			} else if !isMoved(err) {
				h.fail(err)
			}
		}
	}
	for dir := range h.watched {
		if !wanted[dir] {
			_ = h.watcher.Remove(dir) // it may have been removed
			delete(h.watched, dir)
		}
	}
}

// await waits for the poll, or for hints. It returns the paths of files that were
// written to, and whether it is time to look at all.
func (h *hints) await(ctx context.Context, poll <-chan time.Time) (written []string, all bool, err error) {
	var events chan fsnotify.Event
	var errs chan error
	if h.watcher != nil {
		events, errs = h.watcher.Events, h.watcher.Errors
	}
	paths := map[string]bool{}
	var enough <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return nil, false, ctx.Err()
		case <-poll:
			return nil, true, nil
		case <-enough:
			return slices.Collect(maps.Keys(paths)), all, nil
		case e, ok := <-events:
			switch {
			case !ok:
				events = nil // it tells no more
			case e.Has(fsnotify.Create), e.Has(fsnotify.Rename), e.Has(fsnotify.Remove):
				all = true
				delete(h.watched, e.Name) // if it was a directory
			case e.Has(fsnotify.Write):
				paths[e.Name] = true
			}
			if enough == nil && (all || len(paths) > 0) {
				enough = time.After(gather)
			}
		case err, ok := <-errs:
			if !ok {
				errs = nil
				continue
			}
			h.fail(err)
			return nil, true, nil
		}
	}
}

func (h *hints) close() {
	if h.watcher != nil {
		h.watcher.Close() // nothing was written
	}
}
