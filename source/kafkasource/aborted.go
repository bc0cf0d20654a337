package kafkasource

import (
	"context"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// passAborted ends bounded partitions of whose rest all was aborted. The client leaves out such records and tells nobody that it has passed them. It does
// tell of the mark that ends their transaction; but that may lie behind one that is open still, and then it cannot be read
// before that one is ended, though the partition's end is before both. Stuck is where partitions were when it was looked at last.
func (l *link) passAborted(ctx context.Context, c *kgo.Client, stuck map[*partition]place) {
	for _, p := range l.all() {
		at := p.at0()
		was, known := stuck[p]
		stuck[p] = at
		if known && was == at && p.starves() && l.isAborted(ctx, c, p, at) {
			to := at
			to.offset = p.end
			if p.passOver(at, to) {
				l.told.ready(p.name)
				_ = l.polled.done(ctx) // has the poll see that all is done; it fails where ctx ends
			}
		}
	}
}

// isAborted reports whether the partition has nothing to read from a place until its end. It may fail: it is asked again.
func (l *link) isAborted(ctx context.Context, c *kgo.Client, p *partition, from place) bool {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	for at := from.offset; at < p.end; {
		leader, _, err := c.PartitionLeader(p.topic, p.number)
		if err != nil {
			return false
		}
		answer, err := fetchOf(p, from.id, at).RequestWith(ctx, c.Broker(int(leader)))
		if err != nil || len(answer.Topics) != 1 || len(answer.Topics[0].Partitions) != 1 || kerr.ErrorForCode(answer.ErrorCode) != nil {
			return false
		}
		found, next := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{
			KeepControlRecords: true, Offset: at, IsolationLevel: kgo.ReadCommitted(), Topic: p.topic, Partition: p.number,
		}, &answer.Topics[0].Partitions[0], kgo.DefaultDecompressor(), nil)
		if found.Err != nil || len(found.Records) > 0 || next <= at {
			return false
		}
		at = next
	}
	return true
}

// fetchOf asks for what is committed of a partition, outside of the client's fetches.
func fetchOf(p *partition, id [16]byte, at int64) *kmsg.FetchRequest {
	part := kmsg.NewFetchRequestTopicPartition()
	part.Partition, part.FetchOffset, part.PartitionMaxBytes = p.number, at, 1<<20
	topic := kmsg.NewFetchRequestTopic()
	topic.Topic, topic.TopicID = p.topic, id
	topic.Partitions = append(topic.Partitions, part)
	r := kmsg.NewPtrFetchRequest()
	r.ReplicaID, r.MinBytes, r.MaxBytes, r.IsolationLevel, r.SessionEpoch = -1, 1, 1<<20, 1, -1
	r.Topics = append(r.Topics, topic)
	return r
}
