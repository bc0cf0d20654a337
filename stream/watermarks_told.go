package stream

import "github.com/freshet-go/freshet/internal/engine"

// Behind a Merge, watermarks are told of partitions by the tasks that read them.

// A remote is what is known of a partition that another task reads.
type remote struct {
	of    *engine.Partition
	awake int  // by how many ways its events may come
	gone  bool // it was removed
}

// take returns the index of a partition, which may be one that nothing was told of.
func (e *watermarks) take(of *engine.Partition) int {
	if of == nil {
		panic("stream: EventTime is handed events of no partition by an operator that is said to keep it: this is a mistake of the library, please report it")
	}
	i, ok := e.at[of]
	if !ok {
		i = len(e.parts)
		e.at[of] = i
		e.remotes = append(e.remotes, remote{of: of})
		e.parts = append(e.parts, noTimeYet)
		e.parts[i].done, e.settled = true, false // until it is told that it is awake
		e.resume(&e.parts[i], of)
	}
	return i
}

// hear takes in what has become of a partition.
func (e *watermarks) hear(n *engine.News) error {
	if !e.told {
		return nil
	}
	_, known := e.at[n.Of]
	i := e.take(n.Of)
	p, r := &e.parts[i], &e.remotes[i]
	if p.asked = max(p.asked, n.Asked); !known {
		p.seen = n.Asked
	}
	before := *p
	r.awake += n.Awake
	r.gone = r.gone || n.Gone
	p.done = r.awake <= 0
	if e.shared && n.Awake > 0 { // in this order, or another instance would go on in between
		e.settled = false
		e.member.Set(e.reach(e.least()))
		e.member.Told(n.Of)
	}
	if r.gone && p.done {
		e.leave(i)
		return e.advance()
	}
	e.heartbeats = e.heartbeats && !n.Timed
	if !p.done && e.heartbeats {
		e.heartbeat(p, n.Of, n.Beat)
	}
	if e.heeds() {
		silent := n.Silent // exact where nothing is taken out on the way
		if !e.dealt {      // and what came here is not all that came
			silent = max(silent, n.Asked-p.seen)
		}
		e.silent(p, silent)
	}
	if n.Awake == 0 && *p == before { // only more was asked
		return nil
	}
	return e.advance()
}

// leave forgets a partition, once the next checkpoint has it.
func (e *watermarks) leave(i int) {
	of, last := e.remotes[i].of, len(e.parts)-1
	e.keepLeft(of, e.parts[i])
	e.parts[i], e.remotes[i] = e.parts[last], e.remotes[last]
	e.at[e.remotes[i].of] = i
	delete(e.at, of)
	e.parts, e.remotes = e.parts[:last], e.remotes[:last]
}

// unheard reports whether partitions may be awake that nothing was told of yet.
func (e *watermarks) unheard() bool { return e.told && !e.opened }
