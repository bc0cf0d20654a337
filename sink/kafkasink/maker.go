package kafkasink

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A maker makes records of events.
type maker[T any] struct {
	name   string // the operator's
	topic  string
	encode encode[T]
	most   int // bytes that a record may have

	meet func(ctx context.Context, topic string) error // told of a topic before a record of it is handed over; nil without
	last string                                        // topic that it was told of

	blocks blocks // whose records are used in turn
}

// produce hands the events of a batch to a client.
func (m *maker[T]) produce(ctx context.Context, c *kgo.Client, s *sent, b *stream.Batch[T]) error {
	defer context.AfterFunc(ctx, func() { s.cancel(ctx.Err()) })()
	for row, v := range b.All() {
		if err := ctx.Err(); err != nil {
			return err // StopTimeout has passed, and no function of the caller's is called any more
		}
		k := m.blocks.next(s)
		r, err := m.make(k, v, b.Time(row))
		if err != nil {
			return &stream.RowError{Row: row, Err: err}
		}
		if m.meet != nil && r.Topic != m.last {
			if err := m.meet(ctx, r.Topic); err != nil {
				return err
			}
			m.last = r.Topic
		}
		k.used++
		s.count++
		c.Produce(s.ctx, r, k.done)
	}
	if failed := s.failure(); failed != nil && ctx.Err() == nil {
		return &WriteError{m.name, failed}
	}
	return ctx.Err()
}

// make fills the next record of a block.
func (m *maker[T]) make(k *block, v T, at stream.Time) (*kgo.Record, error) {
	r := &k.records[k.used]
	*r = kgo.Record{Topic: m.topic}
	if at > window.MinTime && at < window.MaxTime {
		r.Timestamp = time.UnixMilli(int64(at) / int64(time.Millisecond))
	}
	arena, err := m.encode(r, v, k.room())
	if err == nil && r.Topic == "" {
		err = fmt.Errorf("kafkasink: the record has no topic")
	}
	if n := size(r); err == nil && n > m.most {
		err = fmt.Errorf("kafkasink: the record has %d bytes, and a batch may have %d: %w; see kgo.ProducerBatchMaxBytes, and max.message.bytes of the topic", n, m.most, kerr.MessageTooLarge)
	}
	if err != nil {
		return nil, err
	}
	k.arena = arena
	return r, nil
}

func size(r *kgo.Record) int {
	n := len(r.Key) + len(r.Value)
	for _, h := range r.Headers {
		n += len(h.Key) + len(h.Value) + 10
	}
	return n
}
