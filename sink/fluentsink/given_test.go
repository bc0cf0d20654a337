package fluentsink_test

import (
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

func given[T any](events []T) stream.Source[T] { return source.Slice(events) }
