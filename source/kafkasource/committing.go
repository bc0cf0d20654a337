package kafkasource

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// commits are what is to be committed to the group.
type commits struct {
	mu      sync.Mutex // one request at a time
	pending sync.Mutex
	places  map[slot]place
	wake    chan struct{}
	failing bool
}

// longestCommit is how long a commit may take.
const longestCommit = 5 * time.Second

// commit has a place be committed.
func (l *link) commit(p *partition, at place) {
	if l.config.group == "" && l.config.commitTo == "" {
		return
	}
	l.commits.pending.Lock()
	defer l.commits.pending.Unlock()
	if l.commits.places == nil {
		l.commits.places = map[slot]place{}
	}
	l.commits.places[slot{topic: p.topic, number: p.number}] = at
	select {
	case l.commits.wake <- struct{}{}:
	default: // it is known, or is done behind the last reader
	}
}

// takeCommits returns what is to be committed.
func (l *link) takeCommits() map[slot]place {
	l.commits.pending.Lock()
	defer l.commits.pending.Unlock()
	places := l.commits.places
	l.commits.places = nil
	return places
}

// committing commits as long as ctx lasts.
func (l *link) committing(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-l.commits.wake:
			l.mu.Lock()
			consumer, admin := l.consumer, l.admin
			l.mu.Unlock()
			l.commitNow(ctx, consumer, admin)
		}
	}
}

// lastCommits commits what is left, when nobody reads any more.
func (l *link) lastCommits(consumer, admin *kgo.Client) {
	l.commitNow(context.Background(), consumer, admin)
}

// commitNow commits all that there is to be committed, and returns when it is.
func (l *link) commitNow(ctx context.Context, consumer, admin *kgo.Client) {
	l.commits.mu.Lock()
	defer l.commits.mu.Unlock()
	places := l.takeCommits()
	if len(places) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestCommit)
	defer cancel()
	var err error
	switch {
	case l.config.group != "" && consumer != nil:
		err = commitAsMember(ctx, consumer, places)
	case l.config.commitTo != "" && admin != nil:
		err = commitFromOutside(ctx, admin, l.config.commitTo, places)
	}
	switch {
	case err != nil:
		l.stats.uncommitted.Add(1)
		l.commits.failing = true
		l.logger.Warn("offsets could not be committed to the group; those of a later checkpoint will be", "source", l.String(), "cause", err)
	case l.commits.failing:
		l.commits.failing = false
		l.logger.Info("offsets are committed to the group again", "source", l.String())
	}
}

func commitAsMember(ctx context.Context, c *kgo.Client, places map[slot]place) error {
	offsets := map[string]map[int32]kgo.EpochOffset{}
	for s, at := range places {
		if offsets[s.topic] == nil {
			offsets[s.topic] = map[int32]kgo.EpochOffset{}
		}
		offsets[s.topic][s.number] = kgo.EpochOffset{Epoch: at.epoch, Offset: at.offset}
	}
	ctx = kgo.PreCommitFnContext(ctx, func(r *kmsg.OffsetCommitRequest) error {
		for i := range r.Topics {
			for j := range r.Topics[i].Partitions {
				p := &r.Topics[i].Partitions[j]
				tag := places[slot{topic: r.Topics[i].Topic, number: p.Partition}].tag()
				p.Metadata = &tag
			}
		}
		return nil
	})
	var failed error
	c.CommitOffsetsSync(ctx, offsets, func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, resp *kmsg.OffsetCommitResponse, err error) {
		if failed = err; err != nil {
			return
		}
		for _, t := range resp.Topics {
			for _, p := range t.Partitions {
				if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
					failed = fmt.Errorf("%s: %w", nameOf(t.Topic, p.Partition), err)
				}
			}
		}
	})
	return failed
}

func commitFromOutside(ctx context.Context, c *kgo.Client, group string, places map[slot]place) error {
	offsets := kadm.Offsets{}
	for s, at := range places {
		offsets.Add(kadm.Offset{Topic: s.topic, Partition: s.number, At: at.offset, LeaderEpoch: at.epoch, Metadata: at.tag()})
	}
	answers, err := kadm.NewClient(c).CommitOffsets(ctx, group, offsets)
	if err != nil {
		return err
	}
	return answers.Error()
}
