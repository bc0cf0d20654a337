package engine

import (
	"errors"
	"sync"
)

// Numbers are the places that partitions have in the order of partitions: what
// events of one time are ordered by. A seq has room for mostNumbers of them.
type numbers struct {
	mu   sync.Mutex
	all  []*Partition
	free []int // of partitions that are gone, the longest gone first
}

const mostNumbers = 1<<(64-SeqBits) - 2

var errManyPartitions = errors.New("the run has more than 65,534 partitions")

// reserve keeps the numbers that partitions had before for these.
func (x *numbers) reserve(n int, had func(number int) bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.all = make([]*Partition, n)
	for number := range n {
		if !had(number) {
			x.free = append(x.free, number)
		}
	}
}

// makeRoom has there be a number, for put.
func (x *numbers) makeRoom(number int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for len(x.all) <= number {
		x.all = append(x.all, nil)
	}
}

// put gives p a number that was reserved for it.
func (x *numbers) put(p *Partition, number int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	p.index, x.all[number] = number, p
}

// give gives p a number that no other has. One that another had before comes
// last: events of that one may still be held.
func (x *numbers) give(p *Partition) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case len(x.all) < mostNumbers:
		p.index = len(x.all)
		x.all = append(x.all, p)
	case len(x.free) > 0:
		p.index, x.free = x.free[0], x.free[1:]
		x.all[p.index] = p
	default:
		return errManyPartitions
	}
	return nil
}

// leave says that p is gone. It is still found, until another has its number.
func (x *numbers) leave(p *Partition) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.free = append(x.free, p.index)
}

// given returns how many numbers there are, with those of partitions that are gone.
func (x *numbers) given() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.all)
}

// of returns the partition of a number, or nil.
func (x *numbers) of(number int) *Partition {
	x.mu.Lock()
	defer x.mu.Unlock()
	if number < 0 || number >= len(x.all) {
		return nil
	}
	return x.all[number]
}
