package logfile

import (
	"errors"
	"fmt"
	"strings"
)

// A place is how far a log has been read, and all that a later run needs to know
// to find it again.
type place struct {
	identity              // of the generation that is read
	begun     bool        // false: nothing has been looked at, and all there is follows
	at        int64       // behind the last record that was delivered, in bytes of the generation
	tail      fingerprint // of the bytes before at
	base      int64       // bytes of the generations before
	line      int64       // lines before at, in the generation
	before    identity    // the generation before this one, if hasBefore
	hasBefore bool
}

const (
	offsetVersion = "1"
	unknownLine   = -1 << 60
)

// String returns, for example,
//
//	1 at=120 line=2 base=0 tail=120:9f86d081884c7d65 file=801:131 head=1024:5e884898da280471 mtime=1764288000000000000
func (p place) String() string {
	s := offsetVersion + " start"
	if p.begun {
		s = fmt.Sprintf("%s at=%d line=%d base=%d tail=%s %s", offsetVersion, p.at, p.line, p.base, p.tail, p.identity)
	}
	if p.hasBefore {
		s += " before " + p.before.String()
	}
	return s
}

func (p fingerprint) String() string { return fmt.Sprintf("%d:%x", p.bytes, p.hash) }

func (i identity) String() string {
	return fmt.Sprintf("file=%x:%d head=%s mtime=%d", i.dev, i.ino, i.head, i.mtime)
}

var errOffset = errors.New("no offset of a log file")

func parsePlace(s string) (p place, err error) {
	here, before, hasBefore := strings.Cut(s, " before ")
	if hasBefore {
		if p.before, err = parseIdentity(before); err != nil {
			return place{}, err
		}
		p.hasBefore = true
	}
	if here == offsetVersion+" start" {
		return p, nil
	}
	at, file, found := strings.Cut(here, " file=")
	if !found {
		return place{}, errOffset
	}
	_, err = fmt.Sscanf(at, offsetVersion+" at=%d line=%d base=%d tail=%d:%x", &p.at, &p.line, &p.base, &p.tail.bytes, &p.tail.hash)
	if err != nil || p.at < 0 || p.base < 0 || p.tail.bytes < 0 || int64(p.tail.bytes) > p.at {
		return place{}, errOffset
	}
	p.begun = true
	p.identity, err = parseIdentity("file=" + file)
	return p, err
}

func parseIdentity(s string) (i identity, err error) {
	_, err = fmt.Sscanf(s, "file=%x:%d head=%d:%x mtime=%d", &i.dev, &i.ino, &i.head.bytes, &i.head.hash, &i.mtime)
	if err != nil || i.head.bytes < 0 || i.head.bytes > headBytes {
		return identity{}, errOffset
	}
	return i, nil
}
