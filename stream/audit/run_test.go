package audit

import (
	"context"
	"crypto/ed25519"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/mask"
	"github.com/freshet-go/freshet/window"
)

// counting counts numbers in windows of a size. At -1 it fails.
func counting(name string, numbers stream.Source[int], size time.Duration) *stream.Pipeline {
	p := stream.New(name)
	p.From(numbers, stream.Name("numbers")).
		TryMap(func(_ context.Context, n int) (int, error) {
			if n < 0 {
				return 0, errors.New("the card number 4111 1111 1111 1111 is no number")
			}
			return n, nil
		}).
		EventTime(func(n int) time.Time { return time.Unix(int64(n), 0) }).
		KeyBy(func(n int) int { return n % 2 }).
		Window(window.Tumbling(size)).
		Aggregate(window.Count[int](), stream.Name("counts")).
		To(sink.Discard[stream.Pane[int, int64]]())
	return p
}

// told returns what the entries of a log tell, without those of the log itself.
func told(t *testing.T, b *notebook) (whats []string, all []Entry) {
	t.Helper()
	_, err := Verify(t.Context(), b, []ed25519.PublicKey{public(1)}, Each(func(e Entry) {
		if e.What != LogBegins {
			whats, all = append(whats, e.What), append(all, e)
		}
	}))
	require.NoError(t, err)
	return whats, all
}

func opened(t *testing.T, b Storage, opts ...Option) *Log {
	t.Helper()
	l, err := Open(t.Context(), b, private(1), opts...)
	require.NoError(t, err)
	return l
}

func TestRun(t *testing.T) {
	b, store := &notebook{}, checkpoint.Memory()
	var heads []Head
	l := opened(t, b, By("ada"), Heads(func(_ context.Context, h Head) error {
		heads = append(heads, h)
		return nil
	}))
	numbers := make(chan int)
	p := counting("counting", source.Chan(numbers), time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx, p, stream.Shards(2), stream.Checkpoints(store, time.Hour)) }()
	numbers <- 1
	_, err := p.Savepoint(ctx, "before the sale")
	require.NoError(t, err)
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)

	whats, all := told(t, b)
	require.Equal(t, []string{PlanSeen, RunBegins, RunSettings, Restored, Savepoint, Checkpoint, RunEnded}, whats)
	text, err := p.Plan().JSON()
	require.NoError(t, err)
	require.Equal(t, string(text), all[0].Detail["json"])
	require.Equal(t, hashOf(text), all[0].Plan)
	require.Equal(t, "ada", all[1].Who)
	require.Equal(t, all[0].Plan, all[1].Plan)
	require.NotEmpty(t, all[1].Detail["program"])
	require.Equal(t, "2", all[2].Detail["shards"])
	require.Equal(t, "memory", all[2].Detail["checkpoints"])
	require.Zero(t, all[3].Checkpoint, "it begins empty")
	require.Equal(t, "before the sale", all[4].Savepoint)
	require.EqualValues(t, 1, all[4].Checkpoint)
	require.NotEmpty(t, all[5].Detail["bytes"])
	require.Contains(t, all[6].Error, "context canceled")
	for _, e := range all[2:] {
		require.Equal(t, all[1].Seq, e.Run)
		require.Equal(t, "counting", e.Pipeline)
	}
	require.Len(t, heads, len(all)+1)
	require.Equal(t, l.Head(), heads[len(heads)-1])
}

func TestRefusedAndDropped(t *testing.T) {
	b, store := &notebook{}, checkpoint.Memory()
	l := opened(t, b)
	numbers := []int{1, 2, 3}
	require.NoError(t, l.Run(t.Context(), counting("counting", source.Slice(numbers), time.Hour), stream.Checkpoints(store, time.Hour)))
	other := counting("counting", source.Slice(numbers), time.Minute)
	require.Error(t, l.Run(t.Context(), other, stream.Checkpoints(store, time.Hour)))
	require.NoError(t, l.Run(t.Context(), other, stream.Checkpoints(store, time.Hour), stream.DropState("counts")))
	require.ErrorIs(t, l.Run(t.Context(), other, stream.Checkpoints(store, time.Hour), stream.FromSavepoint("none")), checkpoint.ErrNoSavepoint)
	whats, all := told(t, b)
	require.Equal(t, []string{
		PlanSeen, RunBegins, RunSettings, Restored, Checkpoint, RunEnded,
		PlanSeen, RunBegins, RunSettings, Refused, RunEnded,
		RunBegins, RunSettings, Restored, StateDropped, Checkpoint, RunEnded,
		RunBegins, RunSettings, Refused, RunEnded,
	}, whats)
	require.Contains(t, all[9].Error, "counts of checkpoint 1 was set to windows tumbling 1h0m0s")
	require.EqualValues(t, 1, all[9].Checkpoint)
	require.Equal(t, "counts", all[14].Operator)
	require.Equal(t, "counts", all[12].Detail["drop state"])
	require.Contains(t, all[19].Error, `no savepoint "none"`)
}

// Restarts are entered, errors as Redact lets them.
func TestRestart(t *testing.T) {
	b := &notebook{}
	l := opened(t, b, Redact(func(s string) string { return strings.ReplaceAll(s, "4111 1111 1111 1111", "[card]") }))
	err := l.Run(t.Context(), counting("counting", source.Slice([]int{1, -1}), time.Hour),
		stream.Shards(1), stream.Checkpoints(checkpoint.Memory(), time.Hour), stream.Restarts(2, time.Millisecond))
	require.ErrorContains(t, err, "4111")
	_, entries := told(t, b)
	var whats []string
	var all []Entry
	for _, e := range entries {
		if e.What == Checkpoint { // one may be under way when the run fails
			require.NotEmpty(t, e.Error)
			continue
		}
		whats, all = append(whats, e.What), append(all, e)
	}
	require.Equal(t, []string{PlanSeen, RunBegins, RunSettings, Restored, Restarted, Restored, Restarted, Restored, RunEnded}, whats)
	require.Equal(t, "2 of 2", all[6].Detail["restart"])
	require.Contains(t, all[4].Error, "[card] is no number")
	for _, line := range b.lines {
		require.NotContains(t, string(line), "4111 1111")
	}
}

// A run of which nothing can be entered does not begin, and one that can be entered no more is stopped.
func TestRunWithoutALog(t *testing.T) {
	for full := 1; full < 7; full++ {
		b := &notebook{full: full}
		l := opened(t, b)
		var mu sync.Mutex
		seen := 0
		p := stream.New("p")
		p.From(source.Generate(1<<40, func(i int64) int64 { return i }, source.Rate(10_000))).
			Tap(func(int64) {
				mu.Lock()
				defer mu.Unlock()
				seen++
			}).To(sink.Discard[int64]())
		err := l.Run(t.Context(), p, stream.Shards(1), stream.Checkpoints(checkpoint.Memory(), 5*time.Millisecond))
		require.ErrorContains(t, err, "cannot be written: no space")
		if full < 3 {
			require.Zero(t, seen)
		}
		require.Len(t, b.lines, full)
	}
}

// Checkpoints may be entered less often, and two pipelines may share a log.
func TestCheckpointsEvery(t *testing.T) {
	b := &notebook{}
	l := opened(t, b, CheckpointsEvery(time.Hour))
	var wg sync.WaitGroup
	for _, name := range []string{"a", "b"} {
		wg.Go(func() {
			p := stream.New(name)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			p.From(source.Generate(source.Unbounded, func(i int64) int64 { return i }, source.Rate(1000))).
				Tap(func(int64) {
					if p.Stats().Checkpoints.Made > 5 {
						stop()
					}
				}).To(sink.Discard[int64]())
			require.ErrorIs(t, l.Run(ctx, p, stream.Shards(1), stream.Checkpoints(checkpoint.Memory(), 2*time.Millisecond)), context.Canceled)
		})
	}
	wg.Wait()
	_, all := told(t, b)
	made := map[string]int{}
	for _, e := range all {
		if e.What == Checkpoint {
			made[e.Pipeline]++
		}
	}
	require.Equal(t, map[string]int{"a": 1, "b": 1}, made)
}

type order struct {
	Card string `mask:"last=4"`
	Note string `mask:"redact"`
}

// By which policies fields are masked is entered with each run, whatever Redact does to texts that come from records.
func TestPolicies(t *testing.T) {
	policy, err := mask.For[order]()
	require.NoError(t, err)
	b := &notebook{}
	l := opened(t, b, Policies(policy), Redact(func(string) string { return mask.Redacted }))
	for range 2 {
		require.NoError(t, l.Run(t.Context(), counting("masked", source.Slice([]int{1}), time.Hour)))
	}
	whats, all := told(t, b)
	require.Equal(t, []string{PlanSeen, RunBegins, MaskedFields, RunSettings, RunEnded, RunBegins, MaskedFields, RunSettings, RunEnded}, whats)
	require.Equal(t, map[string]string{"1": "mask audit.order.Card last=4, audit.order.Note redact"}, all[2].Detail)
	require.Equal(t, all[1].Seq, all[2].Run)
	for what, f := range map[string]func(){"none": func() { Policies() }, "nil": func() { Policies(policy, nil) }} {
		require.Panics(t, f, what)
	}
}
