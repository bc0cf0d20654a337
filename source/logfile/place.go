package logfile

import (
	"fmt"
	"slices"
	"sync"
)

// Places remember where in their files positions of the partition are, and in which lines the last
// rejected records. Operators ask from goroutines of their own.
type places struct {
	mu    sync.Mutex
	bases []int64 // where generations begin, ascending
	lines []lined // of the records that were rejected last, ascending
}

type lined struct{ position, line int64 }

const (
	mostBases = 1024
	mostLines = 2 * maxRejects
)

// begin notes that a generation begins at a position.
func (p *places) begin(base int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.bases); n == 0 || p.bases[n-1] < base {
		if n == mostBases {
			p.bases = slices.Delete(p.bases, 0, n/2)
		}
		p.bases = append(p.bases, base)
	}
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
	if i, found := slices.BinarySearch(p.bases, position); found {
		at -= p.bases[i]
	} else if i > 0 {
		at -= p.bases[i-1]
	}
	i, ok := slices.BinarySearchFunc(p.lines, position, func(l lined, at int64) int { return int(min(max(l.position-at, -1), 1)) })
	if ok && (r.text || r.lines) {
		return fmt.Sprintf("%s line %d byte %d", r.name, p.lines[i].line, at)
	}
	return fmt.Sprintf("%s byte %d", r.name, at)
}
