package kafkasink

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/stream"
)

// A Sink writes records, each event at least once: what was written since the last checkpoint comes again after a restart. See [ExactlyOnce].
type Sink[T any] struct {
	client []kgo.Opt
	topic  string
	as     Encoding[T]
	config config
}

// Topic writes events to a topic, which has to be there unless the client has kgo.AllowAutoTopicCreation. Client says which brokers there
// are and how to talk to them: kgo.SeedBrokers, kgo.DialTLSConfig, kgo.SASL, kgo.ProducerBatchCompression, kgo.RecordPartitioner and whatever
// else a client of package kgo takes, but for transactions, which are for this sink to set; such an option is an error of Open. By default
// records with a key go to partitions as those of Java's client do, and others to one partition for a batch.
//
// Records are acknowledged by all replicas that are in sync, and are in the order of the events, for each instance and partition. Each instance has a client of its own.
//
// It panics if topic is empty, or an option is nil.
func Topic[T any](client []kgo.Opt, topic string, as Encoding[T], opts ...Option) *Sink[T] {
	if topic == "" {
		panic("kafkasink: Topic: the topic needs a name")
	}
	if as.newEncode == nil {
		panic("kafkasink: Topic: the Encoding is the zero one")
	}
	for i, o := range client {
		if o == nil {
			panic(fmt.Sprintf("kafkasink: Topic: option %d of the client is nil", i+1))
		}
	}
	return &Sink[T]{client: client, topic: topic, as: as, config: configOf(opts)}
}

// String is what a plan shows.
func (s *Sink[T]) String() string { return "kafka " + s.topic }

// Open makes a writer. Nothing is sent before it writes.
func (s *Sink[T]) Open(c *stream.SinkContext) (stream.Writer[T], error) {
	client, err := newClient(s.client)
	if err != nil {
		return nil, &WriteError{c.Name, err}
	}
	return &writer[T]{maker: s.maker(c, client), client: client, sent: newSent(client, s.config.retry)}, nil
}

func (s *Sink[T]) maker(c *stream.SinkContext, client *kgo.Client) maker[T] {
	return maker[T]{name: c.Name, topic: s.topic, encode: s.as.newEncode(), most: mostBytes(client)}
}

// newClient makes a client that writes.
func newClient(callers []kgo.Opt, more ...kgo.Opt) (*kgo.Client, error) {
	probe, err := kgo.NewClient(callers...)
	if err != nil {
		return nil, err
	}
	id, _ := probe.OptValue(kgo.TransactionalID).(string)
	probe.Close()
	if id != "" {
		return nil, fmt.Errorf("the client has the option TransactionalID, which is for ExactlyOnce to set")
	}
	opts := append([]kgo.Opt{kgo.MetadataMinAge(250 * time.Millisecond)}, callers...)
	return kgo.NewClient(append(opts, more...)...)
}

// mostBytes is how long a record may be, so that a batch of it alone is not too long.
func mostBytes(c *kgo.Client) int {
	most, ok := c.OptValue(kgo.ProducerBatchMaxBytes).(int32)
	if !ok {
		most = 1000012
	}
	return int(most) - 256
}

// A WriteError is the error of a sink that the brokers do not take something from.
type WriteError struct {
	Sink string // the operator's name
	Err  error  // as the broker or the client has it
}

// Error names the operator and the cause.
func (e *WriteError) Error() string { return "kafkasink: " + e.Sink + ": " + e.Err.Error() }

// Unwrap returns e.Err.
func (e *WriteError) Unwrap() error { return e.Err }

// A writer has a client send what it is given.
type writer[T any] struct {
	maker[T]
	client *kgo.Client
	sent   *sent
	asked  bool
}

// Write hands records to the client, which sends them soon. It waits while kgo.MaxBufferedRecords wait to be sent.
func (w *writer[T]) Write(ctx context.Context, b *stream.Batch[T]) error {
	if !w.asked {
		if err := refused(ctx, w.client); err != nil {
			return &WriteError{w.name, err}
		}
		w.asked = true
	}
	return w.produce(ctx, w.client, w.sent, b)
}

// refused returns why the brokers take nothing from the client and never will: a password, or a certificate. With its records the client
// would try for as long as RetryFor says, and not tell why.
func refused(ctx context.Context, c *kgo.Client) error {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := c.Ping(call)
	if _, ok := errors.AsType[*kgo.ErrFirstReadEOF](err); ok || err == nil || call.Err() != nil || passes(err) {
		return nil // of a broker that is just ending, too
	}
	return err
}

// Flush returns when all records are acknowledged.
func (w *writer[T]) Flush(ctx context.Context) error {
	return flush(ctx, w.name, w.client, w.sent)
}

// Close ends the client.
func (w *writer[T]) Close() error {
	w.sent.end()
	w.client.Close()
	return nil
}
