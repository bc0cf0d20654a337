// Package glob finds names as fs.Glob does, but knows "**".
package glob

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Check returns an error for a glob that can match nothing, or not what was
// meant.
func Check(glob string) error {
	if _, err := path.Match(glob, ""); err != nil {
		return err
	}
	if glob == "" {
		return errors.New("it is empty: * matches all files of a directory")
	}
	if strings.HasPrefix(glob, "/") {
		return errors.New("it begins with a slash, and names in an fs.FS do not: os.DirFS takes the directory")
	}
	for elem := range strings.SplitSeq(glob, "/") {
		switch {
		case elem == "..":
			return errors.New("names in an fs.FS have no ..: os.DirFS takes the directory")
		case elem != "**" && strings.Contains(elem, "**"):
			return errors.New("** stands for directories, and has to stand between slashes: **/*.log")
		}
	}
	return nil
}

// Find returns the names in fsys that match glob, ascending. What cannot be read is
// told to failed, which may return an error to end the search with, or nil to find
// less.
func Find(fsys fs.FS, glob string, failed func(name string, err error) error) ([]string, error) {
	elems := slices.DeleteFunc(strings.Split(glob, "/"), func(elem string) bool { return elem == "" || elem == "." })
	if n := len(elems); n > 0 && elems[n-1] == "**" {
		elems = append(elems, "*")
	}
	w := walk{fsys: fsys, failed: failed}
	if err := w.walk(".", slices.CompactFunc(elems, func(a, b string) bool { return a == "**" && b == "**" })); err != nil {
		return nil, err
	}
	return Ascending(w.found), nil
}

// Ascending returns names in their order, each once.
func Ascending(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return slices.Compact(names)
}

// A walk is one search.
type walk struct {
	fsys  fs.FS
	found []string

	failed func(name string, err error) error
}

// walk finds what matches elems below dir.
func (w *walk) walk(dir string, elems []string) error {
	if len(elems) == 0 {
		w.found = append(w.found, dir)
		return nil
	}
	elem, rest := elems[0], elems[1:]
	if elem != "**" && !strings.ContainsAny(elem, `*?[\`) {
		name := path.Join(dir, elem)
		info, err := fs.Stat(w.fsys, name)
		switch {
		case errors.Is(err, fs.ErrNotExist), err == nil && len(rest) > 0 && !info.IsDir():
			return nil
		case err != nil:
			return w.failed(name, err)
		}
		return w.walk(name, rest)
	}
	entries, err := fs.ReadDir(w.fsys, dir)
	if errors.Is(err, fs.ErrNotExist) && dir != "." {
		return nil // removed since it was listed
	}
	if err != nil {
		return w.failed(dir, err)
	}
	if elem == "**" {
		if err := w.walk(dir, rest); err != nil {
			return err
		}
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		switch ok, _ := path.Match(elem, e.Name()); {
		case elem == "**":
			if e.IsDir() { // not a link to one, which may lead round in a circle
				err = w.walk(name, elems)
			}
		case ok && (len(rest) == 0 || w.isDir(name, e)):
			err = w.walk(name, rest)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) isDir(name string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := fs.Stat(w.fsys, name)
	return err == nil && info.IsDir()
}

// Match reports whether Find would find a file of that name.
func Match(glob, name string) bool {
	elems := slices.DeleteFunc(strings.Split(glob, "/"), func(elem string) bool { return elem == "" || elem == "." })
	return matches(elems, strings.Split(name, "/"))
}

func matches(elems, names []string) bool {
	switch {
	case len(elems) == 0:
		return len(names) == 0
	case elems[0] == "**" && len(elems) == 1:
		return len(names) > 0
	case elems[0] == "**":
		for i := range names {
			if matches(elems[1:], names[i:]) {
				return true
			}
		}
		return false
	case len(names) == 0:
		return false
	}
	ok, _ := path.Match(elems[0], names[0])
	return ok && matches(elems[1:], names[1:])
}
