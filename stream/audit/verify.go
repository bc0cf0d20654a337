package audit

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrTampered says that a log is not what was written.
var ErrTampered = errors.New("audit: the log was tampered with")

// A TamperedError is an ErrTampered that says where.
type TamperedError struct{ Problems []Problem }

// A Problem is a place where a log is not what was written.
type Problem struct {
	Entry int64 // the number of the line, or that of an entry that is not there; from 1
	What  string
}

func (e *TamperedError) Error() string {
	var b strings.Builder
	b.WriteString(ErrTampered.Error())
	for i, p := range e.Problems {
		if i == 5 {
			fmt.Fprintf(&b, "; and %d more", len(e.Problems)-i)
			break
		}
		fmt.Fprintf(&b, "; entry %d: %s", p.Entry, p.What)
	}
	return b.String()
}

// Is reports whether target is ErrTampered.
func (e *TamperedError) Is(target error) bool { return target == ErrTampered }

// A Report is what Verify has found.
type Report struct {
	Entries     int64
	First, Last Entry
	Head        Head // of the last entry, not signed
}

// mostProblems bounds what a TamperedError has.
const mostProblems = 1000

// A VerifyOption sets what a log is held to.
type VerifyOption func(*checker)

// Against has the log hold the entry of a Head that was kept elsewhere: where its end was cut off, or all of
// it was written anew, that is found.
func Against(h Head) VerifyOption { return func(c *checker) { c.heads = append(c.heads, h) } }

// After is for a log that began with [Continue].
func After(h Head) VerifyOption { return func(c *checker) { c.prev = h.Hash } }

// Each has f called with each entry whose signature is right, in order.
func Each(f func(e Entry)) VerifyOption { return func(c *checker) { c.each = f } }

// Verify reads a log to its end and looks whether each entry was signed by one of the keys, follows the one before, and
// is there once. It returns a *TamperedError with all that is wrong, up to 1,000 problems, and other errors if the log cannot be read. A log
// may be verified while it is written: an unfinished last entry is a problem then.
func Verify(ctx context.Context, lines Lines, keys []ed25519.PublicKey, opts ...VerifyOption) (Report, error) {
	c := &checker{prev: noHash, keys: map[string]ed25519.PublicKey{}}
	for _, k := range keys {
		if len(k) != ed25519.PublicKeySize {
			return Report{}, fmt.Errorf("audit: a key of %d bytes: want %d", len(k), ed25519.PublicKeySize)
		}
		c.keys[KeyID(k)] = k
	}
	for i, o := range opts {
		if o == nil {
			return Report{}, fmt.Errorf("audit: Verify: option %d of %d is nil", i+1, len(opts))
		}
		o(c)
	}
	for _, h := range c.heads {
		if !h.signedBy(c.keys) {
			return Report{}, fmt.Errorf("audit: the head of entry %d was not signed by one of the keys", h.Seq)
		}
	}
	for line, err := range lines.Lines(ctx) {
		if err != nil {
			return c.report, err
		}
		c.look(line)
		if len(c.problems) >= mostProblems {
			break
		}
	}
	for _, h := range c.heads {
		if h.Seq > c.report.Entries {
			c.problem(c.report.Entries+1, "it and those behind it were cut off: a head tells of %d entries", h.Seq)
		}
	}
	c.report.Head = Head{Seq: c.report.Entries, Hash: c.prev}
	if len(c.problems) > 0 {
		return c.report, &TamperedError{c.problems}
	}
	return c.report, nil
}

// A checker follows a log.
type checker struct {
	keys  map[string]ed25519.PublicKey
	heads []Head
	each  func(Entry)

	seq      int64  // of the last entry
	prev     string // its hash
	last     []byte // its line, for Open
	report   Report
	problems []Problem
}

func (c *checker) problem(entry int64, format string, args ...any) {
	c.problems = append(c.problems, Problem{entry, fmt.Sprintf(format, args...)})
}

// follows reports whether an entry is the next one.
func (c *checker) follows(e Entry) error {
	switch {
	case e.Seq != c.seq+1:
		return fmt.Errorf("it has the number %d where %d belongs: entries were removed, added or moved", e.Seq, c.seq+1)
	case e.Prev != c.prev:
		return errors.New("it does not follow the entry before, which was changed, removed or put there")
	}
	return nil
}

// take goes on behind an entry.
func (c *checker) take(e Entry, line []byte) { c.seq, c.prev = e.Seq, hashOf(line) }

// look checks a line. Behind a problem it goes on with what is there, so that one problem does
// not make all that follows one.
func (c *checker) look(line []byte) {
	c.report.Entries++
	at := c.report.Entries
	e, body, sig, err := parse(line)
	if err != nil {
		c.problem(at, "%v", err)
		c.seq, c.prev = c.seq+1, hashOf(line)
		return
	}
	key, known := c.keys[e.Key]
	switch {
	case !known:
		c.problem(at, "it was signed by the key %s, which is none of those given", e.Key)
	case !verified(key, signed, body, sig):
		c.problem(at, "its signature is wrong: it was changed")
	default:
		if err := c.follows(e); err != nil {
			c.problem(at, "%v", err)
		}
		if c.each != nil {
			c.each(e)
		}
	}
	for _, h := range c.heads {
		if h.Seq == e.Seq && h.Hash != hashOf(line) {
			c.problem(at, "it is another entry than the one of which a head tells")
		}
	}
	if c.report.Entries == 1 {
		c.report.First = e
	}
	c.report.Last = e
	c.take(e, line)
}

// Problems returns the problems of an error of Verify or Open.
func Problems(err error) []Problem {
	if t, ok := errors.AsType[*TamperedError](err); ok {
		return slices.Clone(t.Problems)
	}
	return nil
}
