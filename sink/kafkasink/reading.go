package kafkasink

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// errPartitions says that notes have no order.
var errPartitions = errors.New("the topic of commits has to have one partition: name another one by CommitTopic, which is made where it is not there")

// errOpen says that somebody's transaction is open, behind which nobody sees anything.
var errOpen = errors.New("a transaction of the topic is open")

func (n *notes) readAll(ctx context.Context) (last note, err error) {
	admin := kadm.NewClient(n.client)
	_, err = admin.CreateTopic(ctx, 1, -1, map[string]*string{
		"cleanup.policy": kadm.StringPtr("compact"), "segment.ms": kadm.StringPtr("3600000"), "min.cleanable.dirty.ratio": kadm.StringPtr("0.1"),
	}, n.topic)
	if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		if there, e := admin.ListTopics(ctx, n.topic); e != nil || !there.Has(n.topic) || there[n.topic].Err != nil {
			return last, fmt.Errorf("make it: %w: who may not make topics has one made with one partition and cleanup.policy=compact", err)
		}
	}
	ends, err := admin.ListEndOffsets(ctx, n.topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return last, err
	}
	if parts := len(ends[n.topic]); parts > 1 {
		return last, fmt.Errorf("it has %d: %w", parts, errPartitions)
	}
	end, _ := ends.Lookup(n.topic, 0)
	for {
		stable, err := admin.ListCommittedOffsets(ctx, n.topic)
		if err == nil {
			err = stable.Error()
		}
		if err != nil {
			return last, err
		}
		if o, _ := stable.Lookup(n.topic, 0); o.Offset >= end.Offset {
			break
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return last, errOpen
		}
	}
	starts, err := admin.ListStartOffsets(ctx, n.topic)
	if err == nil {
		err = starts.Error()
	}
	if start, _ := starts.Lookup(n.topic, 0); err != nil || start.Offset >= end.Offset {
		return last, err
	}
	return n.readTo(ctx, end.Offset)
}

// readTo reads the records before an offset.
func (n *notes) readTo(ctx context.Context, end int64) (last note, err error) {
	c, err := kgo.NewClient(append(append([]kgo.Opt{}, n.callers...), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{n.topic: {0: kgo.NewOffset().AtStart()}}))...)
	if err != nil {
		return last, err
	}
	defer c.Close()
	for at := int64(0); at < end; {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return last, err
		}
		for r := range fetches.RecordsAll() {
			at = r.Offset + 1
			if r.Attrs.IsControl() || string(r.Key) != n.key {
				continue
			}
			last = note{}
			if r.Value == nil {
				continue // somebody begins anew
			}
			if err := json.Unmarshal(r.Value, &last); err != nil {
				return last, fmt.Errorf("the record at offset %d: %w", r.Offset, err)
			}
		}
	}
	return last, nil
}
