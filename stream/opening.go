package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/keeper"
)

// open opens a source, or what is left of it: see restedReaders.
func open[T any](r *engine.Run, n *engine.Node, src Source[T]) (engine.Opened, error) {
	return openReaders(r, n, func() (bool, string) { return fixed(src) }, restedReaders[T], watching[T], func(c *SourceContext) (all []anyReader, err error) {
		readers, err := src.Open(c)
		for _, reader := range readers {
			all = append(all, reader)
		}
		return all, err
	})
}

// openReaders is open without types.
func openReaders(r *engine.Run, n *engine.Node,
	toBeFixed func() (ok bool, why string),
	rest func([]keeper.Source) []anyReader,
	watch func(*SourceContext) (func(context.Context, *engine.Assignment) error, error),
	open func(*SourceContext) ([]anyReader, error),
) (opened engine.Opened, err error) {
	var readers []anyReader
	names := map[string]bool{}
	err = engine.Apart(func() (err error) {
		c := &SourceContext{
			Context: r.Stopping, Name: n.Name, Shards: r.Shards, BatchSize: r.Batch,
			Logger: r.LoggerOf(n), Now: r.Now, Offsets: r.Offsets(n),
			Checkpointed: r.Checkpointed(), Checkpoint: r.WantCheckpoint,
			Fixed: r.Fixed(), Begins: r.Begins(n),
		}
		if rested, ok := r.RestedSources(n); ok {
			readers = rest(rested)
		} else if readers, err = open(c); err != nil {
			readers = nil
		} else {
			opened.Fixed, opened.Unfixed = toBeFixed()
			opened.Watch, err = watch(c)
		}
		if err = cmp.Or(err, readersGiven(readers)); err != nil {
			return err
		}
		for _, reader := range readers {
			part, wrong := partitionOf(n.Name, reader)
			if names[part.Name] {
				wrong = errors.Join(wrong, fmt.Errorf("two of its readers are of the partition %q: offsets are told apart by that name", part.Name))
			}
			names[part.Name] = true
			opened.Partitions = append(opened.Partitions, part)
			err = errors.Join(err, wrong)
		}
		return err
	})
	if err != nil {
		for _, reader := range readers {
			if reader != nil {
				_ = engine.Apart(reader.Close) // the error before matters more
			}
		}
		return opened, &engine.OperatorError{Operator: n.Name, Err: err}
	}
	return opened, nil
}

// readersGiven returns an error if a reader is nil.
func readersGiven(readers []anyReader) error {
	for i, reader := range readers {
		if reader == nil {
			return fmt.Errorf("its Open has returned a nil Reader, number %d of %d", i+1, len(readers))
		}
	}
	return nil
}

// partitionOf returns what the engine keeps for a reader, and an error if the
// reader has a method that nobody would call.
func partitionOf(source string, reader anyReader) (*engine.Partition, error) {
	p := engine.NewPartition(source, reader)
	p.Waits = waits(reader)
	if l, ok := reader.(Locator); ok {
		p.Locate = l.Locate
	}
	if k, ok := reader.(KeyRevealer); ok {
		p.Keys = k.RevealsKeys()
	}
	return p, acknowledges(reader)
}

// anyReader is a Reader without its type.
type anyReader interface {
	Partition() string
	Offset() string
	Close() error
}
