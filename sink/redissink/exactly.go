package redissink

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// ExactlyOnce returns a sink that writes what s does, each event exactly once, in runs with checkpoints: what is written
// is kept in the checkpoint, and sent when that is durable, by scripts that note in the same step how far they have come. So
// nobody sees an event before a checkpoint holds it. In runs without checkpoints it is s.
//
// What is noted stands under keys of the sink's own, that begin with "freshet:": one, and in a cluster one more for each
// hash slot that was written to. They must not expire or be evicted. A checkpoint of up to Batch commands takes effect at once, in a cluster for
// each slot; a larger one in parts.
//
// A command has at most 7000 arguments, its name and key among them, as a script cannot execute one with many more: an event with a
// longer one is an error of that event.
//
// A command that the server refuses for what is in it, or for what is under its key (WRONGTYPE, a value that is no integer), ends the run, and each
// run that begins with the checkpoint, which has promised it. With [stream.SkipFailures] it is left out and counted, with [stream.Divert] its event is in the stream of failures,
// with a *WriteError, or several joined where several of its commands are refused; other commands of the same event take effect. That it was left out is noted with the rest, and why: up to 16 different causes. For Divert values are kept in the checkpoint, so they
// have to be such that codec.Binary can store.
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
	p := &preparer[T]{encoder: encoder[T]{encode: s.sink.newEncode(), scripted: true}, instance: c.Instance, checkpoint: c.Checkpoint}
	if c.Diverts {
		values, err := codec.TryBinary[T]()
		if err != nil {
			return nil, &WriteError{Sink: c.Name, Err: fmt.Errorf("with Divert its values are kept in checkpoints: %w", err)}
		}
		p.values = values.NewEncoder()
	}
	return p, nil
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
	m := &committer{sender: newSender(s.sink.client, c, s.sink.config), clustered: clustered, name: name, root: "freshet:{" + name + "}", readValue: readValue[T]}
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

	values codec.Encoder[T] // nil where values need not be kept
	value  []byte
	rows   []byte // of the events, with their values
}

// mostPrepared is how many bytes wait before a checkpoint is asked for.
const mostPrepared = 16 << 20

func (p *preparer[T]) Write(ctx context.Context, b *stream.Batch[T]) error {
	for row, v := range b.All() {
		if err := ctx.Err(); err != nil {
			return err // StopTimeout has passed, and no function of the caller's is called any more
		}
		before := len(p.commands.list)
		if p.values != nil {
			var err error
			if p.value, err = p.values.Append(p.value[:0], v); err != nil {
				return &stream.RowError{Row: row, Err: fmt.Errorf("redissink: keep the value: %w", err)}
			}
		}
		if err := p.add(row, v); err != nil {
			return err
		}
		if n := len(p.commands.list) - before; n > 0 && p.values != nil {
			p.rows = appendPreparedRow(p.rows, n, int64(b.Time(row)), p.value)
		}
	}
	if len(p.commands.text)+len(p.rows) > mostPrepared && !p.asked && p.checkpoint != nil {
		p.asked = true
		p.checkpoint()
	}
	return nil
}

// Flush has nothing to do: Prepare is called behind it.
func (p *preparer[T]) Flush(context.Context) error { return nil }

// Prepare returns the commands, and with Divert the values that they are of.
func (p *preparer[T]) Prepare(context.Context) ([]byte, error) {
	if len(p.commands.list) == 0 {
		return nil, nil
	}
	data := appendPrepared(nil, uint32(p.instance), p.number, p.values != nil, p.rows, &p.commands)
	p.number++
	p.commands.reset()
	p.rows = p.rows[:0]
	p.asked = false
	return data, nil
}

func (p *preparer[T]) Close() error { return nil }

// readValue reads what the encoder of a preparer has written.
func readValue[T any](kept []byte) (any, error) {
	format, err := codec.TryBinary[T]()
	if err != nil {
		return nil, err
	}
	dec := format.NewDecoder()
	_, record, err := dec.Split(kept, true)
	if err != nil {
		return nil, err
	}
	var v T
	if err := dec.Decode(record, &v); err != nil {
		return nil, err
	}
	return v, nil
}
