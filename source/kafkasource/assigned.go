package kafkasource

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A slot is a partition of a topic that has an id.
type slot struct {
	topic  string
	number int32
	id     [16]byte
}

func slotsOf(found map[string]seen) (slots []slot) {
	for _, topic := range slices.Sorted(maps.Keys(found)) {
		for _, n := range found[topic].numbers {
			slots = append(slots, slot{topic, n, found[topic].id})
		}
	}
	return slots
}

// begin finds the partitions that there are, and where each is begun or gone on with.
func (l *link) begin(ctx context.Context) ([]*partition, error) {
	found, err := l.look(ctx)
	if err != nil {
		return nil, err
	}
	for _, topic := range l.topics {
		if _, ok := found[topic]; !ok && !l.config.allowMissing && !l.hadRead(topic) {
			return nil, &ReadError{topic, fmt.Errorf("%w: AllowMissing waits for it", kerr.UnknownTopicOrPartition)}
		}
	}
	if len(found) == 0 {
		l.logger.Info("there is no topic yet that could be read", "source", l.String())
	}
	gone, err := l.vanished(found)
	if err != nil {
		return nil, err
	}
	list, err := l.open(ctx, slotsOf(found), l.Offsets == nil)
	if err != nil || !l.config.bounded {
		return append(list, gone...), err
	}
	ends, err := l.list(ctx, l.ends, slices.Sorted(maps.Keys(found)))
	for _, p := range list {
		o, _ := ends.Lookup(p.topic, p.number)
		p.end = max(o.Offset, 0)
		p.ended = p.at.offset >= p.end
	}
	return append(list, gone...), err
}

func (l *link) hadRead(topic string) bool {
	for name := range l.saved {
		if t, _, _ := topicOf(name); t == topic {
			return true
		}
	}
	return false
}

// vanished deals with topics that an earlier run has read, and that are gone. It returns the partitions of these that another engine has handed out, which have ended.
func (l *link) vanished(found map[string]seen) (ended []*partition, err error) {
	for _, name := range slices.Sorted(maps.Keys(l.saved)) {
		topic, number, _ := topicOf(name)
		if _, ok := found[topic]; ok {
			continue
		}
		if !l.wanted(topic) {
			l.logger.Warn("a partition of an earlier run is not read any more", "partition", name)
			continue
		}
		if err := l.lose(name, l.saved[name].offset, 0, ErrDeleted); err != nil {
			return nil, err
		}
		if l.Fixed {
			p := l.newPartition(topic, number, l.saved[name])
			p.ended, p.leaving = true, true
			l.enter(p)
			ended = append(ended, p)
		}
		delete(l.saved, name)
	}
	return ended, nil
}

func (l *link) wanted(topic string) bool {
	return l.pattern != nil && l.pattern.MatchString(topic) || slices.Contains(l.topics, topic)
}

// open makes partitions to be read from their places. First says that there was no run before.
func (l *link) open(ctx context.Context, slots []slot, first bool) ([]*partition, error) {
	var list []*partition
	var fresh []slot
	for _, s := range slots {
		name := nameOf(s.topic, s.number)
		at, ok := l.saved[name]
		if ok && at.id != s.id && at.id != [16]byte{} && s.id != [16]byte{} {
			if err := l.lose(name, at.offset, 0, ErrReplaced); err != nil {
				return nil, err
			}
			ok = false
		}
		if !ok {
			fresh = append(fresh, s)
			continue
		}
		at.id = s.id
		list = append(list, l.newPartition(s.topic, s.number, at))
	}
	begun, err := l.fresh(ctx, fresh, first)
	for _, p := range append(list, begun...) {
		l.enter(p)
	}
	return append(list, begun...), err
}

// fresh makes partitions that no earlier run has read.
func (l *link) fresh(ctx context.Context, slots []slot, first bool) (list []*partition, err error) {
	if len(slots) == 0 {
		return nil, nil
	}
	var topics []string
	for _, s := range slots {
		topics = append(topics, s.topic)
	}
	slices.Sort(topics)
	topics = slices.Compact(topics)
	by := listing(starts)
	switch {
	case l.config.start.kind == atEnd && first:
		by = l.ends
	case l.config.start.kind == atTime:
		by = after(l.config.start.at)
	}
	offsets, err := l.list(ctx, by, topics)
	if err != nil {
		return nil, err
	}
	var committed kadm.OffsetResponses
	if group := l.config.start.group; group != "" {
		if committed, err = l.committed(ctx, group, topics); err != nil {
			return nil, err
		}
	}
	for _, s := range slots {
		o, _ := offsets.Lookup(s.topic, s.number)
		at := place{offset: max(o.Offset, 0), epoch: -1, id: s.id}
		floating := true
		if text, ok := l.Begins[nameOf(s.topic, s.number)]; ok && first && l.config.start.kind == atEnd {
			begun, err := parsePlace(text)
			if err != nil {
				return nil, &ReadError{nameOf(s.topic, s.number), err}
			}
			if begun.id == s.id {
				at, floating = begun, false
			}
		}
		if given, ok := l.config.start.offsets[s.topic][s.number]; ok {
			at.offset, floating = given, false
		}
		if c, ok := committed.Lookup(s.topic, s.number); ok && c.At >= 0 {
			at.offset, at.epoch, floating = c.At, c.LeaderEpoch, false
		}
		p := l.newPartition(s.topic, s.number, at)
		p.floating = floating
		list = append(list, p)
	}
	return list, nil
}

// committed asks how far a group is.
func (l *link) committed(ctx context.Context, group string, topics []string) (offsets kadm.OffsetResponses, err error) {
	err = l.ask(ctx, "the offsets of group "+group, func(ctx context.Context, c *kadm.Client) (err error) {
		offsets, err = c.FetchOffsetsForTopics(ctx, group, topics...)
		if err == nil {
			err = offsets.Error()
		}
		if errors.Is(err, kerr.GroupIDNotFound) {
			offsets, err = nil, nil // it has committed nothing yet
		}
		return err
	})
	return offsets, err
}

// errDone says that all of a bounded source has been fetched.
var errDone = errors.New("all is fetched")

// watchAll reads all partitions, and those that are made meanwhile.
func (l *link) watchAll(ctx context.Context) error {
	c, err := l.newConsumer()
	if err != nil {
		return err
	}
	defer func() {
		l.mu.Lock()
		l.consumer = nil
		l.mu.Unlock()
		c.RemoveConsumePartitions(l.fetching) // for Close looks at what a fetch that is under way writes (franz-go 1.22.2)
		c.Close()
	}()
	l.fetching = map[string][]int32{}
	l.fetch(c, l.all())
	return l.together(ctx, func(ctx context.Context) error {
		err := l.poll(ctx, c)
		if err == nil && ctx.Err() == nil {
			err = errDone
		}
		return err
	}, func(ctx context.Context) error { return l.follow(ctx, c) }, l.committing)
}

// fetch has partitions be fetched.
func (l *link) fetch(c *kgo.Client, list []*partition) {
	from := map[string]map[int32]kgo.Offset{}
	for _, p := range list {
		if p.done() {
			continue
		}
		if from[p.topic] == nil {
			from[p.topic] = map[int32]kgo.Offset{}
		}
		from[p.topic][p.number] = p.fetched.kgo()
		l.fetching[p.topic] = append(l.fetching[p.topic], p.number)
	}
	c.AddConsumePartitions(from)
}

// together runs functions until one fails, or ctx ends, and waits for all.
func (l *link) together(ctx context.Context, all ...func(context.Context) error) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan error, len(all))
	for _, f := range all {
		go func() {
			defer cancel()
			results <- f(inner)
		}()
	}
	var first error
	for range all {
		if err := <-results; err != nil && first == nil && !errors.Is(err, context.Canceled) {
			first = err
		}
	}
	if errors.Is(first, errDone) {
		return nil
	}
	return first
}
