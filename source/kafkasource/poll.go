package kafkasource

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// poll hands what is fetched to the partitions, until ctx ends, or all that is bounded is there.
func (l *link) poll(ctx context.Context, c *kgo.Client) error {
	defer l.polled.end()
	var ready []string
	for {
		if l.config.bounded && l.allDone() {
			return nil
		}
		fetches := c.PollFetches(l.polled.next(ctx)) // where that context alone ends, the poll gives an error that passes
		if ctx.Err() != nil {
			return nil
		}
		ready = ready[:0]
		for _, f := range fetches {
			for _, t := range f.Topics {
				for i := range t.Partitions {
					name, err := l.fetched(ctx, c, t.Topic, &t.Partitions[i])
					if err != nil {
						return err
					}
					if name != "" {
						ready = append(ready, name)
					}
				}
			}
		}
		if len(ready) > 0 {
			l.told.ready(ready...)
		}
		l.hold(ctx, c)
	}
}

func (l *link) allDone() bool {
	for _, p := range l.all() {
		if !p.done() {
			return false
		}
	}
	return true
}

// fetched deals with what came of one partition, and returns its name if there is something to read.
func (l *link) fetched(ctx context.Context, c *kgo.Client, topic string, f *kgo.FetchPartition) (string, error) {
	p := l.part(nameOf(topic, f.Partition))
	if f.Err != nil {
		if err := l.troubled(ctx, c, p, f.Err); err != nil {
			return "", err
		}
	}
	if p == nil || !p.push(f.Records, f.HighWatermark) && f.Err == nil {
		return "", nil
	}
	return p.name, nil // an error may have had it jump
}

// troubled deals with the error of a fetch, and returns one that ends the run.
func (l *link) troubled(ctx context.Context, c *kgo.Client, p *partition, err error) error {
	truncated, isTruncated := errors.AsType[*kgo.ErrDataLoss](err)
	_, ofGroup := errors.AsType[*kgo.ErrGroupSession](err)
	switch {
	case ofGroup && joinsAgain(err):
		return nil
	case p == nil && passes(err), errors.Is(err, kgo.ErrClientClosed), ctx.Err() != nil:
		return nil // of a partition that has gone, or of none: looking for topics has the same trouble, and tells for how long
	case p == nil:
		return &ReadError{l.String(), err}
	case isTruncated:
		return l.truncated(p, truncated)
	case errors.Is(err, kerr.OffsetOutOfRange):
		return l.outOfRange(ctx, c, p)
	case errors.Is(err, kerr.UnknownTopicID), errors.Is(err, kerr.UnknownTopicOrPartition), errors.Is(err, kerr.InconsistentTopicID):
		return nil // the topic has been deleted: whoever looks for topics finds that out
	case passes(err):
		return nil // it is fetched again
	}
	return &ReadError{p.name, err}
}

// joinsAgain reports whether a member that has dropped out of its group, or could not join, joins again by itself.
func joinsAgain(err error) bool {
	for _, cause := range []error{kerr.UnknownMemberID, kerr.IllegalGeneration, kerr.RebalanceInProgress, kerr.MemberIDRequired, kerr.FencedMemberEpoch, kerr.StaleMemberEpoch} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return passes(err)
}

// patience is how long a poll waits for readers to make room before partitions are fetched no more. What was fetched of such a one beyond what
// was polled has to be fetched again.
const patience = 20 * time.Millisecond

// hold waits while a partition has too much waiting. After a while it is paused: it may be one that is not read, as it is ahead of others.
func (l *link) hold(ctx context.Context, c *kgo.Client) {
	full := l.fullOnes(nil)
	if len(full) == 0 {
		return
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for len(full) > 0 {
		select {
		case <-l.drained:
			full = l.fullOnes(full[:0])
		case <-timer.C:
			for _, p := range full {
				l.pause(c, p)
			}
			return
		case <-ctx.Done():
			return
		}
	}
}

// fullOnes appends the partitions that have too much waiting and are fetched nevertheless.
func (l *link) fullOnes(full []*partition) []*partition {
	for _, p := range l.all() { // and not under l.mu, which is taken behind p.mu
		p.mu.Lock()
		if !p.paused && p.full() {
			full = append(full, p)
		}
		p.mu.Unlock()
	}
	return full
}

func (l *link) pause(c *kgo.Client, p *partition) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.full() {
		p.paused = true
		c.PauseFetchPartitions(map[string][]int32{p.topic: {p.number}})
	}
}
