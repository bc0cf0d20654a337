package engine

import (
	"maps"
	"slices"
	"sort"

	"github.com/freshet-go/freshet/internal/keeper"
)

// skipping returns the committer if it may leave out rows.
func (x *transaction) skipping() (skipper, bool) {
	s, ok := x.committer.(skipper)
	return s, ok && (x.n.Skips || x.n.Diverts())
}

// refuse deals with rows that were left out. Those that are diverted wait for the
// task of the sink, which passes them on before the next barrier.
func (c *coordination) refuse(x *transaction, rows []Refusal) {
	if len(rows) == 0 {
		return
	}
	c.r.Logger.WarnContext(c.context(), "rows of a checkpoint are refused and left out", "pipeline", c.r.Plan.Name, "operator", x.n.Name, "rows", len(rows), "first", rows[0].Err)
	if x.n.Skips {
		c.r.countFailed(x.n, len(rows))
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	x.refused = append(x.refused, rows...)
}

func (r *Run) countFailed(n *Node, rows int) {
	r.statsMu.Lock()
	defer r.statsMu.Unlock()
	if all := r.stats[n]; len(all) > 0 {
		all[0].failed.Add(int64(rows))
	}
}

// takeRefusals returns the rows of a sink that have not been passed on.
func (c *coordination) takeRefusals(n *Node) (rows []Refusal) {
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

// Refusals returns the rows of the instance's sink that have not been passed on.
// One instance of a sink passes on all.
func (i *Instance) Refusals() []Refusal {
	if c := i.Place.run.cut; c != nil && i.Node.Committer != nil && i.Place.Index == 0 {
		return c.takeRefusals(i.Node)
	}
	return nil
}

// RestedSources are the partitions of a source in the checkpoint, in their
// order, where the run only passes on what the last commit has refused.
func (r *Run) RestedSources(n *Node) (all []keeper.Source, ok bool) {
	if !r.resting || r.from == nil {
		return nil, false
	}
	return inOrder(r.from.sources[n.Name]), true
}

// inOrder returns partitions by their places in the order of partitions. It sorts by reflection, as
// that adds no code for the type to every program.
func inOrder(parts map[string]keeper.Source) []keeper.Source {
	all := slices.Collect(maps.Values(parts))
	sort.Slice(all, func(i, j int) bool { return all[i].Index < all[j].Index })
	return all
}
