package kafkasource

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Causes of a LostError.
var (
	ErrOutOfRange = errors.New("the log does not hold the offset any more")
	ErrTruncated  = errors.New("the log was cut off, as by the election of a leader that did not have all of it")
	ErrReplaced   = errors.New("the topic has been deleted, and another one of its name was made")
	ErrDeleted    = errors.New("the topic has been deleted")
)

// A LostError says that records are gone that a run should have read. It ends the run, unless there is [CountLoss].
type LostError struct {
	Partition string // "orders-3"
	Offset    int64  // of the record that should have been next
	Lost      int64  // how many records; 0 if it is not known
	Err       error  // ErrOutOfRange, ErrTruncated, ErrReplaced or ErrDeleted
}

// Error names the place, the cause and the way out.
func (e *LostError) Error() string {
	n := "records"
	if e.Lost > 0 {
		n = fmt.Sprintf("up to %d records", e.Lost)
	}
	return fmt.Sprintf("kafkasource: read %s at offset %d: %v: %s are lost; CountLoss goes on with what there is", e.Partition, e.Offset, e.Err, n)
}

// Unwrap returns e.Err.
func (e *LostError) Unwrap() error { return e.Err }

// A ReadError is the error of a source that cannot read.
type ReadError struct {
	Source string // what was read: "orders-3", "kafka orders"
	Err    error  // why, as the broker or the client has it
}

// Error names the place and the cause.
func (e *ReadError) Error() string { return fmt.Sprintf("kafkasource: read %s: %v", e.Source, e.Err) }

// Unwrap returns e.Err.
func (e *ReadError) Unwrap() error { return e.Err }

// lose counts a loss, or returns it as an error.
func (l *link) lose(partition string, offset, lost int64, cause error) error {
	err := &LostError{partition, offset, lost, cause}
	if !l.config.countLoss {
		return err
	}
	l.stats.lost.Add(lost)
	l.logger.Error("records are lost", "partition", partition, "offset", offset, "records", lost, "cause", cause)
	return nil
}

// truncated: the client goes on where the log was cut off.
func (l *link) truncated(p *partition, loss *kgo.ErrDataLoss) error {
	if err := l.lose(p.name, loss.ConsumedTo, max(0, loss.ConsumedTo-loss.ResetTo), ErrTruncated); err != nil {
		return err
	}
	to := p.at0()
	to.offset, to.epoch = loss.ResetTo, loss.ResetToEpoch
	p.jump(to)
	return nil
}

// outOfRange: the client waits to be told where to go on.
func (l *link) outOfRange(ctx context.Context, c *kgo.Client, p *partition) error {
	begins, err := l.list(ctx, starts, []string{p.topic})
	if err != nil {
		return err
	}
	ends, err := l.list(ctx, l.ends, []string{p.topic})
	if err != nil {
		return err
	}
	first, _ := begins.Lookup(p.topic, p.number)
	last, _ := ends.Lookup(p.topic, p.number)
	was := p.at0()
	to := place{offset: first.Offset, epoch: -1, id: was.id}
	lost, cause := first.Offset-was.offset, ErrOutOfRange
	if was.offset > last.Offset {
		to.offset, lost, cause = last.Offset, was.offset-last.Offset, ErrTruncated
	} else if lost < 0 {
		to.offset, lost = was.offset, 0 // it is there again
	}
	if !p.begins() && lost > 0 {
		if err := l.lose(p.name, was.offset, lost, cause); err != nil {
			return err
		}
	}
	p.jump(to)
	c.SetOffsets(map[string]map[int32]kgo.EpochOffset{p.topic: {p.number: {Epoch: -1, Offset: to.offset}}})
	return nil
}
