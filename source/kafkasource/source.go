package kafkasource

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/stream"
)

// A Source reads topics. Its value is a description, which may be opened again once a run is over; its
// statistics go on.
type Source[T any] struct {
	subject
	as    Decoding[T]
	stats counters
}

// A subject is what a source reads, and how.
type subject struct {
	client  []kgo.Opt
	topics  []string
	pattern *regexp.Regexp // in the place of topics
	config  config
}

// Topics reads topics by their names. Client says which brokers there are and how to talk to them: kgo.SeedBrokers, kgo.DialTLSConfig,
// kgo.SASL, kgo.FetchMaxBytes and whatever else a client of package kgo takes, but for what is consumed, and from where, which is for
// this source to say; such an option is an error of Open.
//
// It panics if there is no topic, a name is empty or given twice, or an option is nil.
func Topics[T any](client []kgo.Opt, topics []string, as Decoding[T], opts ...Option) *Source[T] {
	if len(topics) == 0 {
		panic("kafkasource: Topics: there is nothing to read")
	}
	seen := map[string]bool{"": true}
	for _, topic := range topics {
		if seen[topic] {
			panic(fmt.Sprintf("kafkasource: Topics: the name %q is empty, or given twice", topic))
		}
		seen[topic] = true
	}
	return newSource(subject{client: client, topics: append([]string(nil), topics...)}, as, opts)
}

// Matching reads all topics whose whole name matches a regular expression, those too that are made while the run lasts. Topics of the
// brokers' own, such as __consumer_offsets, are none of them. There need not be any when the run begins, but on Flink, where only those are read that there are then. The options of client are those of Topics.
//
// It panics if the expression is malformed, or an option is nil.
func Matching[T any](client []kgo.Opt, expression string, as Decoding[T], opts ...Option) *Source[T] {
	pattern, err := regexp.Compile("^(?:" + expression + ")$")
	if err != nil {
		panic(fmt.Sprintf("kafkasource: Matching(%q): %v", expression, err))
	}
	return newSource(subject{client: client, pattern: pattern}, as, opts)
}

func newSource[T any](s subject, as Decoding[T], opts []Option) *Source[T] {
	if as.newDecoder == nil {
		panic("kafkasource: the Decoding is the zero one")
	}
	for i, o := range s.client {
		if o == nil {
			panic(fmt.Sprintf("kafkasource: option %d of the client is nil", i+1))
		}
	}
	s.config = configOf(opts)
	if s.config.group != "" && s.config.bounded {
		panic("kafkasource: Group and Bounded: whose partitions come and go does not know where it ends")
	}
	if s.config.group != "" && s.config.commitTo != "" {
		panic("kafkasource: Group and CommitTo: a member commits to its own group")
	}
	return &Source[T]{subject: s, as: as}
}

// String is what a plan shows.
func (s *Source[T]) String() string { return s.subject.String() }

func (s *subject) String() string {
	if s.pattern != nil {
		return "kafka topics like " + strings.TrimSuffix(strings.TrimPrefix(s.pattern.String(), "^(?:"), ")$")
	}
	return "kafka " + strings.Join(s.topics, ", ")
}

// FixedPartitions says that the source can do with the partitions that there are when it is opened, unless a group hands them out: see [stream.Fixed].
func (s *Source[T]) FixedPartitions() string {
	if s.config.group == "" {
		return ""
	}
	return "its partitions come and go as group " + s.config.group + " hands them out. Leave Group away: the job hands them out then, and knows how far each was read, and CommitTo tells others of it"
}

// Endless reports whether the source goes on for ever: without [Bounded].
func (s *Source[T]) Endless() bool { return !s.config.bounded }

// Open asks the brokers for the partitions that there are, unless a group hands them out.
func (s *Source[T]) Open(c *stream.SourceContext) ([]stream.Reader[T], error) {
	l, err := newLink(&s.subject, c, &s.stats)
	if err != nil {
		return nil, err
	}
	l.acquire()
	defer l.release()
	var list []*partition
	if s.config.group == "" {
		if list, err = l.begin(c.Context); err != nil {
			return nil, err
		}
		l.known = map[string]bool{}
		for _, p := range list {
			l.known[p.name] = !p.leaving
		}
	}
	readerOf := func(p *partition) stream.Reader[T] {
		l.acquire()
		l.stats.assigned.Add(1)
		return &reader[T]{partition: p, decode: s.as.newDecoder(), timed: l.config.timestamps, behind: stream.Time(l.config.disorder)}
	}
	var readers []stream.Reader[T]
	for _, p := range list {
		readers = append(readers, readerOf(p))
	}
	stream.Discover(c, func(ctx context.Context, parts *stream.Partitions[T]) error {
		return l.watch(ctx, told{
			add: func(ctx context.Context, p *partition) error {
				r := readerOf(p)
				err := parts.Add(ctx, r)
				if err != nil {
					_ = r.Close() // it has nothing open of its own
				}
				return err
			},
			remove: func(ctx context.Context, name string) error { return parts.Remove(ctx, name) },
			ready:  func(names ...string) { parts.Ready(names...) },
		})
	})
	return readers, nil
}

// Stats returns what the source has counted since it was made. Any goroutine may call it.
func (s *Source[T]) Stats() Stats {
	c := &s.stats
	return Stats{
		Read: c.read.Load(), Rejected: c.rejected.Load(), Lost: c.lost.Load(), Repeated: c.repeated.Load(),
		Assigned: c.assigned.Load(), Uncommitted: c.uncommitted.Load(),
	}
}

// Stats are what a source has counted.
type Stats struct {
	Read        int64 // values that the pipeline was given
	Rejected    int64 // records that could not be decoded
	Lost        int64 // records that were gone before they were read, or whose topic is; with CountLoss
	Repeated    int64 // records that an earlier run of this member had read, and that another member has taken over since
	Assigned    int64 // partitions that are read now
	Uncommitted int64 // commits to the group that failed
}

type counters struct {
	read, rejected, lost, repeated, assigned, uncommitted atomic.Int64
}
