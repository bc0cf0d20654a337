package sink

import (
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// fileNames makes the names of a sink's files, and knows them again.
type fileNames struct{ before, after string }

// What stands behind the name of a file that has not got it yet. In a run with
// checkpoints the token of the run comes first: a run without takes those that
// have none for its own.
const (
	unfinished = ".tmp"     // being written, or complete and not committed
	recovering = ".recover" // being copied from a .tmp
	recovered  = ".whole"   // copied from a .tmp that is about to go; or, where files are cut, the .tmp itself, cut or not yet
)

// A fileID is what a name tells.
type fileID struct {
	start    string // of the interval, or ""
	instance int
	run      string // that the file was begun by; "" in names of earlier versions
	part     int    // which file of the instance in that run
}

// newRun returns the token of a run that begins now. No other run ever has
// the same, so that a name does not come again when the file has been taken
// away, be it with all else that is in the directory. Tokens sort by time.
func newRun(now time.Time) string {
	var b [10]byte // 48 bits of milliseconds since 1970, and 32 of chance
	binary.BigEndian.PutUint64(b[:8], uint64(now.UnixMilli())<<16)
	binary.BigEndian.PutUint32(b[6:], rand.Uint32()) // which the operating system has seeded
	return strings.ToLower(base32.HexEncoding.EncodeToString(b[:]))
}

// laterRun reports whether the run of a token has begun after that of another, by the clocks that have named them. Of two within
// the same quarter of a second neither has.
func laterRun(token, than string) bool {
	const same = 8 // characters of 5 bits: all of the time's 48 but those of 256 ms
	return isRun(token) && token[:same] > than[:same]
}

func isRun(s string) bool {
	return len(s) == 16 && strings.Trim(s, "0123456789abcdefghijklmnopqrstuv") == ""
}

// isEarlierToken reports whether s may be a token of a version whose names had no run:
// 12 digits to the base of 32, as they are in RFC 4648, or later 16 hexadecimal ones.
func isEarlierToken(s string) bool {
	return len(s) == 12 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz234567") == "" ||
		len(s) == 16 && strings.Trim(s, "0123456789abcdef") == ""
}

// Basic ISO 8601 sorts, and has no colon, which some file systems refuse.
const (
	startLayout     = "20060102T150405Z"
	startFineLayout = "20060102T150405.000000000Z"
)

// startText returns the start of one of the windows as names have it.
func startText(start stream.Time, windows window.Spec) string {
	layout := startLayout
	if windows.Size()%time.Second != 0 || windows.Offset()%time.Second != 0 {
		layout = startFineLayout
	}
	return start.Std().Format(layout)
}

func (n fileNames) name(id fileID) string {
	start := id.start
	if start != "" {
		start += "-"
	}
	run := id.run
	if run != "" {
		run += "-"
	}
	return fmt.Sprintf("%s%s%03d-%s%06d%s", n.before, start, id.instance, run, id.part, n.after)
}

// parse is the inverse of name, for a base name.
func (n fileNames) parse(base string) (id fileID, ok bool) {
	middle, ok1 := strings.CutPrefix(base, n.base())
	middle, ok2 := strings.CutSuffix(middle, n.after)
	if !ok1 || !ok2 {
		return id, false
	}
	parts := strings.Split(middle, "-")
	if len(parts) > 2 && isStart(parts[0]) {
		id.start, parts = parts[0], parts[1:]
	}
	if len(parts) == 3 && isRun(parts[1]) {
		id.run, parts[1] = parts[1], parts[2]
		parts = parts[:2]
	}
	if len(parts) != 2 {
		return id, false // of a sink whose name begins like this one's
	}
	var err1, err2 error
	id.instance, err1 = strconv.Atoi(parts[0])
	id.part, err2 = strconv.Atoi(parts[1])
	return id, err1 == nil && err2 == nil && path.Base(n.name(id)) == base
}

func isStart(s string) bool {
	_, err1 := time.Parse(startLayout, s)
	_, err2 := time.Parse(startFineLayout, s)
	return err1 == nil || err2 == nil
}

// A stagedName is the name of a file that has not got its final one.
type stagedName struct {
	final string // with the directory
	id    fileID
	token string // "" in a run without checkpoints
	kind  string // unfinished, recovering or recovered
	plain bool   // not hidden, as in earlier versions
}

// staged returns what the base name of a file tells that has not got its final one.
// It is hidden behind a dot: who moves all that a * matches takes finished
// files only.
func (n fileNames) staged(base string) (s stagedName, ok bool) {
	s.kind = path.Ext(base)
	if s.kind != unfinished && s.kind != recovering && s.kind != recovered {
		return s, false
	}
	base = strings.TrimSuffix(base, s.kind)
	hidden, found := strings.CutPrefix(base, ".")
	if found && n.take(&s, hidden) && s.id.run != "" {
		return s, true
	}
	// Earlier versions did not hide files, and gave names without the token of a run. Another
	// name with a dot in front is hidden, and of a sink whose own has none.
	s.plain = true
	return s, n.take(&s, base) && s.id.run == ""
}

// take takes a name apart that may have a token behind it: the one of the run that
// began the file, or one of an earlier version. All else behind the name is the end of
// another sink's, as ".gz" of "orders-*.jsonl.gz" is for "orders-*.jsonl".
func (n fileNames) take(s *stagedName, base string) (ok bool) {
	s.token = ""
	if s.id, ok = n.parse(base); !ok {
		ext := path.Ext(base)
		base = strings.TrimSuffix(base, ext)
		token := strings.TrimPrefix(ext, ".")
		if s.id, ok = n.parse(base); ok && s.id.run == "" {
			ok = isEarlierToken(token)
		} else if ok {
			ok = token == s.id.run
		}
		if !ok {
			return false
		}
		s.token = token
	}
	s.final = path.Join(n.dir(), base)
	return true
}

// String returns the name, with the directory.
func (s stagedName) String() string {
	dir, base := path.Split(s.final)
	if !s.plain {
		base = "." + base
	}
	if s.token != "" {
		base += "." + s.token
	}
	return dir + base + s.kind
}

// as returns the name of the same file at another stage.
func (s stagedName) as(kind string) string {
	s.kind = kind
	return s.String()
}

// dir returns the directory of the files, below the sink's.
func (n fileNames) dir() string { return path.Dir(n.before + "x") }

// marker returns the name of the file that holds which checkpoint has been
// committed: "orders-*.jsonl" has ".orders-%2A.jsonl.checkpoint".
func (n fileNames) marker() string {
	name := strings.ReplaceAll(n.base(), "%", "%25") + "%2A" + strings.ReplaceAll(n.after, "%", "%25")
	return path.Join(n.dir(), "."+name+".checkpoint")
}

// base returns what the base names of the files begin with.
func (n fileNames) base() string { return n.before[strings.LastIndexByte(n.before, '/')+1:] }
