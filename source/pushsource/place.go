package pushsource

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
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
	halves []half        // oldest first: of the parcel that is being read, and of those that earlier runs were reading and that have not come again
}

// A half is a parcel of which some values have been given.
type half struct {
	mark  mark
	given int
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
	if id == "" {
		return
	}
	m := markOf(id)
	p.halves = slices.DeleteFunc(p.halves, func(h half) bool { return h.mark == m })
	p.remember(m)
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
	if id == "" {
		return
	}
	if h := p.half(markOf(id)); h != nil {
		h.given = n
		return
	}
	if p.halves = append(p.halves, half{markOf(id), n}); len(p.halves) > max(p.most, 1) {
		p.halves = p.halves[1:]
	}
}

func (p *place) half(m mark) *half {
	for i := range p.halves {
		if p.halves[i].mark == m {
			return &p.halves[i]
		}
	}
	return nil
}

// knows reports whether a parcel of that id has been read.
func (p *place) knows(id string) bool {
	return id != "" && len(p.known) > 0 && p.known[markOf(id)]
}

// begun returns how many values of a parcel of that id an earlier run has given.
func (p *place) begun(id string) int {
	if id == "" || len(p.halves) == 0 {
		return 0
	}
	if h := p.half(markOf(id)); h != nil {
		return h.given
	}
	return 0
}

// String is "v1", the number of parcels, the marks in base64, oldest first, and of each
// parcel that is half read its mark and the number of its values.
func (p *place) String() string {
	ids := make([]byte, 0, len(p.marks)*len(mark{}))
	for i := range p.marks {
		m := p.marks[(p.oldest+i)%len(p.marks)]
		ids = append(ids, m[:]...)
	}
	text := make([]byte, 0, 32+base64.RawStdEncoding.EncodedLen(len(ids))+48*len(p.halves))
	text = fmt.Appendf(text, "v1 %d ", p.number)
	text = base64.RawStdEncoding.AppendEncode(text, ids)
	for _, h := range p.halves {
		text = append(text, ' ')
		text = base64.RawStdEncoding.AppendEncode(text, h.mark[:])
		text = fmt.Appendf(text, " %d", h.given)
	}
	return string(text)
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
	for fields = fields[3:]; len(fields) > 0; fields = fields[2:] {
		m, err := base64.RawStdEncoding.DecodeString(fields[0])
		if err != nil || len(m) != len(mark{}) {
			return fmt.Errorf("%q %w", s, errOffset)
		}
		given, err := strconv.Atoi(fields[1])
		if err != nil || given <= 0 {
			return fmt.Errorf("%q %w", s, errOffset)
		}
		p.halves = append(p.halves, half{mark(m), given})
	}
	if more := len(p.halves) - max(p.most, 1); more > 0 { // Remember was larger
		p.halves = p.halves[more:]
	}
	return nil
}

// parseNumber sets p.number alone.
func (p *place) parseNumber(s string) (err error) {
	fields := strings.SplitN(s, " ", 3)
	if n := strings.Count(s, " "); fields[0] != "v1" || n < 2 || n%2 != 0 {
		return fmt.Errorf("%q %w", s, errOffset)
	}
	if p.number, err = strconv.ParseInt(fields[1], 10, 64); err != nil || p.number < 0 {
		return fmt.Errorf("%q %w", s, errOffset)
	}
	return nil
}
