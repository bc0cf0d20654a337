package pushsource

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// A place is how far a source has been read: how many parcels, and which of those that
// have an id. It is the offset, so a parcel that a checkpoint has and whose
// acknowledgement was lost is known again.
type place struct {
	number int64         // parcels that have been read
	most   int           // how many ids are kept
	known  map[mark]bool // of the last parcels
	marks  []mark        // those of known, a ring
	oldest int           // where the ring begins
	part   mark          // of the parcel that is being read
	given  int           // how many of its values have been
}

// A mark stands for an id.
type mark [16]byte

func markOf(id string) (m mark) {
	sum := sha256.Sum256([]byte(id))
	copy(m[:], sum[:])
	return m
}

// read notes that a parcel has been read to its end.
func (p *place) read(id string) {
	p.number++
	p.part, p.given = mark{}, 0
	if id != "" {
		p.remember(markOf(id))
	}
}

func (p *place) remember(m mark) {
	if p.known[m] {
		return
	}
	if p.known == nil {
		p.known = map[mark]bool{}
	}
	p.known[m] = true
	if len(p.marks) < p.most {
		p.marks = append(p.marks, m)
		return
	}
	delete(p.known, p.marks[p.oldest])
	p.marks[p.oldest] = m
	p.oldest = (p.oldest + 1) % len(p.marks)
}

// within notes that n values of a parcel have been given.
func (p *place) within(id string, n int) {
	if id != "" {
		p.part, p.given = markOf(id), n
	}
}

// knows reports whether a parcel of that id has been read.
func (p *place) knows(id string) bool {
	return id != "" && len(p.known) > 0 && p.known[markOf(id)]
}

// begun returns how many values of a parcel of that id an earlier run has given.
func (p *place) begun(id string) int {
	if id == "" || p.given == 0 || p.part != markOf(id) {
		return 0
	}
	return p.given
}

// String is "v1", the number of parcels, the marks in base64, oldest first, and
// where a parcel is half read its mark and the number of its values.
func (p *place) String() string {
	var ids []byte
	for i := range p.marks {
		m := p.marks[(p.oldest+i)%len(p.marks)]
		ids = append(ids, m[:]...)
	}
	s := fmt.Sprintf("v1 %d %s", p.number, base64.RawStdEncoding.EncodeToString(ids))
	if p.given > 0 {
		s += fmt.Sprintf(" %s %d", base64.RawStdEncoding.EncodeToString(p.part[:]), p.given)
	}
	return s
}

// parse sets p to what an offset says.
func (p *place) parse(s string) error {
	if err := p.parseNumber(s); err != nil {
		return err
	}
	fields := strings.Split(s, " ")
	ids, err := base64.RawStdEncoding.DecodeString(fields[2])
	if err != nil || len(ids)%len(mark{}) != 0 {
		return fmt.Errorf("%q %w", s, errOffset)
	}
	for ; len(ids) > 0; ids = ids[len(mark{}):] {
		p.remember(mark(ids[:len(mark{})]))
	}
	if len(fields) == 3 {
		return nil
	}
	part, err := base64.RawStdEncoding.DecodeString(fields[3])
	if err == nil {
		p.given, err = strconv.Atoi(fields[4])
	}
	if err != nil || len(part) != len(mark{}) || p.given <= 0 {
		return fmt.Errorf("%q %w", s, errOffset)
	}
	p.part = mark(part)
	return nil
}

// parseNumber sets p.number alone.
func (p *place) parseNumber(s string) (err error) {
	fields := strings.SplitN(s, " ", 6)
	if fields[0] != "v1" || len(fields) != 3 && len(fields) != 5 {
		return fmt.Errorf("%q %w", s, errOffset)
	}
	if p.number, err = strconv.ParseInt(fields[1], 10, 64); err != nil || p.number < 0 {
		return fmt.Errorf("%q %w", s, errOffset)
	}
	return nil
}
