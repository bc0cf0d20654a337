package logfile

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
)

// Places remember where in their files positions of the partition are, and in which lines the last
// rejected records. Operators ask from goroutines of their own.
type places struct {
	mu    sync.Mutex
	parts []part  // ascending; each goes up to the next
	lines []lined // of the records that were rejected last, ascending
}

// A part of the positions is of one file, from a byte of it on.
type part struct{ position, at int64 }

type lined struct{ position, line int64 }

const (
	mostParts = 1024
	mostLines = 2 * maxRejects
)

// begin notes that a generation begins at a position, if it is not known yet.
func (p *places) begin(base int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.parts)
	if n > 0 && p.parts[n-1].position == base { // of the generation before, of which nothing follows
		n, p.parts = n-1, p.parts[:n-1]
	}
	if n == 0 || p.parts[n-1].position < base {
		p.add(part{base, 0})
	}
}

// goOn notes that a position is a byte of a file, of which as much follows as there is up to the next note.
func (p *places) goOn(position, at int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.parts); n > 0 && p.parts[n-1].position == position { // nothing stands there
		p.parts = p.parts[:n-1]
	}
	p.add(part{position, at})
}

func (p *places) add(is part) {
	if n := len(p.parts); n == mostParts {
		p.parts = slices.Delete(p.parts, 0, n/2)
	}
	p.parts = append(p.parts, is)
}

// note notes that a position is in a line of its file, if that is known: it counts from 1.
func (p *places) note(position, line int64) {
	if line <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.lines) == mostLines {
		p.lines = slices.Delete(p.lines, 0, maxRejects)
	}
	p.lines = append(p.lines, lined{position, line})
}

// Locate returns "access.log line 3 byte 120". The line is known of records that were rejected a moment
// ago.
func (r *reader[T]) Locate(position int64) string {
	p := &r.places
	p.mu.Lock()
	defer p.mu.Unlock()
	at := position
	i, found := slices.BinarySearchFunc(p.parts, position, func(is part, at int64) int { return cmp.Compare(is.position, at) })
	if !found {
		i--
	}
	if i >= 0 {
		at += p.parts[i].at - p.parts[i].position
	}
	i, found = slices.BinarySearchFunc(p.lines, position, func(l lined, at int64) int { return cmp.Compare(l.position, at) })
	if found && (r.text || r.lines) {
		return fmt.Sprintf("%s line %d byte %d", r.name, p.lines[i].line, at)
	}
	return fmt.Sprintf("%s byte %d", r.name, at)
}
