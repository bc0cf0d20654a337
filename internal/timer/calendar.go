package timer

import (
	"cmp"
	"slices"
)

// An entry is an item as the calendar has it: when it is due, and the slot that
// whoever pushed it finds its value by.
type entry struct {
	due  int64
	seq  uint64
	slot uint32
	nth  uint32 // of those that were pushed, modulo 2³²: it orders those of one due time and seq
}

// A calendar orders entries. It knows nothing of the values, so that it is
// compiled once and not for every type that is queued.
//
// It is a calendar queue in the spirit of R. Brown, "Calendar queues: a fast
// O(1) priority queue implementation for the simulation event set problem",
// CACM 31(10), 1988: what is due later waits unsorted in buckets of one width,
// and a bucket is sorted when its time has come. Where the paper resizes an
// array of buckets, this makes them narrower when one was too full. What is
// pushed into the bucket at hand is sorted when it is asked for: whoever
// pushes many and then pops many pays for one sort, and not for a heap.
type calendar struct {
	now     []entry // the bucket whose time has come, the earliest entry last
	soon    []entry // what was pushed into its time since, in that order
	later   map[int64]*bucket
	near    []*bucket // some of later, by the last bits of their numbers: a cache
	last    *bucket   // the one of later that was pushed into last
	order   []int64   // the numbers of the buckets of later, as a heap
	current int64     // the number of the bucket in now; all before it are empty
	began   bool
	shift   uint
	n       int
	pushed  uint32 // the nth of the next entry
	free    []*bucket
}

// A bucket holds the entries that are due in a span of time, which has the
// number due >> shift.
type bucket struct {
	number  int64
	entries []entry
}

const (
	firstShift = 36  // buckets of about a minute, in nanoseconds
	lastShift  = 10  // buckets of about a microsecond
	fullBucket = 256 // a bucket of more entries is too wide

	leastNear = 16
	mostNear  = 1 << 14
)

func latestFirst(a, b entry) int {
	if a.due != b.due {
		return cmp.Compare(b.due, a.due)
	}
	if a.seq != b.seq {
		return cmp.Compare(b.seq, a.seq)
	}
	return int(int32(b.nth - a.nth)) // of 2³¹ pushes between two, none is left
}

// parts yields all entries as the slices that they are in. Those of one due time and seq are in the order in which they
// were pushed, but for now, which is backwards, and comes first.
func (c *calendar) parts(yield func([]entry) bool) {
	if !yield(c.now) || !yield(c.soon) {
		return
	}
	for _, b := range c.later {
		if !yield(b.entries) {
			return
		}
	}
}

// push adds an entry.
func (c *calendar) push(e entry) {
	if !c.began {
		c.began, c.shift, c.current = true, firstShift, e.due>>firstShift
		c.later, c.near = map[int64]*bucket{}, make([]*bucket, leastNear)
	}
	e.nth = c.pushed
	c.pushed++
	c.n++
	b := c.bucket(e.due)
	*b = append(*b, e)
}

// bucket returns where an entry has to wait.
func (c *calendar) bucket(due int64) *[]entry {
	number := due >> c.shift
	switch {
	case number < c.current:
		c.putBack()
		c.current = number
		return &c.soon
	case number == c.current:
		return &c.soon
	case c.last == nil || c.last.number != number:
		c.last = c.find(number)
	}
	return &c.last.entries
}

// find returns the bucket of later that has a number.
func (c *calendar) find(number int64) *bucket {
	if len(c.near) < min(2*len(c.later), mostNear) {
		c.near = make([]*bucket, 2*len(c.near))
	}
	near := &c.near[number&int64(len(c.near)-1)]
	if *near == nil || (*near).number != number {
		if *near = c.later[number]; *near == nil {
			*near = c.add(number)
		}
	}
	return *near
}

// add adds an empty bucket to later.
func (c *calendar) add(number int64) *bucket {
	b := &bucket{}
	if n := len(c.free); n > 0 {
		b, c.free = c.free[n-1], c.free[:n-1]
	}
	b.number = number
	c.later[number] = b
	push(&c.order, number)
	return b
}

// putBack makes the bucket at hand one of later, as an earlier one was found.
func (c *calendar) putBack() {
	if len(c.now)+len(c.soon) > 0 {
		slices.Reverse(c.now) // buckets have those of one due time and seq in the order of nth
		b := c.add(c.current)
		b.entries, c.now = append(c.now, c.soon...), b.entries
		c.soon = c.soon[:0]
	}
}

// next returns the earliest due time, and false when there is no entry.
func (c *calendar) next() (int64, bool) {
	e, ok := c.first()
	return e.due, ok
}

// first returns the earliest entry, and false when there is none.
func (c *calendar) first() (e entry, ok bool) {
	if c.n == 0 {
		return e, false
	}
	c.turn()
	return c.now[len(c.now)-1], true
}

// pop removes the earliest entry.
func (c *calendar) pop() entry {
	c.turn()
	last := len(c.now) - 1
	e := c.now[last]
	c.now = c.now[:last]
	c.n--
	return e
}

// popDue removes entries that are due by a time, limit of them at most, and
// returns them, the earliest one last. They are valid until the next call.
// Only when it returns none is nothing left that is due.
func (c *calendar) popDue(by int64, limit int) []entry {
	if limit <= 0 || c.n == 0 {
		return nil
	}
	c.turn()
	first := c.firstDue(by, limit)
	due := c.now[first:]
	c.now = c.now[:first]
	c.n -= len(due)
	return due
}

// firstDue returns where those begin in now that are due by a time, limit of them at most.
func (c *calendar) firstDue(by int64, limit int) int {
	first, least := len(c.now), max(len(c.now)-limit, 0)
	for first > least && c.now[first-1].due <= by {
		first--
	}
	return first
}

// lastDue returns when the last of those is due that popDue would remove, and whether there are any.
func (c *calendar) lastDue(by int64, limit int) (int64, bool) {
	if limit <= 0 || c.n == 0 {
		return 0, false
	}
	c.turn()
	first := c.firstDue(by, limit)
	if first == len(c.now) {
		return 0, false
	}
	return c.now[first].due, true
}

// turn sees to it that the earliest entry of a calendar that is not empty is
// the last one of now.
func (c *calendar) turn() {
	for {
		if len(c.soon) > 0 {
			if len(c.now)+len(c.soon) > fullBucket && c.shift > lastShift && c.wide() {
				c.narrow()
				continue
			}
			c.sortIn()
		}
		if len(c.now) > 0 {
			return
		}
		b := c.later[pop(&c.order)]
		c.drop(b)
		c.current = b.number
		c.soon, b.entries = b.entries, c.soon
		if len(c.free) < 64 {
			c.free = append(c.free, b)
		}
	}
}

// drop takes a bucket out of later.
func (c *calendar) drop(b *bucket) {
	delete(c.later, b.number)
	if c.last == b {
		c.last = nil
	}
	if near := c.near[b.number&int64(len(c.near)-1):]; near[0] == b {
		near[0] = nil
	}
}

// wide reports whether the entries of soon are due at different times, so that
// narrower buckets would tell them apart.
func (c *calendar) wide() bool {
	first := c.soon[0].due >> lastShift
	for i := range c.soon {
		if c.soon[i].due>>lastShift != first {
			return true
		}
	}
	return false
}

// sortIn moves the entries of soon to their places in now.
func (c *calendar) sortIn() {
	slices.SortFunc(c.soon, latestFirst)
	if len(c.now) == 0 {
		c.now, c.soon = c.soon, c.now
		return
	}
	i, j := len(c.now)-1, len(c.soon)-1
	c.now = append(c.now, c.soon...)
	for k := len(c.now) - 1; j >= 0; k-- {
		if i >= 0 && latestFirst(c.now[i], c.soon[j]) > 0 {
			c.now[k] = c.now[i]
			i--
		} else {
			c.now[k] = c.soon[j]
			j--
		}
	}
	c.soon = c.soon[:0]
}

// narrow puts everything into buckets of an eighth of the width.
func (c *calendar) narrow() {
	slices.Reverse(c.now)
	all := append(c.now, c.soon...)
	for _, b := range c.later {
		all = append(all, b.entries...)
	}
	clear(c.later)
	clear(c.near)
	c.now, c.soon, c.last, c.order = nil, nil, nil, c.order[:0]
	c.shift -= 3
	c.current = c.current<<3 - 1
	for _, e := range all {
		b := c.bucket(e.due)
		*b = append(*b, e)
	}
}
