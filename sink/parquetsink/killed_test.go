package parquetsink_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/parquetsink"
	"github.com/freshet-go/freshet/source/parquetsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/filesystem"
)

var kill = flag.Int("kills", 8, "how often a process is killed")

// The test binary is the process that is killed, too: with CHILD set, to the folder that it works in and the number of
// shards, one on each line.
func TestMain(m *testing.M) {
	if args := strings.Split(os.Getenv("CHILD"), "\n"); len(args) == 2 {
		if err := child(args[0], args[1]); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child copies sales from the files in "in" to such in "out", about 20,000 a second.
func child(dir, shards string) error {
	n, err := strconv.Atoi(shards)
	if err != nil {
		return err
	}
	p := stream.New("copy")
	p.From(parquetsource.Files[sale](os.DirFS(filepath.Join(dir, "in")), "**/*.parquet", parquetsource.SplitSize(1), parquetsource.OpenParts(3))).
		EventTime(func(v sale) time.Time { return v.At }, stream.Disorder(time.Hour)).
		Map(func(v sale) sale {
			if v.ID%50 == 0 {
				time.Sleep(2 * time.Millisecond)
			}
			return v
		}).
		To(parquetsink.Files[sale](filepath.Join(dir, "out"), "sales-*.parquet", parquetsink.RowGroup(700, 1<<20),
			parquetsink.Roll(sink.RollEvery(24*time.Hour), sink.RollRows(1500))))
	return p.Run(context.Background(), stream.Checkpoints(checkpoint.Dir(filepath.Join(dir, "checkpoints")), 15*time.Millisecond), stream.Shards(n), stream.BatchSize(64))
}

// A process that is killed at any moment, and started again with other shards, has read and written every row once.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	all := sales(12_000)
	for i, part := range slices.Collect(slices.Chunk(all, 5000)) {
		name := filepath.Join(dir, "in", strconv.Itoa(i), "part.parquet")
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
		f, err := os.Create(name)
		require.NoError(t, err)
		w := parquet.NewGenericWriter[sale](f, parquet.MaxRowsPerRowGroup(900), parquet.PageBufferSize(2000))
		_, err = w.Write(part)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		require.NoError(t, f.Close())
	}
	self, err := os.Executable()
	require.NoError(t, err)
	start := func(shards int) *servertest.Process {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), "CHILD="+dir+"\n"+strconv.Itoa(shards))
		return servertest.Start(t, cmd)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	kills := 0
	for ; kills < *kill; kills++ {
		p := start(1 + kills%3)
		if p.Ends(time.Duration(60+rng.IntN(240)) * time.Millisecond) {
			p.Wait(time.Second)
			break
		}
		p.Kill()
	}
	start(2).Wait(time.Minute)
	t.Logf("%d kills", kills)
	assert.GreaterOrEqual(t, kills, 1)
	got := shown(t, filesystem.Dir(dir), "out")
	slices.SortFunc(got, func(a, b sale) int { return compare(a.ID, b.ID) })
	require.Len(t, got, len(all))
	require.Equal(t, all, got)
	assert.Len(t, list(t, filesystem.Dir(dir), "out", true), 1, "the marker alone")
}
