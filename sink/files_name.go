package sink

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// fileNames makes the names of a sink's files, and knows them again.
type fileNames struct{ before, after string }

const (
	unfinished = ".tmp"     // behind the name of a file that is being written
	recovering = ".recover" // behind the name of one that is being copied from a .tmp
)

// A fileID is what a name tells.
type fileID struct {
	start    string // of the interval, or ""
	instance int
	part     int
}

// Basic ISO 8601 sorts, and has no colon, which some file systems refuse.
const startLayout = "20060102T150405Z"

func startText(start stream.Time, every time.Duration) string {
	layout := startLayout
	if every%time.Second != 0 {
		layout = "20060102T150405.000000000Z"
	}
	return start.Std().Format(layout)
}

func (n fileNames) name(id fileID) string {
	start := id.start
	if start != "" {
		start += "-"
	}
	return fmt.Sprintf("%s%s%03d-%06d%s", n.before, start, id.instance, id.part, n.after)
}

// parse is the inverse of name, for a base name.
func (n fileNames) parse(base string) (id fileID, ok bool) {
	middle, ok1 := strings.CutPrefix(base, n.before[strings.LastIndexByte(n.before, '/')+1:])
	middle, ok2 := strings.CutSuffix(middle, n.after)
	if !ok1 || !ok2 {
		return id, false
	}
	parts := strings.Split(middle, "-")
	if len(parts) == 3 {
		id.start, parts = parts[0], parts[1:]
	}
	if len(parts) != 2 {
		return id, false
	}
	var err1, err2 error
	id.instance, err1 = strconv.Atoi(parts[0])
	id.part, err2 = strconv.Atoi(parts[1])
	return id, err1 == nil && err2 == nil && path.Base(n.name(id)) == base
}

// dir returns the directory of the files, below the sink's.
func (n fileNames) dir() string { return path.Dir(n.before + "x") }
