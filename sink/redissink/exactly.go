package redissink

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/stream"
)

// ExactlyOnce returns a sink that writes what s does, each event exactly once, in runs with checkpoints: what is written
// is kept in the checkpoint, and sent when that is durable, by scripts that note in the same step how far they have come. So
// nobody sees an event before a checkpoint holds it. In runs without checkpoints it is s.
//
// What is noted stands under keys of the sink's own, that begin with "freshet:": one, and in a cluster one more for each
// hash slot that was written to. They must not expire or be evicted. A checkpoint of up to Batch commands takes effect at once, in a cluster for
// each slot; a larger one in parts.
//
// A server that loses what it has acknowledged, by a crash without appendfsync always or by a fail-over, loses
// events with it; Replicas bounds the latter. A run that finds its notes behind says so: see [stream.LostResultsError].
func ExactlyOnce[T any](s *Sink[T]) stream.TransactionalSink[T] {
	if s == nil {
		panic("redissink: ExactlyOnce: the Sink is nil")
	}
	return &exactly[T]{s}
}

type exactly[T any] struct{ sink *Sink[T] }

func (s *exactly[T]) String() string { return s.sink.String() + " exactly once" }

// Open makes a writer that keeps what it is given.
func (s *exactly[T]) Open(c *stream.SinkContext) (stream.Writer[T], error) {
	if !c.Transactional {
		return s.sink.Open(c)
	}
	return &preparer[T]{encoder: encoder[T]{encode: s.sink.newEncode()}, instance: c.Instance, checkpoint: c.Checkpoint}, nil
}

// OpenCommitter makes what sends.
func (s *exactly[T]) OpenCommitter(c *stream.SinkContext) (stream.Committer, error) {
	if _, ok := s.sink.client.(*redis.Ring); ok {
		return nil, &WriteError{Sink: c.Name, Err: fmt.Errorf("a redis.Ring knows nothing of hash slots: ExactlyOnce is for a server, for Sentinel, or for a cluster")}
	}
	_, clustered := s.sink.client.(*redis.ClusterClient)
	if clustered && s.sink.config.replicas > 0 {
		return nil, &WriteError{Sink: c.Name, Err: fmt.Errorf("Replicas is not for clusters")}
	}
	escaped := strings.NewReplacer("%", "%25", "/", "%2F", "{", "%7B", "}", "%7D")
	name := escaped.Replace(c.Pipeline) + "/" + escaped.Replace(c.Name)
	m := &committer{sender: newSender(s.sink.client, c, s.sink.config), clustered: clustered, name: name, root: "freshet:{" + name + "}"}
	if clustered {
		m.tags = slotTags()
	}
	return m, nil
}

// A preparer keeps commands until they are in a checkpoint.
type preparer[T any] struct {
	encoder[T]
	instance   int
	number     uint64 // of calls of Prepare that returned something
	checkpoint func()
	asked      bool
}

// mostPrepared is how many bytes wait before a checkpoint is asked for.
const mostPrepared = 16 << 20

func (p *preparer[T]) Write(_ context.Context, b *stream.Batch[T]) error {
	for row, v := range b.All() {
		if err := p.add(row, v); err != nil {
			return err
		}
	}
	if len(p.commands.text) > mostPrepared && !p.asked && p.checkpoint != nil {
		p.asked = true
		p.checkpoint()
	}
	return nil
}

// Flush has nothing to do: Prepare is called behind it.
func (p *preparer[T]) Flush(context.Context) error { return nil }

// Prepare returns the commands. What it returns begins with a version, the instance and a number, by
// which a committer brings what was prepared in an order that is always the same.
func (p *preparer[T]) Prepare(context.Context) ([]byte, error) {
	if len(p.commands.list) == 0 {
		return nil, nil
	}
	data := make([]byte, 0, 13+len(p.commands.text)+2*len(p.commands.ends)+2*len(p.commands.list))
	data = append(data, preparedVersion)
	data = binary.BigEndian.AppendUint32(data, uint32(p.instance))
	data = binary.BigEndian.AppendUint64(data, p.number)
	p.number++
	data = p.commands.append(data)
	p.commands.reset()
	p.asked = false
	return data, nil
}

const (
	preparedVersion = 1
	preparedHead    = 1 + 4 + 8
)

func (p *preparer[T]) Close() error { return nil }
