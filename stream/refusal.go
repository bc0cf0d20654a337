package stream

import (
	"context"
	"io"
	"maps"
	"slices"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A SkippingCommitter is a Committer that can leave out rows which its place
// refuses. Without it, one such row fails every run that begins with the
// checkpoint.
type SkippingCommitter interface {
	Committer
	// CommitSkipping is Commit for an operator with SkipFailures or Divert. All
	// rows appear but those that it returns, whose own fault it is that they
	// cannot. That they are left out has to be noted together with the results, be it all
	// or nothing: called again with the same arguments it returns the same rows.
	CommitSkipping(ctx context.Context, id int64, prepared [][]byte) ([]Refusal, error)
}

// A Refusal is a row that a SkippingCommitter has left out.
type Refusal struct {
	// Value is that of the event, of the type that the sink takes: with Divert it is in the stream
	// of failures. It may be nil, where what was prepared does not hold it.
	Value any
	Time  Time
	// Row is what Prepare would have returned for this row alone. Where the stream of failures
	// has ended already, it is committed again with the next checkpoint.
	Row []byte
	Err error // why; it names the row
}

// skipping returns the committer if it may leave out rows.
func (x *transaction) skipping() (SkippingCommitter, bool) {
	s, ok := x.committer.(SkippingCommitter)
	return s, ok && (x.n.cfg.policy == policySkip || x.n.diverts())
}

// refuse deals with rows that were left out. Those that are diverted wait for the
// task of the sink, which passes them on before the next barrier.
func (c *coordination) refuse(x *transaction, rows []Refusal) {
	if len(rows) == 0 {
		return
	}
	c.r.logger.Warn("rows of a checkpoint are refused and left out", "pipeline", c.r.p.name, "operator", x.n.name, "rows", len(rows), "first", rows[0].Err)
	if x.n.cfg.policy == policySkip {
		c.r.countFailed(x.n, len(rows))
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	x.refused = append(x.refused, rows...)
}

func (r *run) countFailed(n *node, rows int) {
	r.statsMu.Lock()
	defer r.statsMu.Unlock()
	if all := r.stats[n]; len(all) > 0 {
		all[0].failed.Add(int64(rows))
	}
}

// takeRefusals returns the rows of a sink that have not been passed on.
func (c *coordination) takeRefusals(n *node) (rows []Refusal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range c.transactions {
		if x.n == n {
			rows, x.refused = x.refused, nil
		}
	}
	return rows
}

// reclaim has the rows be committed again that nobody has passed on before a
// checkpoint, as the task of the sink had come to its end. They are in neither what this checkpoint
// holds of the stream of failures nor what the one before has shown.
func (c *coordination) reclaim(x *transaction) {
	for _, r := range c.takeRefusals(x.n) {
		x.prepared = append(x.prepared, r.Row)
	}
}

// waiting reports whether there are rows to pass on.
func (c *coordination) waiting() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.transactions, func(x *transaction) bool { return len(x.refused) > 0 })
}

// restedReaders are those of a source in a run that only passes on what the last
// commit of the run before has refused: all has been read.
func restedReaders[T any](r *run, n *node) (all []Reader[T]) {
	for _, s := range r.restedSources(n) {
		all = append(all, rested[T]{s})
	}
	return all
}

// restedSources are the partitions of a source in the checkpoint, in their order.
func (r *run) restedSources(n *node) []checkpoint.Source {
	return slices.SortedFunc(maps.Values(r.from.sources[n.name]), func(a, b checkpoint.Source) int { return a.Index - b.Index })
}

type rested[T any] struct{ from checkpoint.Source }

func (r rested[T]) Partition() string                     { return r.from.Partition }
func (r rested[T]) Offset() string                        { return r.from.Offset }
func (r rested[T]) Read(context.Context, *Batch[T]) error { return io.EOF }
func (r rested[T]) Close() error                          { return nil }
