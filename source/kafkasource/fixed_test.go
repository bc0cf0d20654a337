package kafkasource_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/door/doortest"
	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/source/kafkasource"
	"github.com/freshet-go/freshet/stream"
)

// said is a log that several may write to.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *said) count(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Count(s.text.String(), what)
}

// Another engine hands out the partitions: each is read by one instance. One that comes later is read by nobody, which each instance says once, until the job goes on
// from what it has saved. The members of a group have theirs from the group, so that is refused.
func TestFixed(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(3, "orders"))
	n, log := &numbers{}, &said{}
	job := func(from *doortest.Checkpoint, opts ...kafkasource.Option) (*doortest.Job, error) {
		return doortest.Start(t.Context(), func() any {
			p := stream.New("fixed")
			src := kafkasource.Topics(client, []string{"orders"}, values(), append(opts, kafkasource.Refresh(20*time.Millisecond))...)
			p.From(src, stream.Name("in")).To(n.sink())
			return p
		}, doortest.Options{Config: door.Config{Shards: 2, Batch: 4, Checkpoints: true, Logger: slog.New(slog.NewTextHandler(log, nil))}, From: from})
	}
	j, err := job(nil)
	require.NoError(t, err)
	for i := range 3 {
		fill(t, client, "orders", int32(i), orders(10*i, 10*i+10))
	}
	n.has(t, 30)
	_, err = kadm.NewClient(kafkatest.NewClient(t, client...)).CreatePartitions(t.Context(), 1, "orders")
	require.NoError(t, err)
	fill(t, client, "orders", 3, orders(30, 40))
	const late = "a partition has come since the job began"
	require.Eventually(t, func() bool { return log.count(late) == 2 }, 20*time.Second, 5*time.Millisecond)
	fill(t, client, "orders", 0, orders(40, 42))
	n.has(t, 32)
	saved, err := j.Checkpoint(t.Context())
	require.NoError(t, err)
	j.Kill()
	require.Equal(t, 2, log.count(late))

	j, err = job(saved)
	require.NoError(t, err)
	n.has(t, 42)
	j.Kill()
	require.ElementsMatch(t, to(42), n.list())

	_, empty := fake(t)
	_, err = doortest.Start(t.Context(), func() any {
		p := stream.New("fixed")
		p.From(kafkasource.Matching(empty, "orders.*", values(), kafkasource.AllowMissing()), stream.Name("in")).To(n.sink())
		return p
	}, doortest.Options{Config: door.Config{Shards: 2, Batch: 4, Checkpoints: true}})
	require.ErrorContains(t, err, "in cannot be run by another engine: it has no partition yet")
	_, err = job(nil, kafkasource.Group("books"))
	require.ErrorContains(t, err, "in cannot be run by another engine: its partitions come and go as group books hands them out. Leave Group away")
}

// A topic that is deleted takes its partitions to their end, and with CountLoss the job goes on, also where it is restarted: by the plan that it had. What is made again of its name is told of, and read when the job begins anew from what it has saved.
func TestFixedDeleted(t *testing.T) {
	cluster, client := fake(t, kfake.SeedTopics(1, "a", "b", "c"))
	for i, topic := range []string{"a", "b", "c"} {
		fill(t, client, topic, 0, orders(10*i, 10*i+10))
	}
	n, log := &numbers{}, &said{}
	job := func(o doortest.Options) *doortest.Job {
		o.Config = door.Config{Shards: 2, Batch: 4, Checkpoints: true, Logger: slog.New(slog.NewTextHandler(log, nil))}
		j, err := doortest.Start(t.Context(), func() any {
			p := stream.New("fixed")
			p.From(kafkasource.Topics(client, []string{"a", "b", "c"}, values(), kafkasource.CountLoss(), kafkasource.Refresh(20*time.Millisecond)), stream.Name("in")).To(n.sink())
			return p
		}, o)
		require.NoError(t, err)
		return j
	}
	saves := func(j *doortest.Job) *doortest.Checkpoint {
		saved, err := j.Checkpoint(t.Context())
		require.NoError(t, err)
		return saved
	}
	const lost, late = "records are lost", "a partition has come since the job began"
	j := job(doortest.Options{})
	n.has(t, 30)
	before := saves(j)
	require.NoError(t, cluster.DeleteTopic("b"))
	require.Eventually(t, func() bool { return log.count(lost) == 1 }, 20*time.Second, 5*time.Millisecond)
	fill(t, client, "a", 0, orders(30, 40))
	fill(t, client, "c", 0, orders(40, 50))
	n.has(t, 50)
	behind := saves(j)
	j.Kill()
	require.ElementsMatch(t, to(50), n.list())

	for _, from := range []*doortest.Checkpoint{before, behind} { // the first one was taken before the topic was gone
		n = &numbers{}
		j = job(doortest.Options{Plan: j.Plan(), From: from})
		fill(t, client, "c", 0, orders(50, 60))
		n.has(t, map[bool]int{true: 30, false: 20}[from == before])
		behind = saves(j)
		if from != before {
			require.Zero(t, log.count(late))
			require.NoError(t, cluster.CreateTopic("b", 1, nil))
			require.Eventually(t, func() bool { return log.count(late) > 0 }, 20*time.Second, 5*time.Millisecond)
		}
		j.Kill()
	}

	n = &numbers{}
	fill(t, client, "b", 0, orders(60, 70))
	j = job(doortest.Options{From: behind}) // of its name, so it has its number
	n.has(t, 10)
	saves(j)
	j.Kill()
	require.ElementsMatch(t, to(70)[60:], n.list())
}

// Where the end was is found once, when the partitions are handed out: what came then is read, also by workers that begin later, and again where there is no checkpoint yet.
func TestFixedFromEnd(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(2, "orders"))
	fill(t, client, "orders", 0, orders(0, 10))
	n := &numbers{}
	job := func(o doortest.Options) *doortest.Job {
		o.Config = door.Config{Shards: 2, Batch: 4, Checkpoints: true}
		j, err := doortest.Start(t.Context(), func() any {
			p := stream.New("fixed")
			p.From(kafkasource.Topics(client, []string{"orders"}, values(), kafkasource.FromEnd()), stream.Name("in")).To(n.sink())
			return p
		}, o)
		require.NoError(t, err)
		return j
	}
	j := job(doortest.Options{})
	fill(t, client, "orders", 0, orders(10, 20))
	n.has(t, 10)
	j.Kill()
	fill(t, client, "orders", 1, orders(20, 30))
	j = job(doortest.Options{Plan: j.Plan()})
	n.has(t, 30)
	saved, err := j.Checkpoint(t.Context())
	require.NoError(t, err)
	j.Kill()
	require.ElementsMatch(t, append(to(20)[10:], to(30)[10:]...), n.list())

	fill(t, client, "orders", 0, orders(30, 40))
	j = job(doortest.Options{From: saved})
	n.has(t, 40)
	j.Kill()
	require.ElementsMatch(t, to(40)[30:], n.list()[30:])
}

// Partitions that come are taken in wherever they stand, also in a source before others, and again and again.
func TestFixedOrder(t *testing.T) {
	_, client := fake(t, kfake.SeedTopics(1, "a", "b"))
	admin := kadm.NewClient(kafkatest.NewClient(t, client...))
	n := &numbers{}
	job := func(from *doortest.Checkpoint) (*doortest.Job, error) {
		return doortest.Start(t.Context(), func() any {
			p := stream.New("fixed")
			sinks := n.sink()
			for _, topic := range []string{"a", "b"} {
				p.From(kafkasource.Topics(client, []string{topic}, values()), stream.Name(topic)).To(sinks, stream.Name("rows "+topic))
			}
			return p
		}, doortest.Options{Config: door.Config{Shards: 2, Batch: 4, Checkpoints: true}, From: from})
	}
	var saved *doortest.Checkpoint
	for i, x := range []struct {
		topic     string
		partition int32
	}{{"a", 0}, {"b", 0}, {"a", 1}, {"b", 1}, {"a", 2}} {
		if x.partition > 0 {
			_, err := admin.CreatePartitions(t.Context(), 1, x.topic)
			require.NoError(t, err)
		}
		fill(t, client, x.topic, x.partition, orders(10*i, 10*i+10))
		for range 2 { // what is started again keeps its numbers
			j, err := job(saved)
			require.NoError(t, err)
			n.has(t, 10*i+10)
			saved, err = j.Checkpoint(t.Context())
			require.NoError(t, err)
			j.Kill()
		}
	}
	require.ElementsMatch(t, to(50), n.list())
}
