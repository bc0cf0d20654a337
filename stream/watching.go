package stream

import "context"

// A Watcher is told, in the place of a run, which partitions of a source come and
// go. It is for test drivers of sources, as NewIntake is.
type Watcher[T any] struct {
	Add    func(r Reader[T]) error
	Remove func(partition string) error
	Ready  func(partitions ...string) // of those named, or of all
}

// Watched returns the function that a source has given to Discover in Open, to be called in a goroutine of
// its own, or nil if there is none.
func Watched[T any](c *SourceContext) func(ctx context.Context, w Watcher[T]) error {
	watch, ok := c.watch.(func(context.Context, *Partitions[T]) error)
	if !ok {
		return nil
	}
	return func(ctx context.Context, w Watcher[T]) error {
		return watch(ctx, &Partitions[T]{source: c.Name, watcher: &w})
	}
}
