package kafkasource

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// changes applies what has become of the topics. That a topic is gone, or is another one, has to be seen
// twice: brokers do not learn it all at once.
type changes struct {
	*link
	client *kgo.Client
	doubts map[string]bool // topics that were seen to be gone, or to be another one
	purged map[string]bool // topics that the client of a member is to know again, once they are there
	busy   sync.WaitGroup
}

// follow looks for topics again and again.
func (l *link) follow(ctx context.Context, c *kgo.Client) error {
	ticker := time.NewTicker(l.config.refresh)
	defer ticker.Stop()
	x := &changes{link: l, client: c, doubts: map[string]bool{}, purged: map[string]bool{}}
	defer x.busy.Wait()
	stuck := map[*partition]place{}
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-l.failure:
			return err
		case <-ticker.C:
		}
		found, err := l.look(ctx)
		if err == nil && !l.config.bounded {
			err = x.apply(ctx, found)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		if l.config.bounded && c.OptValue(kgo.FetchIsolationLevel) != kgo.ReadUncommitted() { // who reads what was aborted passes over nothing
			l.passAborted(ctx, c, stuck)
		}
	}
}

// apply compares what is read with what there is.
func (x *changes) apply(ctx context.Context, found map[string]seen) error {
	doubts, read := map[string]bool{}, map[string]bool{}
	var gone []*partition
	for _, p := range x.all() {
		read[p.name], read[p.topic] = true, true
		was := p.at0()
		t, there := found[p.topic]
		if t.waits || there && (t.id == was.id || t.id == [16]byte{}) {
			continue
		}
		doubts[p.topic] = true
		if !x.doubts[p.topic] || !x.leaves(p) {
			continue
		}
		cause := ErrDeleted
		if there {
			cause = ErrReplaced
		}
		if err := x.lose(p.name, was.offset, p.behind(), cause); err != nil {
			return err
		}
		gone = append(gone, p)
	}
	x.doubts = doubts
	x.drop(ctx, gone)
	if x.config.group != "" {
		for topic := range x.purged {
			if t, there := found[topic]; there && !t.waits && !read[topic] {
				delete(x.purged, topic)
				x.client.AddConsumeTopics(topic)
			}
		}
		return nil
	}
	if x.Fixed {
		x.report(found)
		return nil
	}
	var added []slot
	for _, s := range slotsOf(found) {
		if name := nameOf(s.topic, s.number); !read[name] && !doubts[s.topic] {
			added = append(added, s)
		}
	}
	return x.add(ctx, added)
}

// report says once of each partition that has come since all were handed out that nobody reads it.
func (x *changes) report(found map[string]seen) {
	for _, s := range slotsOf(found) {
		if name := nameOf(s.topic, s.number); !x.known[name] {
			x.known[name] = true
			x.logger.Warn("a partition has come since the job began, and nobody reads it: stop the job with a savepoint, and go on from that, which takes it in", "partition", name)
		}
	}
}

// leaves notes that a partition is being removed, and reports false if it is already.
func (l *link) leaves(p *partition) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := p.leaving
	p.leaving = true
	return !was
}

// add reads partitions that have come.
func (x *changes) add(ctx context.Context, slots []slot) error {
	if len(slots) == 0 {
		return nil
	}
	if err := x.polled.done(ctx); err != nil { // of a topic that was deleted something may be on its way
		return err
	}
	x.mu.Lock()
	for _, s := range slots { // of a topic that was deleted it has been said
		if name := nameOf(s.topic, s.number); x.saved[name].id != s.id {
			delete(x.saved, name)
		}
	}
	x.mu.Unlock()
	list, err := x.open(ctx, slots, false)
	if err != nil {
		return err
	}
	for _, p := range list {
		x.logger.Info("a partition has come", "partition", p.name, "offset", p.at0().offset)
		if err := x.told.add(ctx, p); err != nil {
			return err
		}
	}
	x.fetch(x.client, list)
	return nil
}

// drop has partitions be read to the end of what was fetched, and no more.
func (x *changes) drop(ctx context.Context, list []*partition) {
	if len(list) == 0 {
		return
	}
	var topics, names []string
	for _, p := range list {
		topics, names = append(topics, p.topic), append(names, p.name)
		x.purged[p.topic] = true
		p.finish()
	}
	x.told.ready(names...)
	x.client.PurgeTopicsFromConsuming(topics...)
	if x.Fixed { // its reader stays, and has ended
		for _, p := range list {
			delete(x.known, p.name) // who comes again under its name is told of
		}
		return
	}
	for _, p := range list {
		x.busy.Go(func() {
			select {
			case <-p.read:
			case <-ctx.Done():
				return
			}
			if err := x.told.remove(ctx, p.name); err != nil && ctx.Err() == nil {
				x.fail(err)
			}
		})
	}
}
