package redissource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A Message is what was published on a channel.
type Message[T any] struct {
	Channel string
	Pattern string // that the channel fits, if patterns are subscribed to
	Value   T
}

// Channels subscribes to channels of pub/sub. Messages are read at most once: what is published
// while nobody is subscribed, the connection is lost, or the queue is full, is gone. What the queue has no
// room for is counted: see Stats. It panics if client or format is nil, the format has a header, there is
// no channel, or one is given twice.
func Channels[T any](client redis.UniversalClient, channels []string, format codec.Format[T], opts ...Option) *Source[Message[T]] {
	channels = given("Channels", channels)
	headless("Channels", format)
	return subscribing(client, "channels "+strings.Join(channels, ", "), format, opts, func(ctx context.Context) *redis.PubSub { return client.Subscribe(ctx, channels...) })
}

// Patterns subscribes to all channels whose names fit one of the patterns, as PSUBSCRIBE has them. It is as
// Channels otherwise.
func Patterns[T any](client redis.UniversalClient, patterns []string, format codec.Format[T], opts ...Option) *Source[Message[T]] {
	patterns = given("Patterns", patterns)
	headless("Patterns", format)
	return subscribing(client, "channels "+strings.Join(patterns, ", "), format, opts, func(ctx context.Context) *redis.PubSub { return client.PSubscribe(ctx, patterns...) })
}

func subscribing[T any](client redis.UniversalClient, what string, format codec.Format[T], opts []Option, subscribe func(context.Context) *redis.PubSub) *Source[Message[T]] {
	return newSource(client, what, opts, func(o *opened) ([]stream.Reader[Message[T]], error) {
		r := &channelReader[T]{opened: o, what: what, dec: format.NewDecoder(), queue: make(chan *redis.Message, o.queue)}
		r.ctx, r.cancel = context.WithCancel(context.WithoutCancel(o.Context))
		r.done = make(chan struct{})
		r.failed = make(chan error, 1)
		r.subscribe = subscribe
		return []stream.Reader[Message[T]]{r}, nil
	})
}

// A channelReader reads messages from a queue, which a goroutine fills.
type channelReader[T any] struct {
	*opened
	what      string
	dec       codec.Decoder[T]
	queue     chan *redis.Message
	subscribe func(context.Context) *redis.PubSub
	ctx       context.Context
	cancel    context.CancelFunc
	begun     bool
	done      chan struct{} // closed when the goroutine has ended
	failed    chan error
	given     atomic.Int64
}

func (r *channelReader[T]) Partition() string { return "messages" }
func (r *channelReader[T]) Offset() string    { return "" }
func (r *channelReader[T]) Waits() bool       { return true }

// Locate counts the messages of the run.
func (r *channelReader[T]) Locate(position int64) string {
	return fmt.Sprintf("%s message %d", r.what, position)
}

// Read gives messages that are there, and waits for one if none are.
func (r *channelReader[T]) Read(ctx context.Context, in *stream.Intake[Message[T]]) error {
	if !r.begun {
		r.begun = true
		go r.receive()
	}
	select {
	case m := <-r.queue:
		r.put(in, m)
	default:
		select {
		case m := <-r.queue:
			r.put(in, m)
		case err := <-r.failed:
			r.failed <- err // for the next Read, if there is one
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for in.Room() > 0 {
		select {
		case m := <-r.queue:
			r.put(in, m)
		default:
			return nil
		}
	}
	return nil
}

func (r *channelReader[T]) put(in *stream.Intake[Message[T]], m *redis.Message) {
	to := in.Next()
	to.Channel, to.Pattern = m.Channel, m.Pattern
	position := r.given.Add(1) - 1
	switch bad := r.dec.Decode([]byte(m.Payload), &to.Value); {
	case bad == nil:
		in.Mark(position)
		r.stats.read.Add(1)
	case errors.Is(bad, codec.ErrSkip):
		in.Unread()
	default:
		in.Unread()
		in.Reject([]byte(m.Payload), position, bad)
		r.stats.rejected.Add(1)
	}
}

// quiet is how long nothing comes before the server is asked whether it is there.
const quiet = 500 * time.Millisecond

// receive fills the queue until the reader is closed.
func (r *channelReader[T]) receive() {
	defer close(r.done)
	p := patience{opened: r.opened, what: r.what}
	for r.ctx.Err() == nil {
		sub := r.subscribe(r.ctx)
		err := r.drain(sub, &p)
		_ = sub.Close() // the error before matters more
		if r.ctx.Err() != nil {
			return
		}
		if err := p.judge(r.ctx, err); err != nil {
			r.failed <- err
			return
		}
		if !p.wait(r.ctx) {
			return
		}
	}
}

// drain receives from one subscription until it fails. A connection on which nothing comes is asked for a
// sign of life, and given up if there is none.
func (r *channelReader[T]) drain(sub *redis.PubSub, p *patience) error {
	asked := 0
	for r.ctx.Err() == nil {
		x, err := sub.ReceiveTimeout(r.ctx, quiet)
		if isTimeout(err) {
			if asked++; asked > 4 {
				return io.ErrUnexpectedEOF
			}
			if err := sub.Ping(r.ctx); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		asked = 0
		if err := p.judge(r.ctx, nil); err != nil {
			return err
		}
		if m, ok := x.(*redis.Message); ok {
			select {
			case r.queue <- m:
			default:
				r.drop()
			}
		}
	}
	return r.ctx.Err()
}

// isTimeout reports whether nothing has come in time.
func isTimeout(err error) bool {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && timeout.Timeout()
}

// drop counts a message, and logs the 1st, 2nd, 4th, 8th, ….
func (r *channelReader[T]) drop() {
	if n := r.stats.dropped.Add(1); n&(n-1) == 0 {
		r.logger().Warn("the pipeline is slower than messages come, and they are dropped", "source", r.what, "dropped", n, "queue", cap(r.queue))
	}
}

// Close ends the subscription.
func (r *channelReader[T]) Close() error {
	r.cancel()
	if !r.begun {
		return nil
	}
	timer := time.NewTimer(longestClose)
	defer timer.Stop()
	select {
	case <-r.done:
	case <-timer.C: // it ends with the next timeout
	}
	return nil
}
