package contract_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// What a caller has not given, or not made, is named.
func TestMessagesOfWhatIsMissing(t *testing.T) {
	p := stream.New("missing")
	keyed := p.From(source.Slice([]int{1, 2, 3})).KeyBy(func(i int) int { return i })
	sum := func(m stream.Match[int, int]) int { return m.Left + m.Right }
	var none context.Context
	for want, f := range map[string]func(){
		"stream: WindowJoin: there is no JoinKind(9)": func() { keyed.WindowJoin(keyed, window.Tumbling(time.Second), 9, sum) },
		"stream: IntervalJoin: there is no JoinKind(4)": func() {
			keyed.IntervalJoin(keyed, 0, time.Second, 4, sum)
		},
		"stream: TableJoin: there is no JoinKind(255)": func() { keyed.TableJoin(keyed, 255, sum) },
		"stream: Run: the context is nil":              func() { _ = p.Run(none) },
	} {
		require.PanicsWithValue(t, want, f)
	}
	p = stream.New("missing")
	p.From(source.Slice([]int{1, 2, 3})).To((*sink.Collector[int])(nil))
	require.EqualError(t, p.Run(t.Context()), "stream: sink: the sink.Collector is nil: make one with sink.Collect")
}

// A function that ends its goroutine ends one of its own: Run comes back to its caller.
func TestRedactThatExits(t *testing.T) {
	p := stream.New("redacted")
	p.From(source.Slice([]int{1})).TryMap(func(context.Context, int) (int, error) { return 0, errors.New("secret") }).To(sink.Discard[int]())
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = p.Run(t.Context(), stream.Redact(func(string) string { runtime.Goexit(); return "" }))
	}()
	<-done
	require.ErrorContains(t, err, "an error that Redact has failed on")
}
