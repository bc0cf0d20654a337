package kafkasink

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// written are the topics of an instance's records, with their ids. A topic may be deleted and made again while a transaction is open. The records that
// the old one has acknowledged are gone then, and the brokers commit the transaction nevertheless. The client sees it only when it ends
// a transaction, which is for the committer to do; so ids are compared before a checkpoint promises the transaction.
type written struct {
	calls *caller
	ids   map[string]kadm.TopicID // as they were before the run wrote to the topic; zero if there was none
	now   map[string]bool         // topics of the transaction at hand
}

// meet is told of a topic before a record is written to it.
func (w *written) meet(ctx context.Context, topic string) error {
	w.now[topic] = true
	if _, known := w.ids[topic]; known {
		return nil
	}
	var id kadm.TopicID
	err := w.calls.retrying(ctx, "ask for topic "+topic, func(ctx context.Context) error {
		list, err := w.calls.topics(ctx, topic)
		id = list[topic] // where it is not there, the record says so
		return err
	})
	if err == nil {
		w.ids[topic] = id
	}
	return err
}

// kept returns an error if a topic of the transaction is not the one any more that was written to.
func (w *written) kept(ctx context.Context, transaction string) error {
	topics := slices.Sorted(maps.Keys(w.now))
	other := ""
	err := w.calls.retrying(ctx, "ask for the topics of transaction "+transaction, func(ctx context.Context) error {
		list, err := w.calls.topics(ctx, topics...)
		if err != nil {
			return err
		}
		for _, topic := range topics {
			was, is := w.ids[topic], list[topic]
			switch {
			case was == is:
			case is == kadm.TopicID{}:
				return fmt.Errorf("topic %s: %w", topic, kerr.UnknownTopicOrPartition) // a broker that has just begun may not know yet
			case was == kadm.TopicID{}:
				w.ids[topic] = is // the first record had it be made
			default:
				other = topic
			}
		}
		return nil
	})
	if err == nil && other != "" {
		err = &WriteError{w.calls.name, fmt.Errorf("prepare transaction %s: topic %s has been deleted, and another one of its name was made: what was written to it is gone; "+
			"no checkpoint holds that, and a run that begins with the last one writes it again", transaction, other)}
	}
	return err
}

// topics asks for the ids of topics: the brokers, where package kadm may answer from what the client knew a while ago.
func (c *caller) topics(ctx context.Context, names ...string) (map[string]kadm.TopicID, error) {
	r := kmsg.NewPtrMetadataRequest()
	for _, name := range names {
		topic := kmsg.NewMetadataRequestTopic()
		topic.Topic = &name
		r.Topics = append(r.Topics, topic)
	}
	answer, err := r.RequestWith(ctx, c.client)
	if err != nil {
		return nil, err
	}
	ids := map[string]kadm.TopicID{}
	for _, topic := range answer.Topics {
		if topic.Topic != nil {
			ids[*topic.Topic] = topic.TopicID
		}
	}
	return ids, nil
}
