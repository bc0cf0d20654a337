package logfile

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// Dirs lists directories, and remembers what is in them for as long as they do not change.
type dirs struct {
	now func() time.Time

	mu     sync.Mutex
	listed map[string]listing
}

type listing struct {
	mtime time.Time
	names []string // ascending
}

// settled is how old a change of a directory has to be so that another one would have
// another time: clocks of file systems tick that slowly.
const settled = time.Second

// names returns the names in a directory that begin with prefix, ascending. There are
// none where there is no directory.
func (d *dirs) names(dir, prefix string) ([]string, error) {
	l, err := d.list(dir)
	if err != nil {
		return nil, err
	}
	from, _ := slices.BinarySearch(l.names, prefix)
	to := from
	for to < len(l.names) && strings.HasPrefix(l.names[to], prefix) {
		to++
	}
	return l.names[from:to], nil
}

func (d *dirs) list(dir string) (listing, error) {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return listing{}, nil
	}
	if err != nil {
		return listing{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if l, ok := d.listed[dir]; ok && l.mtime.Equal(info.ModTime()) {
		return l, nil
	}
	delete(d.listed, dir)
	at := d.now()
	f, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return listing{}, nil
	}
	if err != nil {
		return listing{}, err
	}
	defer f.Close()
	l := listing{mtime: info.ModTime()}
	if l.names, err = f.Readdirnames(-1); err != nil {
		return listing{}, err
	}
	slices.Sort(l.names)
	if at.Sub(l.mtime) >= settled {
		d.listed[dir] = l
	}
	return l, nil
}

// forget makes room: what is asked for again is listed again.
func (d *dirs) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	clear(d.listed)
}
