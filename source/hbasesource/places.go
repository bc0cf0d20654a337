package hbasesource

import (
	"fmt"
	"sync"
)

// places remember the keys of the last rows, for errors that name them.
type places struct {
	mu    sync.Mutex
	first int64 // number of keys[0]
	keys  []string
}

// mostPlaces is how many are remembered at least, once there are as many: more than wait between a source and its sinks. There may be
// as many more as an answer has.
const mostPlaces = 1 << 14

// add remembers the rows of a page.
func (p *places) add(first int64, keys [][]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.keys) == 0 {
		p.first = first
	}
	if over := len(p.keys) - mostPlaces; over > mostPlaces {
		p.keys = append(p.keys[:0], p.keys[over:]...)
		p.first += int64(over)
	}
	size := 0
	for _, key := range keys {
		size += len(shown(key))
	}
	text := make([]byte, 0, size)
	for _, key := range keys {
		text = append(text, shown(key)...)
	}
	rest := string(text) // one for all, as each by itself would cost an allocation
	for _, key := range keys {
		n := len(shown(key))
		p.keys = append(p.keys, rest[:n])
		rest = rest[n:]
	}
}

// locate names the row of a number: orders row "17".
func (p *places) locate(partition string, number int64) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := number - p.first; i >= 0 && i < int64(len(p.keys)) {
		return fmt.Sprintf("%s row %q", partition, p.keys[i])
	}
	if number < 0 {
		return partition + ", its beginning"
	}
	return fmt.Sprintf("%s row number %d", partition, number)
}
