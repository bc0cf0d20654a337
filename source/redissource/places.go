package redissource

import (
	"fmt"
	"sync"

	"github.com/freshet-go/freshet/internal/redisio"
)

// places remember which entries the last events were, for errors that name them.
type places struct {
	mu    sync.Mutex
	first int64 // position of ids[0]
	ids   []redisio.ID
}

// mostPlaces is how many are remembered at least, once there are as many: more than wait between a
// source and its sinks. There may be twice as many.
const mostPlaces = 1 << 14

// next returns the position of the next event.
func (p *places) next() int64 { return p.first + int64(len(p.ids)) }

// add remembers the entries of the next events.
func (p *places) add(id redisio.ID) int64 {
	if len(p.ids) >= 2*mostPlaces {
		n := copy(p.ids, p.ids[mostPlaces:])
		p.ids = p.ids[:n]
		p.first += mostPlaces
	}
	p.ids = append(p.ids, id)
	return p.next() - 1
}

// locate names the entry of a position.
func (p *places) locate(key string, position int64) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := position - p.first; i >= 0 && i < int64(len(p.ids)) {
		return fmt.Sprintf("%s entry %v", key, p.ids[i])
	}
	return fmt.Sprintf("%s event %d", key, position)
}
