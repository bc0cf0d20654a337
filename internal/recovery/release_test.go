package recovery_test

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/recovery/shop"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

var release = flag.String("release", "", "write what TestReleases restores for this version, say v0.3.0")

// A run that an earlier version has left behind, killed between a checkpoint
// and its commit, is gone on from: with its checkpoints, the files that its
// sinks had staged and its database.
func TestReleases(t *testing.T) {
	program := ownPath(t)
	if *release != "" {
		writeRelease(t, program, filepath.Join("testdata", *release+".zip"))
	}
	all, err := filepath.Glob("testdata/*.zip")
	require.NoError(t, err)
	require.NotEmpty(t, all)
	for _, name := range all {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".zip"), func(t *testing.T) {
			left, err := zip.OpenReader(name)
			require.NoError(t, err)
			defer left.Close()
			dir := t.TempDir()
			require.NoError(t, os.CopyFS(dir, left))
			want, err := os.ReadFile(filepath.Join(dir, "want.txt"))
			require.NoError(t, err)
			found := len(results(t, filepath.Join(dir, "out")))

			out, err := exec.CommandContext(t.Context(), program, "run", dir, "3").CombinedOutput()
			require.NoError(t, err, "%s", out)
			require.Contains(t, string(out), "going on from a checkpoint")
			got := results(t, filepath.Join(dir, "out"))
			require.Equal(t, string(want), digest(got))
			require.Less(t, found, len(got))
			require.NotZero(t, found)
			t.Logf("%d rows were shown, and %d are at the end", found, len(got))
		})
	}
}

// The shop is this program, called with words instead of flags: it is not built and linked once more.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		shop.Main(os.Args[1:])
		return
	}
	os.Exit(m.Run())
}

func ownPath(t *testing.T) string {
	path, err := os.Executable()
	require.NoError(t, err)
	return path
}

// digest stands for rows, of which there are many.
func digest(rows []string) string {
	return fmt.Sprintf("%d rows %x\n", len(rows), sha256.Sum256([]byte(strings.Join(rows, "\n"))))
}

func writeRelease(t *testing.T, program, name string) {
	dir := t.TempDir()
	at := func(sub string) string { return filepath.Join(dir, sub) }
	for _, sub := range []string{"in", "out", "plain"} {
		require.NoError(t, os.Mkdir(at(sub), 0o755))
	}
	for _, args := range [][]string{{"write", at("in"), "1", "2000"}, {"plain", at("in"), at("plain")}} {
		out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	require.Error(t, exec.CommandContext(t.Context(), program, "run", dir, "2", "checkpoint durable#2").Run())
	require.NoError(t, os.WriteFile(at("want.txt"), []byte(digest(results(t, at("plain")))), 0o644))
	require.NoError(t, os.RemoveAll(at("plain")))
	f, err := os.Create(name)
	require.NoError(t, err)
	packed := zip.NewWriter(f)
	require.NoError(t, packed.AddFS(os.DirFS(dir)))
	require.NoError(t, packed.Close())
	require.NoError(t, f.Close())
}

// The state of a user's struct is read by a program in which the struct has
// lost a field, gained one, and counts in another size.
func TestStructHasChanged(t *testing.T) {
	type then struct {
		Orders int32
		Coupon string
		Names  map[string]int
	}
	type now struct {
		Orders int64
		Names  map[string]int
		Visits *int
	}
	synctest.Test(t, func(t *testing.T) {
		store := checkpoint.Memory()
		run := func(add func(stream.Keyed[int64, int64])) {
			p := stream.New("evolves")
			add(p.From(source.Generate(40, func(i int64) int64 { return i }, source.Rate(10)), stream.Name("numbers")).
				KeyBy(func(i int64) int64 { return i % 4 }))
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			_ = p.Run(ctx, stream.Shards(1), stream.Checkpoints(store, time.Hour))
		}
		l := &ledger{}
		run(func(k stream.Keyed[int64, int64]) {
			k.Process(func(c *stream.KeyContext[int64, then, string], i int64) error {
				s := c.State()
				s.Orders++
				s.Coupon = "SPRING"
				s.Names = map[string]int{"last": int(i)}
				return nil
			}, nil, stream.Name("customers")).To(ledgerSink{l, steady()}, stream.Name("out"))
		})
		all, err := checkpoint.Inspect(store)
		require.NoError(t, err)
		read := int64(all[0].Sources[0].Count)
		require.Greater(t, read, int64(8))
		require.Less(t, read, int64(32))
		seen := map[int64]bool{}
		run(func(k stream.Keyed[int64, int64]) {
			k.Process(func(c *stream.KeyContext[int64, now, string], i int64) error {
				s := c.State()
				if !seen[c.Key()] {
					seen[c.Key()] = true
					require.Equal(t, (read-c.Key()+3)/4, s.Orders)
					require.Equal(t, int(i-4), s.Names["last"])
					require.Nil(t, s.Visits)
				}
				s.Visits = new(1)
				return nil
			}, nil, stream.Name("customers")).To(ledgerSink{l, steady()}, stream.Name("out"))
		})
		require.Len(t, seen, 4)
	})
}
