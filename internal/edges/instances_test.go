package edges_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// No operator of tables has more instances than the run has shards.
func TestInstancesOfTables(t *testing.T) {
	const shards = 3
	seen := 0
	for _, o := range operators {
		if !strings.HasPrefix(o.name, "Table.") {
			continue
		}
		seen++
		c, left, right := newCall()
		c.opts = []stream.Option{stream.Name("it")}
		c.withTimes()
		streamtest.Collect(o.add(c))
		d := streamtest.Start(t, c.p, streamtest.Shards(shards))
		right.Push(rows...)
		left.Push(rows...)
		d.Settle()
		stats := c.p.Stats()
		for _, op := range stats.Operators {
			require.LessOrEqual(t, len(op.Instances), shards, "%s: %s", o.name, op.Name)
		}
		d.Kill()
	}
	require.Greater(t, seen, 4)
}
