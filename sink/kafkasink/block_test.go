package kafkasink_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// long returns a value of some bytes, or of many, that says its number throughout.
func long(i int64) string {
	n := int(i%17) * int(i%13)
	switch {
	case i%997 == 0:
		n = 100_000 // more than an arena has
	case i%101 == 0:
		n = 5_000
	}
	return strings.Repeat(fmt.Sprint(i, " "), n/8+1)
}

// Records are used again when they are acknowledged, and what is sent is what was written, also behind events that are left out.
func TestRecordsUsedAgain(t *testing.T) {
	const n = 6_000
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	client = append(client, kgo.MaxBufferedRecords(300), kgo.ProducerBatchMaxBytes(200_000))
	for name, to := range map[string]stream.Sink[string]{
		"at least once": kafkasink.Topic(client, "orders", kafkasink.Keyed(keyOf, raw{})),
		"exactly once":  kafkasink.ExactlyOnce(kafkasink.Topic(client, "orders", kafkasink.Keyed(keyOf, raw{}))),
	} {
		t.Run(name, func(t *testing.T) {
			before := len(records(t, client, "orders"))
			var failed stream.Failures[string]
			p := stream.New(name)
			p.From(source.Generate(n, func(i int64) string {
				if i%1500 == 700 {
					return strings.Repeat("x", 300_000)
				}
				return long(i)
			})).To(to, stream.Divert(&failed))
			failed.Stream().To(sink.Discard[stream.Failed[string]]())
			require.NoError(t, p.Run(t.Context(), stream.Shards(1), stream.Checkpoints(checkpoint.Memory(), 20*time.Millisecond)))
			list := records(t, client, "orders")[before:]
			require.Len(t, list, n-n/1500)
			i := int64(0)
			for _, r := range list {
				if i%1500 == 700 {
					i++
				}
				require.Equal(t, long(i), string(r.Value))
				require.Equal(t, string(keyOf(nil, long(i))), string(r.Key))
				i++
			}
		})
	}
}

func keyOf(dst []byte, v string) []byte { return append(dst, v[:strings.IndexByte(v+" ", ' ')]...) }

// Of a record that has no headers none are sent, where the one before it in the same place had some.
func TestRecordsAreClean(t *testing.T) {
	const n = 2_000
	_, client := fake(t, kfake.SeedTopics(1, "orders"))
	client = append(client, kgo.MaxBufferedRecords(100))
	p := stream.New("clean")
	p.From(source.Generate(n, func(i int64) int64 { return i })).To(kafkasink.Topic(client, "orders", kafkasink.Func(func(i int64, r *kgo.Record) error {
		if i < n/2 {
			r.Key, r.Value, r.Headers = []byte("k"), []byte("v"), []kgo.RecordHeader{{Key: "h"}}
		}
		return nil
	})))
	require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
	list := records(t, client, "orders")
	require.Len(t, list, n)
	for i, r := range list {
		require.Equal(t, i < n/2, r.Key != nil && r.Value != nil && len(r.Headers) == 1, "record %d", i)
		require.Equal(t, i >= n/2, r.Key == nil && r.Value == nil && len(r.Headers) == 0, "record %d", i)
	}
}
