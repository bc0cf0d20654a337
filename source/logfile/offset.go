package logfile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A place is how far a log has been read, and all that a later run needs to know
// to find it again.
type place struct {
	generation            // that is read
	begun      bool       // false: nothing has been looked at, and all there is follows
	skips      bool       // what is there is to be passed over once it can be looked at
	base       int64      // bytes of the generations before
	line       int64      // lines before at, in the generation, or much less than 0 if that is not known
	before     generation // the one before this, if hasBefore
	hasBefore  bool
}

const (
	offsetVersion = "1"
	unknownLine   = -1 << 60
)

// String returns, for example,
//
//	1 base=0 line=2 at=120 tail=120:9f86d081884c7d65 file=801:131 head=1024:5e884898da280471 mtime=1764288000000000000
//
// or "1 start base=120 before ..." where it is in doubt what follows the generation before, or "1 end" where
// what there is could not be passed over yet.
func (p place) String() string {
	if p.skips {
		return offsetVersion + " end"
	}
	s := offsetVersion + " start"
	if p.base > 0 {
		s += fmt.Sprintf(" base=%d", p.base)
	}
	if p.begun {
		s = fmt.Sprintf("%s base=%d line=%d %s", offsetVersion, p.base, p.line, p.generation)
	}
	if p.hasBefore {
		s += " before " + p.before.String()
	}
	return s
}

func (g generation) String() string {
	return fmt.Sprintf("at=%d tail=%s file=%x:%d head=%s mtime=%d", g.at, g.tail, g.dev, g.ino, g.head, g.mtime)
}

func (p fingerprint) String() string { return fmt.Sprintf("%d:%x", p.bytes, p.hash) }

var errOffset = errors.New("no offset of a log file")

// parsePlace reads what String returns.
func parsePlace(s string) (p place, err error) {
	if s == offsetVersion+" end" {
		return place{skips: true}, nil
	}
	here, before, hasBefore := strings.Cut(s, " before ")
	if hasBefore {
		if p.before, err = parseGeneration(before); err != nil {
			return place{}, err
		}
		p.hasBefore = true
	}
	if here == offsetVersion+" start" {
		return p, nil // nothing has been read, or an earlier version has written it
	}
	if base, ok := strings.CutPrefix(here, offsetVersion+" start base="); ok {
		if p.base, err = strconv.ParseInt(base, 10, 64); err != nil || p.base < 0 {
			return place{}, errOffset
		}
		return p, nil
	}
	numbers, rest, found := strings.Cut(here, " at=")
	if !found {
		return place{}, errOffset
	}
	if _, err = fmt.Sscanf(numbers, offsetVersion+" base=%d line=%d", &p.base, &p.line); err != nil || p.base < 0 {
		return place{}, errOffset
	}
	p.begun = true
	p.generation, err = parseGeneration("at=" + rest)
	return p, err
}

func parseGeneration(s string) (g generation, err error) {
	_, err = fmt.Sscanf(s, "at=%d tail=%d:%x file=%x:%d head=%d:%x mtime=%d",
		&g.at, &g.tail.bytes, &g.tail.hash, &g.dev, &g.ino, &g.head.bytes, &g.head.hash, &g.mtime)
	if err != nil || g.at < 0 || g.tail.bytes < 0 || g.tail.bytes > tailBytes || int64(g.tail.bytes) > g.at || g.head.bytes < 0 || g.head.bytes > headBytes {
		return generation{}, errOffset
	}
	return g, nil
}
