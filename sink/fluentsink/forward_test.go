package fluentsink_test

import (
	"testing"

	"github.com/freshet-go/freshet/internal/forwardtest"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
)

// serve starts a server that acknowledges at once.
func serve[T any](t testing.TB, s pushsource.Server, opts ...fluentsource.Option) *forwardtest.Run[T] {
	t.Helper()
	s.AckWithin = 1
	return forwardtest.Start[T](t, s, opts)
}

func given[T any](events []T) stream.Source[T] { return source.Slice(events) }

// forward runs a pipeline that forwards events.
func forward[T any](t testing.TB, to stream.Sink[T], events ...T) error {
	t.Helper()
	p := stream.New("forward")
	p.From(given(events)).To(to)
	return p.Run(t.Context())
}
