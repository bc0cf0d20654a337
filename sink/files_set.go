package sink

import (
	"context"
	"fmt"
	"path"
	"strings"
	"sync/atomic"

	"github.com/freshet-go/freshet/internal/compression"
	"github.com/freshet-go/freshet/sink/internal/footed"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/window"
)

// A fileSet is a sink of files without the type of its values: where they lie, what they are called, when they are
// finished. All that is done with files has none, so that a program with sinks of several types has it once.
type fileSet struct {
	system  filesystem.Writable
	names   fileNames
	footed  footed.Format       // the format, if its files have a footer, or nil
	records func() recordFinder // of one file
	made    atomic.Bool         // the directory has been there
	filesConfig
}

// A recordFinder returns how many bytes the first record of data has, or 0 if none is whole, and whether that holds a value.
// It is called with the records of a file in their order. With atEOF data ends where the file does.
type recordFinder func(data []byte, atEOF bool) (n int, value bool)

func newFileSet(call string, system filesystem.Writable, name string, text bool, opts []FilesOption) *fileSet {
	if strings.Count(name, "*") != 1 || strings.Contains(path.Dir(name), "*") || path.Clean("/" + name)[1:] != name {
		panic(fmt.Sprintf("sink: %s: name %q: want a path below dir with one * in its last element", call, name))
	}
	if _, err := compression.Zstd(); err != nil && compressed(name) == ".zst" {
		panic(fmt.Sprintf("sink: %s: name %q: %v", call, name, err))
	}
	if ext := compression.Foreign(name); ext != "" && text {
		panic(fmt.Sprintf("sink: %s: name %q: files are compressed whose names end in .gz or .zst; nothing here writes %s", call, name, ext))
	}
	before, after, _ := strings.Cut(name, "*")
	s := &fileSet{system: system, names: fileNames{before, after}}
	s.windows = window.Global()
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("sink: %s(%q): option %d is nil", call, name, i+1))
		}
		o(&s.filesConfig)
	}
	return s
}

// openFolder returns the folder of the files. It makes it once: a disk that is
// away must not be taken for an empty one.
func (s *fileSet) openFolder(ctx context.Context) (*folder, error) {
	d := &folder{s.system, s.names.dir()}
	if !s.made.Load() {
		if err := d.make(ctx); err != nil {
			return nil, err
		}
		s.made.Store(true)
	}
	return d, nil
}

func (s *fileSet) String() string { return s.where(s.names.before + "*" + s.names.after) }

// where returns a name together with that of the file system's directory.
func (s *fileSet) where(name string) string {
	return strings.TrimSuffix(s.system.String(), "/") + "/" + name
}
