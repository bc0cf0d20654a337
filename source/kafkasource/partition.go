package kafkasource

import (
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A partition is what was fetched of one and waits for its reader.
type partition struct {
	*link
	topic  string
	number int32
	name   string
	closed chan struct{} // by its reader
	read   chan struct{} // closed when all was read, where it was said that nothing follows

	leaving bool // it is being removed; the link's
	given   bool // somebody else may have it: nothing of it is committed any more; guarded by the link's commits.pending

	mu       sync.Mutex
	queue    []chunk
	records  int   // in queue
	fetched  place // behind what is in queue
	floating bool  // nothing was read yet, and any beginning will do
	end      int64 // where a bounded one ends; -1 without
	ended    bool  // nothing follows what is in queue
	allRead  bool  // read is closed
	paused   bool  // it is not fetched
	mark     int64 // where the log ends, as far as is known

	at place // behind what was read; its reader's
}

// A chunk is a fetch, or a jump.
type chunk struct {
	records []*kgo.Record
	jump    *place
}

func (l *link) newPartition(topic string, number int32, from place) *partition {
	return &partition{link: l, topic: topic, number: number, name: nameOf(topic, number), closed: make(chan struct{}), read: make(chan struct{}), fetched: from, at: from, end: -1}
}

// mostFetches is how many fetches of a partition wait.
const mostFetches = 8

func (p *partition) full() bool { return p.records >= p.config.buffer || len(p.queue) >= mostFetches }

// push adds what was fetched, and reports whether there is anything to read.
func (p *partition) push(records []*kgo.Record, mark int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mark = max(p.mark, mark)
	if len(records) == 0 || p.ended {
		return false
	}
	p.floating = false
	last := records[len(records)-1]
	p.fetched.offset, p.fetched.epoch = last.Offset+1, last.LeaderEpoch
	if p.end >= 0 && p.fetched.offset >= p.end {
		p.ended = true
		for len(records) > 0 && records[len(records)-1].Offset >= p.end {
			records = records[:len(records)-1]
		}
	}
	p.queue = append(p.queue, chunk{records: records})
	p.records += len(records)
	return true
}

// jump has the reader go on elsewhere.
func (p *partition) jump(to place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fetched = to
	p.queue = append(p.queue, chunk{jump: &to})
	p.ended = p.ended || p.end >= 0 && to.offset >= p.end
}

// passOver has the reader go on behind places that hold nothing for it, and reports false if something was fetched since it was at was.
func (p *partition) passOver(was, to place) bool {
	p.mu.Lock()
	still := p.fetched == was && !p.ended
	p.mu.Unlock()
	if still {
		p.jump(to)
	}
	return still
}

// starves reports whether more is to be fetched, and nothing waits for the reader.
func (p *partition) starves() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.ended && !p.paused && len(p.queue) == 0
}

// finish says that nothing follows.
func (p *partition) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
}

// done reports whether nothing more is to be fetched.
func (p *partition) done() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended
}

// pop takes a chunk, and reports false if there is none. Where it makes room it has the partition be fetched again.
func (p *partition) pop() (c chunk, ok, ended bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		if p.ended && !p.allRead {
			p.allRead = true
			close(p.read)
		}
		return c, false, p.ended
	}
	c = p.queue[0]
	p.queue[0] = chunk{}
	p.queue = p.queue[1:]
	p.records -= len(c.records)
	if !p.full() {
		select {
		case p.drained <- struct{}{}:
		default: // it is known
		}
	}
	if p.paused && 2*p.records <= p.config.buffer {
		// The client is told while p.mu is held, as it is of a pause: the two could else come to it in another order than to p.paused.
		p.paused = false
		p.resume(p.topic, p.number)
	}
	return c, true, false
}

// at0 returns the place behind what was fetched.
func (p *partition) at0() place {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fetched
}

// begins reports whether nothing was read yet, and any beginning will do.
func (p *partition) begins() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.floating
}

// behind returns how many records there are, as far as is known, that were not fetched.
func (p *partition) behind() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(0, p.mark-p.fetched.offset)
}
