package redissource

import (
	"fmt"
	"sync"
)

// places remember which entries or keys the last events were, for errors that name them.
type places[P any] struct {
	mu    sync.Mutex
	first int64 // position of ids[0]
	ids   []P
}

// mostPlaces is how many are remembered at least, once there are as many: more than wait between a
// source and its sinks. There may be twice as many.
const mostPlaces = 1 << 14

// next returns the position of the next event.
func (p *places[P]) next() int64 { return p.first + int64(len(p.ids)) }

// add remembers the entries of the next events.
func (p *places[P]) add(id P) int64 {
	if len(p.ids) >= 2*mostPlaces {
		n := copy(p.ids, p.ids[mostPlaces:])
		p.ids = p.ids[:n]
		p.first += mostPlaces
	}
	p.ids = append(p.ids, id)
	return p.next() - 1
}

// locate names the entry of a position: "orders entry 1692632086370-0".
func (p *places[P]) locate(key, what string, position int64) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := position - p.first; i >= 0 && i < int64(len(p.ids)) {
		return fmt.Sprintf("%s %s %v", key, what, p.ids[i])
	}
	return fmt.Sprintf("%s event %d", key, position)
}
