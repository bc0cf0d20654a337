package source

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// checkGlob returns an error for a glob that can match nothing, or not what was
// meant.
func checkGlob(glob string) error {
	if _, err := path.Match(glob, ""); err != nil {
		return err
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

// match returns the names that match the glob, ascending.
func (s *files[T]) match() ([]string, error) {
	elems := slices.DeleteFunc(strings.Split(s.glob, "/"), func(elem string) bool { return elem == "" || elem == "." })
	if own, ok := s.fsys.(fs.GlobFS); ok && !slices.Contains(elems, "**") {
		names, err := own.Glob(s.glob)
		return ascending(names), err
	}
	if n := len(elems); n > 0 && elems[n-1] == "**" {
		elems = append(elems, "*")
	}
	w := globWalk{fsys: s.fsys}
	if err := w.walk(".", slices.CompactFunc(elems, func(a, b string) bool { return a == "**" && b == "**" })); err != nil {
		return nil, err
	}
	return ascending(w.found), nil
}

func ascending(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return slices.Compact(names)
}

// A globWalk finds names as fs.Glob does, but knows "**", and reports what it
// cannot read instead of finding less.
type globWalk struct {
	fsys  fs.FS
	found []string
}

// walk finds what matches elems below dir.
func (w *globWalk) walk(dir string, elems []string) error {
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
			return err
		}
		return w.walk(name, rest)
	}
	entries, err := fs.ReadDir(w.fsys, dir)
	if errors.Is(err, fs.ErrNotExist) && dir != "." {
		return nil // removed since it was listed
	}
	if err != nil {
		return err
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

func (w *globWalk) isDir(name string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := fs.Stat(w.fsys, name)
	return err == nil && info.IsDir()
}

// A foundFile is a file that matches.
type foundFile struct {
	name string
	size int64
}

// find returns the files that match, by name.
func (s *files[T]) find() ([]foundFile, error) {
	names, err := s.match()
	if err != nil {
		return nil, s.notRead(err)
	}
	var found []foundFile
	var dirs []string
	for _, name := range names {
		info, err := fs.Stat(s.fsys, name)
		switch {
		case err != nil && !utf8.ValidString(name):
			return nil, s.notRead(fmt.Errorf("the name %q is not UTF-8, and no fs.FS opens such a file: rename it", name))
		case errors.Is(err, fs.ErrNotExist): // removed since it was listed, or a dangling link
		case err != nil:
			return nil, s.notRead(err)
		case info.IsDir():
			dirs = append(dirs, name)
		default:
			found = append(found, foundFile{name, info.Size()})
		}
	}
	if len(found) == 0 && !s.allowMissing {
		return nil, s.noneFound(dirs)
	}
	return found, nil
}

func (s *files[T]) notRead(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		if s.allowMissing {
			return nil
		}
		return s.noneFound(nil)
	}
	return fmt.Errorf("source: files %q%s: %w", s.glob, s.inDir(), err)
}

func (s *files[T]) noneFound(dirs []string) error {
	what := ""
	if len(dirs) > 0 {
		what = fmt.Sprintf(" but directories such as %s, whose files match %q", label(dirs[0]), path.Join(s.glob, "*"))
	} else if _, err := fs.Stat(s.fsys, "."); s.dir != "" && errors.Is(err, fs.ErrNotExist) {
		what = ", for there is no such directory"
	}
	return fmt.Errorf("source: no file%s matches %q%s: %w", s.inDir(), s.glob, what, fs.ErrNotExist)
}

// directoryOf returns the directory that fsys is, as os.DirFS makes one of it,
// or "": other file systems do not tell.
func directoryOf(fsys fs.FS) string {
	if v := reflect.ValueOf(fsys); v.Kind() == reflect.String {
		return v.String()
	}
	return ""
}

// inDir returns ` in "/var/log"`, for a message.
func (s *files[T]) inDir() string {
	if s.system != nil {
		return " in " + strconv.Quote(s.system.String())
	}
	if s.dir == "" {
		return ""
	}
	dir, err := filepath.Abs(s.dir)
	return " in " + strconv.Quote(cmp.Or(dir, s.dir, fmt.Sprint(err)))
}

// path returns the name of a file as it is shown where no other name says in
// which directory it is.
func (s *files[T]) path(name string) string {
	if s.system != nil {
		return label(strings.TrimSuffix(s.system.String(), "/") + "/" + name)
	}
	if s.dir == "" {
		return label(name)
	}
	whole := filepath.Join(s.dir, filepath.FromSlash(name))
	if abs, err := filepath.Abs(whole); err == nil {
		whole = abs
	}
	if label(name) != name {
		return strconv.Quote(whole)
	}
	return whole
}
