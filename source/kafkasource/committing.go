package kafkasource

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
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
	places  map[slot]waiting
	wake    chan struct{}
	failing bool
}

// waiting is a place that is to be committed.
type waiting struct {
	place
	of *partition
}

// longestCommit is how long one try of a commit may take, and longestLast how long the last one is tried in vain.
const (
	longestCommit = 5 * time.Second
	longestLast   = 10 * time.Second
)

// commit has a place be committed.
func (l *link) commit(p *partition, at place) {
	if l.config.group == "" && l.config.commitTo == "" {
		return
	}
	l.commits.pending.Lock()
	defer l.commits.pending.Unlock()
	if p.given {
		return // it would undo what its new owner commits
	}
	if l.commits.places == nil {
		l.commits.places = map[slot]waiting{}
	}
	l.commits.places[slot{topic: p.topic, number: p.number}] = waiting{at, p}
	select {
	case l.commits.wake <- struct{}{}:
	default: // it is known, or is done behind the last reader
	}
}

// takeCommits returns what is to be committed.
func (l *link) takeCommits() map[slot]waiting {
	l.commits.pending.Lock()
	defer l.commits.pending.Unlock()
	places := l.commits.places
	l.commits.places = nil
	return places
}

// putBack has places that could not be committed be so later, unless there are newer ones.
func (l *link) putBack(places map[slot]waiting) {
	l.commits.pending.Lock()
	defer l.commits.pending.Unlock()
	if l.commits.places == nil {
		l.commits.places = map[slot]waiting{}
	}
	for s, w := range places {
		if _, newer := l.commits.places[s]; !newer && !w.of.given {
			l.commits.places[s] = w
		}
	}
}

// giveUp has nothing of partitions be committed any more. The brokers look at who is a member now, and not at whose a partition is: what comes to be
// committed late, as a checkpoint took long, would be taken for the new owner's.
func (l *link) giveUp(taken map[string][]int32) {
	l.commits.mu.Lock() // no request is under way
	defer l.commits.mu.Unlock()
	l.commits.pending.Lock()
	defer l.commits.pending.Unlock()
	for topic, numbers := range taken {
		for _, number := range numbers {
			if p := l.part(nameOf(topic, number)); p != nil {
				p.given = true
			}
			delete(l.commits.places, slot{topic: topic, number: number}) // of one that is not read any more
		}
	}
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
			_ = l.commitNow(ctx, consumer, admin) // it is said
		}
	}
}

// lastCommits commits what is left, when nobody reads any more.
func (l *link) lastCommits(consumer, admin *kgo.Client) {
	l.commitSurely(context.Background(), consumer, admin, longestLast)
	l.takeCommits() // when it leaves the group it is told of its partitions once more: what failed is not tried again then
}

// errJoining says that a member may not commit at the moment, as it waits for the group to be balanced anew.
var errJoining = errors.New("the group is being balanced anew")

// commitSurely commits all that there is to be committed, and tries again where that fails for a reason that passes: what is not committed is read again by
// whoever has the partition next. It is tried in vain for as long as patience says, and for as long as the group waits for its members
// if it has to be waited for the group.
func (l *link) commitSurely(ctx context.Context, consumer, admin *kgo.Client, patience time.Duration) {
	longest := patience
	if consumer != nil {
		if d, ok := consumer.OptValue(kgo.RebalanceTimeout).(time.Duration); ok && l.config.group != "" {
			longest, patience = d, min(patience, d)
		}
	}
	begun, pause, waited := time.Now(), 20*time.Millisecond, time.Duration(0)
	for {
		asked := time.Now()
		err := l.commitNow(ctx, consumer, admin)
		if errors.Is(err, errJoining) {
			waited += time.Since(asked)
		}
		since := time.Since(begun)
		_, ending := errors.AsType[*kgo.ErrFirstReadEOF](err) // of a broker that is just ending: it has been talked to before
		if err == nil || !passes(err) && !ending && !errors.Is(err, kerr.RebalanceInProgress) || since > longest || since-waited > patience {
			return
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		pause = min(2*pause, longestPause)
	}
}

// commitNow commits all that there is to be committed, and returns when it is. What could not be is so later.
func (l *link) commitNow(ctx context.Context, consumer, admin *kgo.Client) error {
	l.commits.mu.Lock()
	defer l.commits.mu.Unlock()
	places := l.takeCommits()
	if len(places) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestCommit)
	defer cancel()
	var err error
	switch {
	case l.config.group != "" && consumer != nil:
		err = commitAsMember(ctx, consumer, places)
	case l.config.commitTo != "" && admin != nil:
		err = commitFromOutside(ctx, admin, l.config.commitTo, places)
	default:
		l.putBack(places) // there is no client yet
		return nil
	}
	switch {
	case err != nil:
		l.putBack(places)
		l.stats.uncommitted.Add(1)
		l.commits.failing = true
		l.logger.Warn("offsets could not be committed to the group; those of a later checkpoint will be", "source", l.String(), "cause", err)
	case l.commits.failing:
		l.commits.failing = false
		l.logger.Info("offsets are committed to the group again", "source", l.String())
	}
	return err
}

// settled notes what became of a place, and returns why it could not be committed. One of a topic that is gone is not committed later either.
func settled(places map[slot]waiting, topic string, number int32, err error) error {
	if err == nil || errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.UnknownTopicID) {
		delete(places, slot{topic: topic, number: number})
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", nameOf(topic, number), err)
	}
	return err
}

// commitAsMember commits places, and takes those out that are done.
func commitAsMember(ctx context.Context, c *kgo.Client, places map[slot]waiting) error {
	offsets := map[string]map[int32]kgo.EpochOffset{}
	for s, at := range places {
		if offsets[s.topic] == nil {
			offsets[s.topic] = map[int32]kgo.EpochOffset{}
		}
		offsets[s.topic][s.number] = kgo.EpochOffset{Epoch: at.epoch, Offset: at.offset}
	}
	var asked atomic.Bool
	ctx = kgo.PreCommitFnContext(ctx, func(r *kmsg.OffsetCommitRequest) error {
		asked.Store(true)
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
	c.CommitOffsetsSync(ctx, offsets, func(_ *kgo.Client, r *kmsg.OffsetCommitRequest, resp *kmsg.OffsetCommitResponse, err error) {
		if failed = err; err != nil {
			return
		}
		names := map[[16]byte]string{} // newer brokers answer by ids
		for _, t := range r.Topics {
			names[t.TopicID] = t.Topic
		}
		for _, t := range resp.Topics {
			t.Topic = cmp.Or(t.Topic, names[t.TopicID])
			for _, p := range t.Partitions {
				if err := settled(places, t.Topic, p.Partition, kerr.ErrorForCode(p.ErrorCode)); err != nil {
					failed = err
				}
			}
		}
	})
	if failed != nil && !asked.Load() && ctx.Err() != nil {
		return errJoining
	}
	return failed
}

// commitFromOutside does so for who is no member.
func commitFromOutside(ctx context.Context, c *kgo.Client, group string, places map[slot]waiting) error {
	offsets := kadm.Offsets{}
	for s, at := range places {
		offsets.Add(kadm.Offset{Topic: s.topic, Partition: s.number, At: at.offset, LeaderEpoch: at.epoch, Metadata: at.tag()})
	}
	answers, err := kadm.NewClient(c).CommitOffsets(ctx, group, offsets)
	if err != nil {
		return err
	}
	for _, parts := range answers {
		for _, a := range parts {
			if failed := settled(places, a.Topic, a.Partition, a.Err); failed != nil {
				err = failed
			}
		}
	}
	return err
}
