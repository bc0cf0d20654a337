package pushsource

import "sync/atomic"

// Stats is what a source has counted in its run.
type Stats struct {
	Clients  int   // that are connected
	Accepted int64 // that have been
	Refused  int64 // that were too many, or of no network that is let in; datagrams of those, too
	Failed   int64 // that have failed, and datagrams that were none

	// Lost counts datagrams for which the kernel had no room, as those came faster than the pipeline takes
	// them. Only Linux tells, with the next that is read.
	Lost int64

	Received int64 // parcels that clients have delivered; behind a run that was told to stop, as many as have been read
	Parcels  int64 // that have been read
	Events   int64 // in them
	Rejected int64 // records in them that are no events
	Repeated int64 // parcels of an id that had been read before, which were only acknowledged
	Acked    int64 // parcels that were acknowledged
}

type counters struct {
	accepted, refused, failed, lost                      atomic.Int64
	received, parcels, events, rejected, repeated, acked atomic.Int64
}

// Stats returns the counts of the run under way, or of the last one. Any goroutine may
// call it.
func (s *Source[T]) Stats() Stats {
	o := s.run.Load()
	if o == nil {
		return Stats{}
	}
	o.mu.Lock()
	clients := len(o.conns)
	o.mu.Unlock()
	c := &o.stats
	return Stats{
		Clients: clients, Accepted: c.accepted.Load(), Refused: c.refused.Load(), Failed: c.failed.Load(), Lost: c.lost.Load(),
		Received: c.received.Load(), Parcels: c.parcels.Load(), Events: c.events.Load(), Rejected: c.rejected.Load(),
		Repeated: c.repeated.Load(), Acked: c.acked.Load(),
	}
}
