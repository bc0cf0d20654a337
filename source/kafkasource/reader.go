package kafkasource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A reader hands on what was fetched of a partition.
type reader[T any] struct {
	*partition
	decode decode[T]
	batch  []*kgo.Record // of the chunk at hand

	timed  bool
	behind stream.Time // how far the watermark is behind the latest timestamp
	latest stream.Time
	value  T
}

func (r *reader[T]) Partition() string { return r.name }
func (r *reader[T]) Offset() string    { return r.at.String() }

// Locate names a record: "orders-3 offset 1234".
func (r *reader[T]) Locate(position int64) string {
	return fmt.Sprintf("%s offset %d", r.name, position)
}

// Read gives what was fetched. It does not wait.
func (r *reader[T]) Read(_ context.Context, in *stream.Intake[T]) error {
	for in.Len() == 0 && len(in.Rejected()) == 0 {
		if len(r.batch) == 0 {
			c, ok, ended := r.pop()
			switch {
			case ended:
				return io.EOF
			case !ok:
				return stream.ErrNothing
			case c.jump != nil:
				token := r.at.token
				r.at = *c.jump
				r.at.token = token
				continue
			}
			r.batch = c.records
		}
		r.take(in)
	}
	return nil
}

// take puts in as many records as there is room for.
func (r *reader[T]) take(in *stream.Intake[T]) {
	var read, rejected int64
	n := 0
	for ; n < len(r.batch) && in.Room() > 0; n++ {
		record := r.batch[n]
		r.batch[n] = nil // the memory of a fetch is let go with its last record
		r.at.offset, r.at.epoch = record.Offset+1, record.LeaderEpoch
		if record.Attrs.IsControl() {
			continue
		}
		switch err := r.put(in, record); {
		case err == nil:
			in.Mark(record.Offset)
			read++
		case errors.Is(err, codec.ErrSkip):
		default:
			in.Reject(record.Value, record.Offset, err)
			rejected++
		}
	}
	r.batch = r.batch[n:]
	if r.timed && in.Len() > 0 {
		in.SetWatermark(r.latest - r.behind)
	}
	r.stats.read.Add(read)
	r.stats.rejected.Add(rejected)
}

// put makes an event of a record.
func (r *reader[T]) put(in *stream.Intake[T], record *kgo.Record) error {
	if !r.timed {
		err := r.decode(record, in.Next())
		if err != nil {
			in.Unread()
		}
		return err
	}
	at, err := timeOf(record)
	if err != nil {
		return err
	}
	var zero T
	r.value = zero
	if err := r.decode(record, &r.value); err != nil {
		return err
	}
	in.AppendAt(r.value, at)
	r.value = zero
	r.latest = max(r.latest, at)
	return nil
}

// timeOf returns the timestamp of a record.
func timeOf(r *kgo.Record) (stream.Time, error) {
	ms := r.Timestamp.UnixMilli()
	if ms < 0 {
		return 0, fmt.Errorf("kafkasource: the record has no timestamp, but %d", ms)
	}
	if ms > math.MaxInt64/int64(time.Millisecond)-1 {
		return 0, fmt.Errorf("kafkasource: the timestamp of %d ms is beyond what an event time can be", ms)
	}
	return stream.Time(ms * int64(time.Millisecond)), nil
}

// Commit has an offset be committed to the group, if there is one. It does not wait for that, which is for others to see.
func (r *reader[T]) Commit(_ context.Context, offset string) error {
	at, err := parsePlace(offset)
	if err != nil {
		return err
	}
	r.commit(r.partition, at)
	return nil
}

// Close says that somebody else may read the partition.
func (r *reader[T]) Close() error {
	select {
	case <-r.closed:
		return nil
	default:
	}
	r.leave(r.partition)
	close(r.closed)
	r.stats.assigned.Add(-1)
	r.release()
	return nil
}
