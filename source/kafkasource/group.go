package kafkasource

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// watchGroup reads what the group hands out.
func (l *link) watchGroup(ctx context.Context) error {
	found, err := l.look(ctx)
	if err != nil {
		return err
	}
	for _, topic := range l.topics {
		if _, ok := found[topic]; !ok && !l.config.allowMissing {
			return &ReadError{topic, fmt.Errorf("%w: AllowMissing waits for it", kerr.UnknownTopicOrPartition)}
		}
	}
	initial := map[string]bool{}
	for _, s := range slotsOf(found) {
		initial[nameOf(s.topic, s.number)] = l.Offsets == nil
	}
	topics := kgo.ConsumeTopics(l.topics...)
	regex := []kgo.Opt{}
	if l.pattern != nil {
		topics, regex = kgo.ConsumeTopics(l.pattern.String()), []kgo.Opt{kgo.ConsumeRegex()}
	}
	c, err := l.newConsumer(append(regex, topics, kgo.ConsumerGroup(l.config.group), kgo.DisableAutoCommit(),
		kgo.AdjustFetchOffsetsFn(func(now context.Context, offsets map[string]map[int32]kgo.Offset) (map[string]map[int32]kgo.Offset, error) {
			err := l.assigned(ctx, now, initial, offsets)
			if err != nil && now.Err() == nil && ctx.Err() == nil {
				l.fail(err)
			}
			return offsets, err
		}),
		kgo.OnPartitionsRevoked(func(now context.Context, c *kgo.Client, taken map[string][]int32) { l.revoked(ctx, now, c, taken) }),
		kgo.OnPartitionsLost(func(now context.Context, c *kgo.Client, taken map[string][]int32) {
			l.logger.Warn("the group has taken this member for dead", "group", l.config.group)
			l.giveUp(taken)
			l.revoked(ctx, now, c, taken)
		}))...)
	if err != nil {
		return err
	}
	return l.together(ctx, func(ctx context.Context) error { return l.poll(ctx, c) }, func(ctx context.Context) error { return l.follow(ctx, c) }, l.committing)
}

// assigned is called when the group has handed out partitions, and sets where each is gone on with. The context now ends when the group is balanced anew.
// Initial are the partitions that were there when the first run began.
func (l *link) assigned(ctx, now context.Context, initial map[string]bool, offsets map[string]map[int32]kgo.Offset) error {
	if err := l.polled.done(now); err != nil {
		return err
	}
	found, err := l.look(now)
	if err != nil {
		return err
	}
	committed, err := l.committed(now, l.config.group, slices.Sorted(maps.Keys(offsets)))
	if err != nil {
		return err
	}
	fresh := map[bool][]slot{}
	var list []*partition
	for topic, parts := range offsets {
		for number := range parts {
			s := slot{topic, number, found[topic].id}
			p := l.part(nameOf(topic, number))
			if p != nil && l.isLeaving(p) {
				if p = nil; !l.gone(now, nameOf(topic, number)) {
					return now.Err()
				}
			}
			if p == nil {
				at, ok, err := l.goesOn(s, committed)
				if err != nil {
					return err
				}
				if !ok {
					first := initial[nameOf(topic, number)]
					fresh[first] = append(fresh[first], s)
					continue
				}
				p = l.newPartition(topic, number, at)
				list = append(list, p)
			}
			parts[number] = p.at0().kgo()
		}
	}
	for first, slots := range fresh {
		begun, err := l.fresh(now, slots, first)
		if err != nil {
			return err
		}
		for _, p := range begun {
			p.fetched.token = rand.Text()
			p.at = p.fetched
			offsets[p.topic][p.number] = p.fetched.kgo()
		}
		list = append(list, begun...)
		if first && l.config.start.kind == atEnd {
			l.begunAtEnd(now, begun)
		}
	}
	for _, p := range list {
		p.resume(p.topic, p.number) // the client remembers what was paused when the partition went away
		l.enter(p)
		if err := l.tell(func(t told) error { return t.add(ctx, p) }); err != nil {
			return err
		}
	}
	return nil
}

// begunAtEnd commits where partitions are begun. Who takes one over before anything of it was committed would else begin where the end is by then.
func (l *link) begunAtEnd(now context.Context, list []*partition) {
	for _, p := range list {
		l.commit(p, p.at)
	}
	l.mu.Lock()
	consumer, admin := l.consumer, l.admin
	l.mu.Unlock()
	_ = l.commitNow(now, consumer, admin) // it is said, and done again later
}

// goesOn returns where a partition is gone on with that was read before, by this member or another one.
func (l *link) goesOn(s slot, committed kadm.OffsetResponses) (at place, ok bool, err error) {
	name := nameOf(s.topic, s.number)
	l.mu.Lock()
	saved, mine := l.saved[name]
	l.mu.Unlock()
	if mine && saved.id != s.id && saved.id != [16]byte{} && s.id != [16]byte{} {
		if err := l.lose(name, saved.offset, 0, ErrReplaced); err != nil {
			return at, false, err
		}
		mine = false
	}
	c, ok := committed.Lookup(s.topic, s.number)
	if !ok || c.At < 0 {
		saved.id = s.id
		return saved, mine, nil
	}
	tag, _ := parseTag(c.Metadata)
	switch {
	case tag.id != [16]byte{} && tag.id != s.id && s.id != [16]byte{}:
		return at, false, l.lose(name, c.At, 0, ErrReplaced)
	case mine && tag.token == saved.token:
		return saved, true, nil // nobody else has read it since, or he has come no further
	case mine && saved.offset > c.At:
		l.stats.repeated.Add(saved.offset - c.At)
		l.logger.Warn("records are read again, as another member has taken over before they were committed", "partition", name, "records", saved.offset-c.At)
	}
	return place{offset: c.At, epoch: c.LeaderEpoch, id: s.id, token: rand.Text()}, true, nil
}

func (l *link) isLeaving(p *partition) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return p.leaving
}

// gone waits until a partition is read no more, and reports false if ctx ends before.
func (l *link) gone(ctx context.Context, name string) bool {
	p := l.part(name)
	if p == nil {
		return true
	}
	select {
	case <-p.closed:
		return true
	case <-ctx.Done():
		return false
	}
}

// revoked gives partitions away, when a checkpoint has what was read of them and that is committed. It does not take longer than the group
// waits for it, and what is committed later is dropped.
func (l *link) revoked(ctx, now context.Context, c *kgo.Client, taken map[string][]int32) {
	var list []*partition
	for topic, numbers := range taken {
		for _, number := range numbers {
			if p := l.part(nameOf(topic, number)); p != nil {
				list = append(list, p)
			}
		}
	}
	defer l.giveUp(taken)
	for _, p := range list {
		if !l.leaves(p) {
			continue
		}
		err := l.tell(func(t told) error { return t.remove(ctx, p.name) })
		if err != nil && ctx.Err() == nil {
			l.fail(err)
		}
	}
	begun := time.Now()
	patience, _ := c.OptValue(kgo.RebalanceTimeout).(time.Duration)
	timer := time.NewTimer(max(patience*3/4, time.Second))
	defer timer.Stop()
	for _, p := range list {
		select {
		case <-p.closed:
			continue
		case <-timer.C:
			l.logger.Warn("a partition is given away before a checkpoint has what was read of it: that is read again", "partition", p.name)
		case <-now.Done():
		}
		break
	}
	l.mu.Lock()
	admin := l.admin
	l.mu.Unlock()
	l.commitSurely(now, c, admin, patience-time.Since(begun))
}
