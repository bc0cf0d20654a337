//go:build unix

package accesstest

import (
	"context"
	"crypto/ed25519"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/chart"
	"github.com/freshet-go/freshet/sink/parquetsink"
	"github.com/freshet-go/freshet/sink/report"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/source/tcpsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/audit"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/sealed"
	"github.com/freshet-go/freshet/stream/shred"
)

type row struct {
	N int64 `json:"n" parquet:"n"`
}

// Whatever is made is for its owner alone, also where the umask keeps nothing back: results, charts, checkpoints and their copies, keys of persons, audit logs,
// sockets, and what is left of a run that was stopped in the middle.
func TestModes(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	dir := filepath.Join(t.TempDir(), "all", "of", "it")
	in := func(name string) string { return filepath.Join(dir, name) }
	ring, err := sealed.NewRing(sealed.Key{ID: "k", Secret: make([]byte, 32)})
	require.NoError(t, err)
	store := checkpoint.Dir(in("checkpoints"))
	rows := make(chan row, 1000)
	for n := range cap(rows) {
		rows <- row{int64(n)}
	}
	p := stream.New("modes")
	all := p.From(source.Chan(rows))
	all.To(sink.Files(in("results"), "rows-*.jsonl", codec.JSON[row](), sink.RollRows(100)))
	all.To(parquetsink.Files[row](in("tables/deep"), "rows-*.parquet"))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, stream.Checkpoints(store, time.Hour), stream.Shards(2)) }()
	for err = fs.ErrNotExist; err != nil; time.Sleep(time.Millisecond) {
		require.Empty(t, ended)
		_, err = p.Savepoint(t.Context(), "kept")
	}
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
	_, err = checkpoint.Copy(store, checkpoint.Dir(in("backup")), 0)
	require.NoError(t, err)

	figures := stream.New("figures")
	numbers := figures.From(source.Slice([]int{1, 2}))
	numbers.To(chart.File(in("chart.svg"), func([]int) chart.Chart { return chart.Chart{} }))
	numbers.To(report.File(in("report.html"), func([]int) report.Report { return report.Report{} }))
	log, err := audit.Open(t.Context(), audit.File(in("audit")), ed25519.NewKeyFromSeed(make([]byte, 32)))
	require.NoError(t, err)
	require.NoError(t, log.Run(t.Context(), figures))
	require.NoError(t, log.Close())
	keeper, err := shred.OpenFile(in("persons"), ring)
	require.NoError(t, err)
	_, err = keeper.Keys(t.Context(), []string{"ada", "bob"}, true)
	require.NoError(t, err)
	require.NoError(t, keeper.Forget(t.Context(), "ada"))
	require.NoError(t, keeper.Close())

	bound := make(chan net.Addr, 1)
	socket := stream.New("socket")
	socket.From(tcpsource.Listen(pushsource.Server{Addr: "unix:" + in("socket"), Bound: func(a net.Addr) { bound <- a }}, codec.Lines())).To(sink.Discard[string]())
	ctx, stop = context.WithCancel(t.Context())
	go func() { ended <- socket.Run(ctx) }()
	select {
	case <-bound:
	case err := <-ended:
		t.Fatalf("the run has ended before it listens: %v", err)
	}
	made := 0
	require.NoError(t, filepath.WalkDir(filepath.Dir(filepath.Dir(dir)), func(path string, e fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := os.Lstat(path)
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, "%s: %v", path, info.Mode())
		made++
		return nil
	}))
	stop()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.Greater(t, made, 25, "files and directories")
}
