package engine

import "time"

// An EdgeCount is what has gone over an exchange into an input of an operator.
type EdgeCount struct {
	From, To         string
	Input            int // of To
	Batches, Events  int64
	Held             time.Duration // for how long senders have waited for space, all together
	Queued, Capacity int           // messages that wait now, and that the queues have room for
}

func (r *Run) addPort(p *Port) {
	r.statsMu.Lock()
	defer r.statsMu.Unlock()
	r.ports = append(r.ports, p)
}

func (r *Run) addLane(p *Port, l *lane) {
	r.statsMu.Lock()
	defer r.statsMu.Unlock()
	p.lanes = append(p.lanes, l)
}

// edges returns what has gone over each exchange, in the order of the plan. The
// caller holds statsMu.
func (r *Run) edges() (all []EdgeCount) {
	at := map[inputKey]*EdgeCount{}
	for _, p := range r.ports {
		e := at[p.inputKey]
		if e == nil {
			e = &EdgeCount{From: p.n.Inputs[p.input].Name, To: p.n.Name, Input: p.input}
			at[p.inputKey] = e
		}
		p.task.inbox.count(p.lanes, e)
	}
	for _, n := range r.Plan.Nodes {
		for i := range n.Inputs {
			if e := at[inputKey{n, i}]; e != nil {
				all = append(all, *e)
			}
		}
	}
	return all
}

func (in *inbox) count(lanes []*lane, e *EdgeCount) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, l := range lanes {
		e.Batches += l.batches
		e.Events += l.events
		e.Held += l.held
		e.Queued += l.n
		e.Capacity += len(l.ring)
	}
}
