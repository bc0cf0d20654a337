package logfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// A path that matches is not always a log of its own. A link may lead to another log, and a log may have been
// renamed to a name that no rotator gives: the lines are given already, or will be. The file
// is known by its inode and by what it holds, as a generation is.

// paths returns the path of the log, and, if that is a link, the one it leads to.
func (l *log) paths() []string {
	if to := leadsTo(l.path); to != l.path {
		return []string{l.path, to}
	}
	return []string{l.path}
}

// leadsTo returns where a link leads, though nothing may be there now, or path if it is no link.
func leadsTo(path string) string {
	for range mostLinks {
		to, err := os.Readlink(path)
		if err != nil {
			return path
		}
		if !filepath.IsAbs(to) {
			dir := filepath.Dir(path)
			if real, err := filepath.EvalSymlinks(dir); err == nil { // else ".." in it would lead elsewhere
				dir = real
			}
			to = filepath.Join(dir, to)
		}
		path = to
	}
	return path
}

const mostLinks = 40

// renamed returns the file of the generation if it stands beside the log under a name that no rotator gives, or
// nil.
func (l *log) renamed() *file {
	if l.head.bytes == 0 {
		return nil
	}
	for _, path := range l.paths() {
		dir, _ := filepath.Split(path)
		names, err := l.dirs.names(filepath.Clean(dir), "")
		if err != nil {
			continue // what is not found there is missed, which is logged
		}
		for _, name := range names {
			if f := regular(dir + name); f != nil && f.inode == l.inode && f.ext == "" &&
				f.path != l.path && !l.others(f.path) && f.holds(l.generation) {
				f.moved = new(bool)
				return f
			}
		}
	}
	return nil
}

// regular returns the regular file at a path, or nil.
func regular(path string) *file {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	return newFile(path, info)
}

// An owner is a log that has read a file, or reads it.
type owner struct {
	log  *log
	g    generation
	read bool // to its end; otherwise it is still read
	held bool // it is open, or has the path of the log
}

// owners returns whose the files are, by their inodes.
func (w *watch) owners() map[inode][]owner {
	all := map[inode][]owner{}
	add := func(o owner) { all[o.g.inode] = append(all[o.g.inode], o) }
	for _, l := range w.sorted() {
		l.mu.Lock()
		l.keep()
		l.alias = ""
		if l.begun {
			add(owner{log: l, g: l.generation, held: l.in != nil})
		}
		if f := regular(l.path); f != nil {
			add(owner{log: l, g: generation{identity: identity{inode: f.inode}}, held: true})
		}
		if l.hasBefore {
			add(owner{log: l, g: l.before, read: true})
		}
		for _, g := range l.past {
			add(owner{log: l, g: g, read: true})
		}
		l.mu.Unlock()
	}
	for _, g := range w.past {
		add(owner{g: g, read: true})
	}
	return all
}

// admit makes logs of the paths that are none yet, and returns those. A path that has the file which another log
// reads is left alone until that is done; then the log that is made goes on where the other has ended.
func (w *watch) admit(paths []string) (added []*log) {
	var fresh, links []string
	for _, path := range paths {
		if w.isLog(path) {
			continue
		}
		if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			links = append(links, path)
		} else {
			fresh = append(fresh, path)
		}
	}
	var owners map[inode][]owner
	for _, path := range append(fresh, links...) { // links last: the file that they lead to is the log
		if to := leadsTo(path); to != path && w.isLog(to) {
			continue
		}
		if owners == nil {
			owners = w.owners()
		}
		p, own := w.claimed(path, owners)
		if !own {
			continue
		}
		l := w.newLog(path)
		l.place = p
		if f := regular(path); f != nil {
			owners[f.inode] = append(owners[f.inode], owner{log: l, g: generation{identity: identity{inode: f.inode}}, held: true})
		}
		added = append(added, l)
	}
	return added
}

// claimed returns where to begin with a path, and whether it is a log of its own.
func (w *watch) claimed(path string, owners map[inode][]owner) (p place, own bool) {
	f := regular(path)
	if f == nil || f.ext != "" {
		return place{}, true
	}
	for _, o := range owners[f.inode] {
		switch {
		case o.held:
		case o.g.head.bytes == 0 || o.g.at == 0 || !f.holds(o.g): // nothing was given of it, or its inode was given to another
			continue
		}
		if !o.read {
			if o.log.alias == "" && path != o.log.path {
				o.log.alias = path
			}
			return place{}, false
		}
		if o.g.at > p.at {
			p = behind(o.g)
		}
	}
	return p, true
}

// behind returns the place behind what has been read of a generation, for a log of its own.
func behind(g generation) place {
	return place{generation: g, begun: true, line: unknownLine}
}

// bequeath makes a log of the path that a log which is gone was renamed to, or returns nil.
func (w *watch) bequeath(l *log) *log {
	l.mu.Lock()
	l.keep()
	g, path := l.generation, l.alias
	l.mu.Unlock()
	if g.at == 0 || g.head.bytes == 0 {
		return nil
	}
	if w.past = append(w.past, g); len(w.past) > mostPast {
		w.past = slices.Delete(w.past, 0, mostPast/2)
	}
	f := regular(path)
	if path == "" || w.isLog(path) || f == nil || f.inode != g.inode || !f.holds(g) {
		return nil
	}
	heir := w.newLog(path)
	heir.place = behind(g)
	return heir
}

// mostPast is how many generations are remembered of a log, and of all logs that are gone.
const mostPast = 64
