package engine

import "sync"

// A queue holds the partitions of a task that may be read: the one that is furthest behind
// comes first, and of several the one that the task has had longer. It is a heap.
type queue struct {
	heap  []*Partition
	aside []*Partition // that are not to be chosen in this step
	full  bool         // those are in it that were there when the run began
}

// before reports whether p is to be read before q.
func (p *Partition) before(q *Partition) bool {
	if p.Front != q.Front {
		return p.Front < q.Front
	}
	return p.Local < q.Local
}

// put puts a partition in, if it is not in it.
func (q *queue) put(p *Partition) {
	if p.place > 0 {
		return
	}
	q.heap = append(q.heap, p)
	p.place = len(q.heap)
	q.up(p.place)
}

// take takes a partition out, if it is in it.
func (q *queue) take(p *Partition) {
	if p.place == 0 {
		return
	}
	at, last := p.place, q.heap[len(q.heap)-1]
	q.heap[len(q.heap)-1] = nil
	q.heap = q.heap[:len(q.heap)-1]
	if p.place = 0; last == p {
		return
	}
	q.heap[at-1], last.place = last, at
	q.moved(last)
}

// moved finds the place of a partition that is further now, or has another number in its task.
func (q *queue) moved(p *Partition) {
	if p.place > 0 {
		q.up(p.place)
		q.down(p.place)
	}
}

func (q *queue) up(at int) {
	for at > 1 && q.heap[at-1].before(q.heap[at/2-1]) {
		q.swap(at, at/2)
		at /= 2
	}
}

func (q *queue) down(at int) {
	for {
		least := at
		for child := 2 * at; child <= min(2*at+1, len(q.heap)); child++ {
			if q.heap[child-1].before(q.heap[least-1]) {
				least = child
			}
		}
		if least == at {
			return
		}
		q.swap(at, least)
		at = least
	}
}

func (q *queue) swap(i, j int) {
	q.heap[i-1], q.heap[j-1] = q.heap[j-1], q.heap[i-1]
	q.heap[i-1].place, q.heap[j-1].place = i, j
}

// again puts those back in that had been put aside, and at first all, as they stand
// where the run begins.
func (q *queue) again(all []*Partition) {
	if !q.full {
		q.full = true
		for _, p := range all {
			q.put(p)
		}
	}
	for _, p := range q.aside {
		q.put(p)
	}
	clear(q.aside)
	q.aside = q.aside[:0]
}

// choose returns the partition that is furthest behind, or nil when all have
// ended, must wait, or have nothing. What has ended, or has nothing until its source says
// otherwise, costs no later choice.
func (l *reading) choose() (next *Partition) {
	q := &l.queue
	for len(q.heap) > 0 {
		p := q.heap[0]
		front := p.Front
		switch p.hear(); {
		case p.Front > front: // another task has told: it may not be the first any more
			q.moved(p)
		case p.Done || p.silent || p.leaving:
			q.take(p)
		case p.passed == l.steps || !l.open(p):
			q.take(p)
			q.aside = append(q.aside, p)
		default:
			return p
		}
	}
	return nil
}

func (l *reading) open(p *Partition) bool {
	for _, gate := range l.task.gates {
		if !gate(p) {
			return false
		}
	}
	return true
}

// stirred are the partitions that the source says may have something to read.
type stirred struct {
	mu  sync.Mutex
	all []*Partition // each at most twice: before it is read, and while it is
}

// add notes one. It may be called by any goroutine.
func (s *stirred) add(p *Partition) {
	if p.ready.Swap(true) {
		return // it is noted, or has not been read since
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, p)
}

func (s *stirred) take() (all []*Partition) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, s.all = s.all, nil
	return all
}
