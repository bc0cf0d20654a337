package kafkasource_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/freshet-go/freshet/source/kafkasource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// An election of a leader that did not have all of the log: what was read is not there any more, and other records are.
func TestTruncated(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "orders"))
	fill(t, client, "orders", 0, orders(0, 10))
	store := checkpoint.Dir(t.TempDir())
	src := func(opts ...kafkasource.Option) *kafkasource.Source[order] {
		return kafkasource.Topics(client, []string{"orders"}, values(), append(opts, kafkasource.Bounded())...)
	}
	_, err := whole(t, src(), stream.Checkpoints(store, time.Hour))
	require.NoError(t, err)
	fill(t, client, "orders", 0, orders(10, 12))
	cluster.ControlKey(23, func(r kmsgRequest) (kmsgResponse, error, bool) { // OffsetForLeaderEpoch
		cluster.KeepControl()
		answer := r.ResponseKind().(*kmsg.OffsetForLeaderEpochResponse)
		topic := kmsg.NewOffsetForLeaderEpochResponseTopic()
		topic.Topic = "orders"
		part := kmsg.NewOffsetForLeaderEpochResponseTopicPartition()
		part.LeaderEpoch, part.EndOffset = 0, 7
		topic.Partitions = append(topic.Partitions, part)
		answer.Topics = append(answer.Topics, topic)
		return answer, nil, true
	})
	_, err = whole(t, src(), stream.Checkpoints(store, time.Hour))
	lost, ok := errors.AsType[*kafkasource.LostError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, kafkasource.LostError{Partition: "orders-0", Offset: 10, Lost: 3, Err: kafkasource.ErrTruncated}, *lost)
	counting := src(kafkasource.CountLoss())
	got, err := whole(t, counting, stream.Checkpoints(store, time.Hour))
	require.NoError(t, err)
	require.Equal(t, []int{7, 8, 9, 10, 11}, got)
	require.EqualValues(t, 3, counting.Stats().Lost)
}
