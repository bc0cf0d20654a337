package parquetsource

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/freshet-go/freshet/source/internal/glob"
	"github.com/freshet-go/freshet/stream/filesystem"
)

// A directory is what files are found in and read from: one of fsys and system.
type directory struct {
	fsys   fs.FS
	system filesystem.Readable
	name   string // as it is shown, or ""
}

// nameOf returns the directory that fsys is, as os.DirFS makes one of it, or "": other file systems do not tell.
func nameOf(fsys fs.FS) string {
	v := reflect.ValueOf(fsys)
	if v.Kind() != reflect.String {
		return ""
	}
	dir, err := filepath.Abs(v.String())
	return cmp.Or(dir, v.String(), fmt.Sprint(err))
}

// A foundFile is a file that matches.
type foundFile struct {
	name string
	size int64
}

// find returns the files that match, by name.
func (d directory) find(ctx context.Context, pattern string) ([]foundFile, error) {
	fsys := d.fsys
	if fsys == nil {
		fsys = listing{ctx, d.system}
	}
	names, err := glob.Find(fsys, pattern, func(_ string, err error) error { return err })
	if isMissing(err) {
		return nil, d.noneFound(pattern)
	}
	if err != nil {
		return nil, fmt.Errorf("parquetsource: files %q%s: %w", pattern, d.in(), err)
	}
	var found []foundFile
	for _, name := range names {
		if !utf8.ValidString(name) {
			return nil, fmt.Errorf("parquetsource: the name %q%s is not UTF-8, and no fs.FS opens such a file: rename it", name, d.in())
		}
		switch info, err := fs.Stat(fsys, name); {
		case isMissing(err): // removed since it was listed, or a dangling link
		case err != nil:
			return nil, fmt.Errorf("parquetsource: files %q%s: %w", pattern, d.in(), err)
		case !info.IsDir():
			found = append(found, foundFile{name, info.Size()})
		}
	}
	return found, nil
}

func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

func (d directory) noneFound(pattern string) error {
	return fmt.Errorf("parquetsource: no file%s matches %q: %w", d.in(), pattern, fs.ErrNotExist)
}

// in returns ` in "/var/lake"`, for a message.
func (d directory) in() string {
	if d.name == "" {
		return ""
	}
	return " in " + strconv.Quote(d.name)
}

// path returns the name of a file as it is shown where no other name says in which directory it is.
func (d directory) path(name string) string {
	if d.name == "" {
		return label(name)
	}
	return label(strings.TrimSuffix(d.name, "/") + "/" + name)
}

// open opens a file.
func (d directory) open(ctx context.Context, name string) (*input, error) {
	if d.system != nil {
		info, err := d.system.Stat(ctx, name)
		if err != nil {
			return nil, err
		}
		return &input{from: &systemFile{ctx, d.system, name, info}, size: info.Size, ahead: 256 << 10}, nil
	}
	f, err := d.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	in := &input{size: info.Size(), ahead: 64 << 10, close: f.Close}
	switch r := f.(type) {
	case io.ReaderAt:
		in.from = r
	case io.ReadSeeker:
		in.from = seeking{r}
	default:
		return nil, errors.Join(fmt.Errorf("its file system can neither read at an offset nor seek, which a Parquet file needs: copy it to a disk"), f.Close())
	}
	return in, nil
}

// A listing is a file system in which files are looked for.
type listing struct {
	ctx    context.Context
	system filesystem.Readable
}

func (l listing) Open(name string) (fs.File, error) { return nil, errors.ErrUnsupported }

func (l listing) ReadDir(name string) (all []fs.DirEntry, err error) {
	for info, err := range l.system.List(l.ctx, name) {
		if err != nil {
			return nil, err
		}
		all = append(all, listed{info})
	}
	slices.SortFunc(all, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return all, nil
}

func (l listing) Stat(name string) (fs.FileInfo, error) {
	info, err := l.system.Stat(l.ctx, name)
	if err != nil {
		return nil, err
	}
	info.Name = path.Base(name)
	return listed{info}, nil
}

// A listed is an Info as package fs has it.
type listed struct{ of filesystem.Info }

func (i listed) Name() string               { return i.of.Name }
func (i listed) Size() int64                { return i.of.Size }
func (i listed) IsDir() bool                { return i.of.Dir }
func (i listed) ModTime() time.Time         { return time.Time{} } // nobody asks
func (i listed) Sys() any                   { return nil }
func (i listed) Type() fs.FileMode          { return i.Mode() }
func (i listed) Info() (fs.FileInfo, error) { return i, nil }

func (i listed) Mode() fs.FileMode {
	if i.of.Dir {
		return fs.ModeDir
	}
	return 0
}
