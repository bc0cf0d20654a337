package flink_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/miniflink"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/flink"
	"github.com/freshet-go/freshet/stream/pattern"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/over"
)

// A limit is a rule: a sale may be of no more. It is edited, and taken back by one that is 0.
type limit struct {
	At   int64
	Name string
	Most int
}

func (l limit) time() time.Time { return time.Unix(l.At, 0) }
func (l limit) name() string    { return l.Name }
func (l limit) change() stream.Change[int] {
	if l.Most == 0 {
		return stream.Change[int]{Kind: stream.Delete}
	}
	return stream.Change[int]{Kind: stream.Update, After: l.Most}
}

// writeLimits writes two files of limits, which are edited every minute or so.
func writeLimits(t *testing.T, dir string) {
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 2 {
		var text strings.Builder
		for at := int64(0); at < 3000; at += 30 + rng.Int64N(60) {
			fmt.Fprintf(&text, `{"At":%d,"Name":"limit %d-%d","Most":%d}`+"\n", at, i, rng.IntN(3), max(0, rng.IntN(1500)-500))
		}
		require.NoError(t, os.WriteFile(fmt.Sprintf("%s/limits-%d.jsonl", dir, i), []byte(text.String()), 0o600))
	}
}

// A rank is what a shop has sold, and which one of its region it is by that.
type rank struct {
	Sold   int
	Number int64
}

func region(shop string, _ int) string { return shop[len(shop)-1:] }
func large(s sale) bool                { return s.Amount > 700 }
func tiny(s sale) bool                 { return s.Amount < 200 }

// changing is a pipeline of tables that change, ranks, patterns, and rules that are edited.
func changing(from string, to stream.Sink[string], slow bool) *stream.Pipeline {
	p := stream.New("changing")
	all := p.From(source.Files(os.DirFS(from), "sales-*.jsonl", codec.JSON[sale]()), stream.Name("sales")).
		EventTime(sale.time, stream.Disorder(5*time.Second), stream.Name("times of sales")).
		Map(func(s sale) sale {
			switch { // see summed
			case slow && s.At > 2700:
				time.Sleep(300 * time.Millisecond)
			case slow && s.At > 1800:
				time.Sleep(15 * time.Millisecond)
			}
			return s
		}).
		KeyBy(sale.shop)
	limits := p.From(source.Files(os.DirFS(from), "limits-*.jsonl", codec.JSON[limit]()), stream.Name("limits")).
		EventTime(limit.time, stream.Name("times of limits")).KeyBy(limit.name)

	sold := all.AggregateTable(window.Sum(sale.amount), stream.TimeToLive(100*time.Second), stream.Name("sold"))
	regions := sold.GroupBy(region).Aggregate(window.Sum(func(n int) int { return n }), stream.Name("regions"))
	best := sold.OrderBy(region, func(a, b int) int { return b - a }).
		TopOver(2, over.Select(over.Rank(func(r *rank, n int, x over.Ranks) { r.Sold, r.Number = n, x.Rank })), stream.Name("best"))
	odd := pattern.Match(all, pattern.Begin("large", large).OneOrMore().Greedy().FollowedBy("tiny", tiny).Within(time.Minute).Skip(pattern.SkipPastLast()), stream.Name("odd")).
		Map(func(m pattern.Matched[string, sale]) string {
			text := "odd " + m.Key
			for _, g := range m.Groups {
				for _, s := range g.Events {
					text += fmt.Sprint(" ", g.Step, " ", s.At, " ", s.Amount)
				}
			}
			return text
		})
	judged := all.ConnectAll(limits, limit.change, func(c *stream.KeyContext[string, int, string], rules *stream.Rules[string, int], s sale) error {
		for name, most := range rules.All() {
			if s.Amount > most {
				*c.State()++
				c.Emit(fmt.Sprint("judged ", s.Shop, " ", s.At, " ", s.Amount, " by ", name, " ", *c.State()))
			}
		}
		return nil
	}, nil, stream.InOrder(), stream.Name("judged"))
	stream.Union([]stream.Stream[string]{told("sold", sold), told("region", regions), told("best", best), odd, judged}).To(to, stream.Name("rows"))
	return p
}

// told says what becomes of each row of a table, and when.
func told[V any](what string, t stream.Table[string, V]) stream.Stream[string] {
	return t.Keyed().Process(func(c *stream.KeyContext[string, struct{}, string], v stream.Change[V]) error {
		c.Emit(fmt.Sprint(what, " ", c.Key(), " ", c.Time().Unix(), " ", v))
		return nil
	}, nil)
}

// Tables, ranks, patterns and rules give on a cluster what they give in one process, also where the job is stopped with a savepoint and goes on
// with another number of tasks.
func changes(t *testing.T, c *miniflink.Cluster, _ string, _ []string) {
	from, to := t.TempDir(), t.TempDir()
	write(t, from)
	writeLimits(t, from)
	collected := sink.Collect[string]()
	require.NoError(t, changing(from, collected, false).Run(t.Context()))
	want := slices.Compact(slices.Sorted(slices.Values(collected.Values()))) // two sales may be alike
	for _, what := range []string{"sold ", "region ", "best ", "odd ", "judged "} {
		require.Greater(t, len(slices.DeleteFunc(slices.Clone(want), func(row string) bool { return !strings.HasPrefix(row, what) })), 100, what)
	}

	ctx, stop := context.WithCancelCause(t.Context())
	defer stop(nil)
	var path string
	seen, ended := make(chan flink.Job), make(chan error, 1)
	go func() {
		opts := append(environment("changing slowly", from, to), flink.Parallelism(2), flink.Checkpoints(time.Second), flink.BatchSize(50),
			flink.StopWithSavepoint("", func(p string) { path = p }), flink.Progress(func(j flink.Job) {
				select {
				case seen <- j:
				case <-ctx.Done():
				}
			}))
		ended <- flink.Run(ctx, changing(from, folder(to), true), flink.Cluster(c.Address), opts...)
	}()
	for end, some := time.After(3*time.Minute), false; !some; {
		select {
		case err := <-ended:
			t.Fatalf("the job has ended before there were some rows: %v", err)
		case <-end:
			t.Fatal("no rows within three minutes")
		case j := <-seen:
			got, _ := rows(t, to)
			some = j.State == "RUNNING" && len(got) > len(want)/4
		}
	}
	cause := errors.New("enough")
	stop(cause)
	err := <-ended
	require.ErrorIs(t, err, cause)
	require.NotEmpty(t, path, "there is a savepoint: %v", err)
	got, _ := rows(t, to)
	require.Less(t, len(slices.Compact(got)), len(want), "something is left to do")

	opts := append(environment("changing", from, to), flink.Parallelism(3), flink.Restore(path))
	require.NoError(t, flink.Run(t.Context(), changing(from, folder(to), false), flink.Cluster(c.Address), opts...))
	got, _ = rows(t, to)
	requireRows(t, want, slices.Compact(got))
}
