package kafkasource

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/stream"
)

// A link is what a run has to do with the brokers. It has a client that asks and commits from when it is first
// needed until the last reader is closed, and one that fetches while the run is not told to stop.
type link struct {
	*subject
	*stream.SourceContext
	stats   *counters
	logger  *slog.Logger
	drained chan struct{} // told when a reader has made room
	failure chan error    // what ends the run; holds one
	polled  handover

	mu       sync.Mutex
	refs     int // readers, and who is at work
	admin    *kgo.Client
	consumer *kgo.Client
	parts    map[string]*partition // that are read
	saved    map[string]place      // where partitions are gone on with that were read before

	known    map[string]bool    // partitions that there were when the source was opened
	fetching map[string][]int32 // what the consumer was told to fetch; of those who watch

	telling sync.RWMutex // held by who tells
	told    told
	stopped bool // nobody may be told any more

	commits commits
}

// told are the methods of the run's partitions.
type told struct {
	add    func(ctx context.Context, p *partition) error
	remove func(ctx context.Context, name string) error
	ready  func(names ...string)
}

func newLink(s *subject, c *stream.SourceContext, stats *counters) (*link, error) {
	l := &link{
		subject: s, SourceContext: c, stats: stats, logger: c.Logger,
		drained: make(chan struct{}, 1), failure: make(chan error, 1),
		parts: map[string]*partition{}, saved: map[string]place{}, commits: commits{wake: make(chan struct{}, 1)},
	}
	if l.logger == nil {
		l.logger = slog.New(slog.DiscardHandler)
	}
	for name, offset := range c.Offsets {
		at, err := parsePlace(offset)
		if err == nil {
			_, _, err = topicOf(name)
		}
		if err != nil {
			return nil, &ReadError{name, err}
		}
		l.saved[name] = at
	}
	probe, err := kgo.NewClient(s.client...)
	if err != nil {
		return nil, &ReadError{s.String(), err}
	}
	defer probe.Close()
	return l, s.ours(probe)
}

// ours returns an error if the caller has set what is for the source to set.
func (s *subject) ours(c *kgo.Client) error {
	group, _ := c.OptValue(kgo.ConsumerGroup).(string)
	share, _ := c.OptValue("ShareGroup").(string)
	parts, _ := c.OptValue(kgo.ConsumePartitions).(map[string]map[int32]kgo.Offset)
	regex, _ := c.OptValue(kgo.ConsumeRegex).(bool)
	topics := c.GetConsumeTopics()
	for option, set := range map[string]bool{
		"ConsumerGroup, for which there is the option Group": group != "", "ShareGroup": share != "",
		"ConsumeTopics or ConsumePartitions": len(topics)+len(parts) > 0, "ConsumeRegex, for which there is Matching": regex,
	} {
		if set {
			return &ReadError{s.String(), fmt.Errorf("the client has the option %s", option)}
		}
	}
	return nil
}

// acquire keeps the clients open until release.
func (l *link) acquire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refs++
}

// release closes the clients behind the last who needs them.
func (l *link) release() {
	l.mu.Lock()
	l.refs--
	var admin, consumer *kgo.Client
	if l.refs == 0 {
		admin, consumer, l.admin, l.consumer = l.admin, l.consumer, nil, nil
	}
	l.mu.Unlock()
	if admin == nil && consumer == nil {
		return
	}
	l.lastCommits(consumer, admin)
	if consumer != nil {
		consumer.CloseAllowingRebalance()
	}
	if admin != nil {
		admin.Close()
	}
}

// asker returns the client that asks. Its calls are made again by us, who say why.
func (l *link) asker() (*kgo.Client, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.admin == nil {
		c, err := kgo.NewClient(append([]kgo.Opt{kgo.RequestRetries(2), kgo.MetadataMinAge(minAge)}, l.client...)...)
		if err != nil {
			return nil, &ReadError{l.String(), err}
		}
		l.admin = c
	}
	return l.admin, nil
}

// newConsumer makes the client that fetches.
func (l *link) newConsumer(more ...kgo.Opt) (*kgo.Client, error) {
	opts := []kgo.Opt{kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.MetadataMinAge(minAge), kgo.MetadataMaxAge(max(l.config.refresh, minAge))}
	opts = append(append(opts, l.client...), kgo.ConsumeResetOffset(kgo.NoResetOffset()), kgo.KeepControlRecords())
	c, err := kgo.NewClient(append(opts, more...)...)
	if err != nil {
		return nil, &ReadError{l.String(), err}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.consumer = c
	return c, nil
}

// watch fetches, and follows which partitions there are, until the run is to stop, or a bounded source has been read.
func (l *link) watch(ctx context.Context, t told) error {
	l.acquire()
	defer l.release()
	l.told = t
	defer func() {
		l.telling.Lock()
		defer l.telling.Unlock()
		l.stopped = true
	}()
	if l.config.group != "" {
		return l.watchGroup(ctx)
	}
	return l.watchAll(ctx)
}

// tell calls f, unless nobody may be told any more.
func (l *link) tell(f func(told) error) error {
	l.telling.RLock()
	defer l.telling.RUnlock()
	if l.stopped {
		return context.Canceled
	}
	return f(l.told)
}

// fail ends the run.
func (l *link) fail(err error) {
	select {
	case l.failure <- err:
	default: // there is a cause already
	}
}

// part returns a partition that is read, or nil.
func (l *link) part(name string) *partition {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.parts[name]
}

// enter notes that a partition is read.
func (l *link) enter(p *partition) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.parts[p.name] = p
}

// leave notes that a partition is read no more, and how far it was.
func (l *link) leave(p *partition) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.saved[p.name] = p.at
	if l.parts[p.name] == p {
		delete(l.parts, p.name)
	}
}

// all returns the partitions that are read.
func (l *link) all() (all []*partition) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.parts {
		all = append(all, p)
	}
	return all
}

func (l *link) resume(topic string, number int32) {
	l.mu.Lock()
	c := l.consumer
	l.mu.Unlock()
	if c != nil {
		c.ResumeFetchPartitions(map[string][]int32{topic: {number}})
	}
}
