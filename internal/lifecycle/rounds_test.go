package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
)

// A mailer is a source of numbers whose sender wants to know what has arrived. It gives one
// each 10 ms, and ends behind n of them, or waits for ever if n is 0.
type mailer struct {
	n   int
	ask bool // for an acknowledgement, as soon as it has given something
	arrivals
	soon func()
}

// arrivals notes what was flushed, and what was acknowledged then.
type arrivals struct {
	mu        sync.Mutex
	flushed   map[string]int // by sink, how many it has flushed
	sinks     int
	committed []int
	early     []string // acknowledgements of what was not flushed
}

func (m *mailer) Open(c *stream.SourceContext) ([]stream.Reader[int], error) {
	m.soon = c.Checkpoint
	return []stream.Reader[int]{&letter{m: m}}, nil
}

type letter struct {
	m  *mailer
	at int
}

func (l *letter) Partition() string { return "letters" }
func (l *letter) Offset() string    { return strconv.Itoa(l.at) }
func (l *letter) Close() error      { return nil }
func (l *letter) Waits() bool       { return true }

func (l *letter) Read(ctx context.Context, in *stream.Intake[int]) error {
	if l.m.n > 0 && l.at == l.m.n {
		return io.EOF
	}
	select {
	case <-time.After(10 * time.Millisecond):
	case <-ctx.Done():
		return ctx.Err()
	}
	in.Append(l.at)
	l.at++
	if l.m.ask {
		l.m.soon()
	}
	return nil
}

func (l *letter) Commit(_ context.Context, offset string) error {
	n, err := strconv.Atoi(offset)
	if err != nil {
		return err
	}
	a := &l.m.arrivals
	a.mu.Lock()
	defer a.mu.Unlock()
	for s := range a.sinks {
		if name := fmt.Sprint("sink", s); a.flushed[name] < n {
			a.early = append(a.early, fmt.Sprintf("%d, of which %s has %d", n, name, a.flushed[name]))
		}
	}
	a.committed = append(a.committed, n)
	return nil
}

// A pigeonhole is a sink that is slow to flush.
type pigeonhole struct {
	a      *arrivals
	name   string
	slow   time.Duration
	broken error
}

func (p pigeonhole) Open(*stream.SinkContext) (stream.Writer[int], error) {
	return &pigeon{pigeonhole: p}, nil
}

type pigeon struct {
	pigeonhole
	n int
}

func (p *pigeon) Write(_ context.Context, b *stream.Batch[int]) error {
	p.n += b.Len()
	return nil
}

func (p *pigeon) Flush(context.Context) error {
	time.Sleep(p.slow)
	if p.n > 0 && p.broken != nil {
		return p.broken
	}
	p.a.mu.Lock()
	defer p.a.mu.Unlock()
	p.a.flushed[p.name] += p.n
	p.n = 0
	return nil
}

func (p *pigeon) Close() error { return nil }

// mail sends all letters to two sinks, one of them behind an exchange.
func mail(m *mailer, slow time.Duration, broken error) *stream.Pipeline {
	m.flushed, m.sinks = map[string]int{}, 2
	p := stream.New("mail")
	letters := p.From(m, stream.Name("mail"))
	letters.To(pigeonhole{&m.arrivals, "sink0", 0, nil})
	letters.Rebalance().To(pigeonhole{&m.arrivals, "sink1", slow, broken}, stream.Name("slow"))
	return p
}

// Without checkpoints a source is told what all sinks have flushed, once a second and at the end.
func TestRounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mailer{n: 250}
		require.NoError(t, mail(m, 100*ms, nil).Run(t.Context(), stream.Shards(3), stream.BatchSize(7)))
		require.Empty(t, m.early)
		require.Len(t, m.committed, 3)
		require.Equal(t, 250, m.committed[2])
	})
}

// A source that asks is told soon.
func TestRoundsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mailer{n: 50, ask: true}
		require.NoError(t, mail(m, 0, nil).Run(t.Context(), stream.Shards(2)))
		require.Empty(t, m.early)
		require.Equal(t, 50, m.committed[len(m.committed)-1])
		require.GreaterOrEqual(t, len(m.committed), 50)
	})
}

// What was read before a stop is acknowledged.
func TestRoundsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mailer{}
		ctx, cancel := context.WithTimeout(t.Context(), 505*ms)
		defer cancel()
		require.ErrorIs(t, mail(m, 0, nil).Run(ctx), context.DeadlineExceeded)
		require.Empty(t, m.early)
		require.Equal(t, []int{50}, m.committed)
	})
}

// What a sink cannot flush is not acknowledged.
func TestRoundsFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		m := &mailer{}
		err := mail(m, 0, broken).Run(t.Context())
		require.ErrorIs(t, err, broken)
		require.ErrorContains(t, err, "stream: slow: broken")
		require.Empty(t, m.committed)
	})
}

// A sink that hangs has nothing acknowledged, and holds a stop up for StopTimeout.
func TestRoundsHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &mailer{}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		begin := time.Now()
		require.ErrorIs(t, mail(m, 10*time.Second, nil).Run(ctx, stream.StopTimeout(3*time.Second)), context.DeadlineExceeded)
		require.Empty(t, m.committed)
		require.Less(t, time.Since(begin), 12*time.Second)
	})
}
