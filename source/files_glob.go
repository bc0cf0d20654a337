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

	"github.com/freshet-go/freshet/source/internal/glob"
)

// match returns the names that match the glob, ascending.
func (s *fileSet) match() ([]string, error) {
	if own, ok := s.fsys.(fs.GlobFS); ok && !slices.Contains(strings.Split(s.glob, "/"), "**") {
		names, err := own.Glob(s.glob)
		return glob.Ascending(names), err
	}
	return glob.Find(s.fsys, s.glob, func(_ string, err error) error { return err })
}

// A foundFile is a file that matches.
type foundFile struct {
	name string
	size int64
}

// find returns the files that match, by name.
func (s *fileSet) find() ([]foundFile, error) {
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
		case info.Mode()&fs.ModeNamedPipe != 0: // to open it would wait for who writes, and nothing ends that
			return nil, s.notRead(fmt.Errorf("%s is a named pipe, and no file: let the glob pass it over, or give source.Seq or source.Chan what comes through it", label(name)))
		default:
			found = append(found, foundFile{name, info.Size()})
		}
	}
	if len(found) == 0 && !s.allowMissing {
		return nil, s.noneFound(dirs)
	}
	return found, nil
}

func (s *fileSet) notRead(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		if s.allowMissing {
			return nil
		}
		return s.noneFound(nil)
	}
	return fmt.Errorf("source: files %q%s: %w", s.glob, s.inDir(), err)
}

func (s *fileSet) noneFound(dirs []string) error {
	what := ""
	if len(dirs) > 0 {
		what = fmt.Sprintf(" but directories such as %s, whose files match %q", label(dirs[0]), path.Join(s.glob, "*"))
	} else if _, err := fs.Stat(s.fsys, "."); s.dir != "" && errors.Is(err, fs.ErrNotExist) {
		what = ", for there is no such directory"
	} else if strings.ContainsAny(s.glob, "{}") {
		what = ", where braces stand for themselves: path.Match knows no alternatives"
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
func (s *fileSet) inDir() string {
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
func (s *fileSet) path(name string) string {
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
