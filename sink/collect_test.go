package sink_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/sinktest"
	"github.com/freshet-go/freshet/stream"
)

func TestCollectSuite(t *testing.T) {
	sinktest.Suite[string]{
		Events: events(100),
		Sink: func(testing.TB) (stream.Sink[string], func() []string) {
			c := sink.Collect[string]()
			return c, c.Values
		},
	}.Run(t)
}

func TestCollectEvents(t *testing.T) {
	c := sink.Collect[string]()
	assert.Empty(t, c.Values())
	w := open(t, c, 0, 1)
	put(t, w, events(5)...)
	assert.Equal(t, events(5), c.Events())
	c.Events()[0].Value = "changed"
	assert.Equal(t, events(5), c.Events())
}

func TestFuncSuite(t *testing.T) {
	sinktest.Suite[string]{
		Events: events(100),
		Sink: func(testing.TB) (stream.Sink[string], func() []string) {
			var got []string
			return sink.Func(func(_ context.Context, e stream.Event[string]) error {
				got = append(got, e.Value)
				return nil
			}), func() []string { return got }
		},
		Broken: func(testing.TB) stream.Sink[string] {
			return sink.Func(func(context.Context, stream.Event[string]) error { return errors.New("no") })
		},
	}.Run(t)
}
