package flink_test

import (
	"testing"

	"github.com/freshet-go/freshet/internal/miniflink"
)

// A cluster of Flink 2 takes over a savepoint that one of 1.20 has made, at another parallelism: no row is missing, and none is shown twice.
func takenOver(t *testing.T, c *miniflink.Cluster) {
	from, want := written(t)
	r := &running{t: t, c: start(t), from: from, to: t.TempDir(), want: want}
	r.start(r.options("commits slowly", 2)...)
	r.dies("before a commit")
	r.dies("behind a commit")
	r.untilShown("rows of the job on 1.20", r.grows())
	r.stop()
	r.c.Kill()
	before, _ := shown(t, r.to)
	r.c = c
	r.finish("commits", 3)
	t.Logf("%d rows were shown on 1.20 and %d more behind it, each once", len(before), len(want)-len(before))
}
