package oracles_test

import (
	"iter"
	"os"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/onflink"
	"github.com/freshet-go/freshet/stream"
)

func TestMain(m *testing.M) { os.Exit(onflink.Main(m)) }

// flinkShare is of how many plans one runs on Flink, where nobody asks for all.
const flinkShare = 40

// onFlink yields what a plan gives on a cluster, if it is its turn. What operators drop is not known there.
func (build packed) onFlink(t *testing.T, name string) iter.Seq2[string, records] {
	return func(yield func(string, records) bool) {
		pipe := func(folder string) *stream.Pipeline {
			p := pipeline{stream.New(name), newQuota(unlimited)}
			build(p).To(onflink.Keep[string](folder), stream.Name("kept"))
			return p.Pipeline
		}
		for job := range onflink.Jobs(t, name, flinkShare, pipe) {
			r := records{onflink.Kept[string](t, job.Folder), counts{uncounted: true}}
			t.Logf("%s %s: %d events, %v", name, job.Way, len(r.events), job.Took.Round(time.Millisecond))
			if !yield(job.Way, r) {
				return
			}
		}
	}
}
