package kafkasink

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// errPartitions says that notes have no order.
var errPartitions = errors.New("the topic of commits has to have one partition: name another one by CommitTopic, which is made where it is not there")

// errOpen says that somebody's transaction is open, behind which nobody sees anything.
var errOpen = errors.New("a transaction of the topic is open")

// A shelf is where the notes of one operator are.
type shelf struct {
	caller *caller
	opts   []kgo.Opt // the caller's, of clients that read it
	topic  string
	key    string
}

func shelfOf(c *caller, opts []kgo.Opt, prefix string) *shelf {
	return &shelf{c, opts, c.config.commits, strings.TrimSuffix(prefix, "/")}
}

// marker names it for errors.
func (s *shelf) marker() string {
	return fmt.Sprintf("the last record of topic %s with the key %q", s.topic, s.key)
}

// readAll returns the last note. It makes the topic if it is not there.
func (s *shelf) readAll(ctx context.Context) (last note, err error) {
	admin := kadm.NewClient(s.caller.client)
	_, err = admin.CreateTopic(ctx, 1, -1, map[string]*string{
		"cleanup.policy": kadm.StringPtr("compact"), "segment.ms": kadm.StringPtr("3600000"), "min.cleanable.dirty.ratio": kadm.StringPtr("0.1"),
	}, s.topic)
	if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		if there, e := admin.ListTopics(ctx, s.topic); e != nil || !there.Has(s.topic) || there[s.topic].Err != nil {
			return last, fmt.Errorf("make it: %w: who may not make topics has one made with one partition and cleanup.policy=compact", err)
		}
	}
	f := follower{shelf: s}
	defer f.end()
	return f.catchUp(ctx)
}

// decided returns the offset behind all notes that there are, when it is known of each whether it is committed.
func (s *shelf) decided(ctx context.Context) (end int64, err error) {
	admin := kadm.NewClient(s.caller.client)
	ends, err := admin.ListEndOffsets(ctx, s.topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return 0, err
	}
	if parts := len(ends[s.topic]); parts > 1 {
		return 0, fmt.Errorf("it has %d: %w", parts, errPartitions)
	}
	o, _ := ends.Lookup(s.topic, 0)
	for {
		stable, err := admin.ListCommittedOffsets(ctx, s.topic)
		if err == nil {
			err = stable.Error()
		}
		if err != nil {
			return 0, err
		}
		if at, _ := stable.Lookup(s.topic, 0); at.Offset >= o.Offset {
			return o.Offset, nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return 0, errOpen
		}
	}
}

// empty reports whether there is nothing in front of an offset.
func (s *shelf) empty(ctx context.Context, end int64) (bool, error) {
	starts, err := kadm.NewClient(s.caller.client).ListStartOffsets(ctx, s.topic)
	start, _ := starts.Lookup(s.topic, 0)
	return start.Offset >= end, err
}

// A follower reads notes as they come.
type follower struct {
	*shelf
	consumer *kgo.Client // nil without
	at       int64       // of the next record
	last     note
}

// catchUp returns the last note that there is.
func (f *follower) catchUp(ctx context.Context) (note, error) {
	end, err := f.decided(ctx)
	if err != nil || end == f.at {
		return f.last, err
	}
	if end < f.at { // another topic of that name
		f.end()
		f.at, f.last = 0, note{}
	}
	if f.at == 0 {
		if empty, err := f.empty(ctx, end); err != nil || empty {
			return note{}, err
		}
	}
	if f.consumer == nil {
		from := kgo.NewOffset().At(f.at)
		if f.at == 0 {
			from = kgo.NewOffset().AtStart()
		}
		f.consumer, err = kgo.NewClient(append(append([]kgo.Opt{}, f.opts...), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
			kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{f.topic: {0: from}}))...)
	}
	if err == nil {
		err = f.readTo(ctx, end)
	}
	if err != nil {
		f.end()
	}
	return f.last, err
}

// readTo reads the records before an offset.
func (f *follower) readTo(ctx context.Context, end int64) error {
	for f.at < end {
		fetches := f.consumer.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return err
		}
		for r := range fetches.RecordsAll() {
			f.at = r.Offset + 1
			if r.Attrs.IsControl() || string(r.Key) != f.key {
				continue
			}
			f.last = note{}
			if r.Value == nil {
				continue // somebody begins anew
			}
			if err := json.Unmarshal(r.Value, &f.last); err != nil {
				f.at = r.Offset
				return fmt.Errorf("the record at offset %d: %w", r.Offset, err)
			}
		}
	}
	return nil
}

// end ends the reading.
func (f *follower) end() {
	if f.consumer != nil {
		f.consumer.Close()
		f.consumer = nil
	}
}
