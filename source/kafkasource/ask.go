package kafkasource

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// minAge is how old what is known of topics is at least before it is asked for again.
const minAge = 250 * time.Millisecond

// callTimeout is how long one question may take.
const callTimeout = 10 * time.Second

// longestPause is between two tries.
const longestPause = time.Second

// ask asks until there is an answer, an error that does not pass, or RetryFor has passed.
func (l *link) ask(ctx context.Context, what string, question func(context.Context, *kadm.Client) error) error {
	c, err := l.asker()
	if err != nil {
		return err
	}
	begun, pause := time.Now(), 20*time.Millisecond
	for {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		err := question(call, kadm.NewClient(c))
		cancel()
		switch since := time.Since(begun); {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case !passes(err):
			return &ReadError{l.String(), fmt.Errorf("ask for %s: %w", what, err)}
		case since > l.config.retry:
			return &ReadError{l.String(), fmt.Errorf("ask for %s, for %v: %w; see that the brokers run, at the addresses of kgo.SeedBrokers", what, since.Round(time.Millisecond), whole(err))}
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		pause = min(2*pause, longestPause)
	}
}

// passes reports whether an error is of a kind that passes by itself.
func passes(err error) bool {
	if known, ok := errors.AsType[*kerr.Error](err); ok {
		return known.Retriable
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return false
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return false
	}
	if alert, ok := errors.AsType[*net.OpError](err); ok && alert.Op == "remote error" {
		return false // what the other side of TLS says
	}
	if _, ok := errors.AsType[*kgo.ErrFirstReadEOF](err); ok {
		return false // TLS or SASL where there is none, or none where there is
	}
	return true
}

// whole keeps the end of a connection from looking like the end of the data.
func whole(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %s", io.ErrUnexpectedEOF, err)
	}
	return err
}

// A seen topic.
type seen struct {
	id      [16]byte
	numbers []int32
	waits   bool // for a leader: it cannot be told yet which partitions there are
}

// look finds out which of the topics there are.
func (l *link) look(ctx context.Context) (map[string]seen, error) {
	found := map[string]seen{}
	err := l.ask(ctx, "topics", func(ctx context.Context, c *kadm.Client) error {
		details, err := c.ListTopics(ctx, l.topics...)
		if err != nil {
			return err
		}
		clear(found)
		for topic, d := range details {
			if l.pattern != nil && !l.pattern.MatchString(topic) {
				continue
			}
			switch {
			case d.Err == nil:
				found[topic] = seen{id: d.ID, numbers: d.Partitions.Numbers()}
			case errors.Is(d.Err, kerr.UnknownTopicOrPartition):
			case passes(d.Err):
				found[topic] = seen{id: d.ID, waits: true}
			default:
				return fmt.Errorf("topic %s: %w", topic, d.Err)
			}
		}
		return nil
	})
	return found, err
}

// A listing asks for offsets of topics.
type listing func(ctx context.Context, c *kadm.Client, topics ...string) (kadm.ListedOffsets, error)

func starts(ctx context.Context, c *kadm.Client, topics ...string) (kadm.ListedOffsets, error) {
	return c.ListStartOffsets(ctx, topics...)
}

func after(at time.Time) listing {
	return func(ctx context.Context, c *kadm.Client, topics ...string) (kadm.ListedOffsets, error) {
		return c.ListOffsetsAfterMilli(ctx, at.Add(time.Millisecond-1).UnixMilli(), topics...)
	}
}

// ends lists where topics end: what is committed, unless the client reads what is not.
func (l *link) ends(ctx context.Context, c *kadm.Client, topics ...string) (kadm.ListedOffsets, error) {
	probe, err := kgo.NewClient(append([]kgo.Opt{kgo.FetchIsolationLevel(kgo.ReadCommitted())}, l.client...)...)
	if err != nil {
		return nil, err
	}
	defer probe.Close()
	if probe.OptValue(kgo.FetchIsolationLevel) == kgo.ReadUncommitted() {
		return c.ListEndOffsets(ctx, topics...)
	}
	return c.ListCommittedOffsets(ctx, topics...)
}

// list asks for offsets until all are there.
func (l *link) list(ctx context.Context, by listing, topics []string) (offsets kadm.ListedOffsets, err error) {
	if len(topics) == 0 {
		return nil, nil
	}
	err = l.ask(ctx, "offsets", func(ctx context.Context, c *kadm.Client) (err error) {
		if offsets, err = by(ctx, c, topics...); err == nil {
			err = offsets.Error()
		}
		return err
	})
	return offsets, err
}
