package hdfstest_test

import (
	"bufio"
	"io"
	"strings"
	"testing"

	"github.com/colinmarc/hdfs/v2"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hdfstest"
	"github.com/freshet-go/freshet/internal/minihdfs"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem/hdfsfs"
	"github.com/freshet-go/freshet/stream/filesystem/webhdfsfs"
)

// BenchmarkRead reads lines of 100 bytes. Bytes are what the native client alone, and ours, make of a file that nobody looks into; the loop cuts
// it into lines, as the sources do.
func BenchmarkRead(b *testing.B) {
	size := 64 << 20
	if testing.Short() { // a smoke run
		size = 1 << 20
	}
	c := hdfstest.Start(b, b.TempDir(), minihdfs.Settings{"dfs.blocksize": "33554432"})
	client := hdfsfs.New(c.RPC)
	defer client.Close()
	native, web := client.Dir("/bench"), webhdfsfs.New([]string{"http://" + c.HTTP[0]}).Dir("/bench")
	require.NoError(b, native.Mkdir(b.Context(), "."))
	line := strings.Repeat("x", 99) + "\n"
	f, err := native.Create(b.Context(), "a.log")
	require.NoError(b, err)
	for chunk := []byte(strings.Repeat(line, 10_000)); size > 0; size -= len(chunk) {
		require.NoError(b, f.Write(b.Context(), chunk))
	}
	require.NoError(b, f.Sync(b.Context()))
	require.NoError(b, f.Close(b.Context()))
	info, err := native.Stat(b.Context(), "a.log")
	require.NoError(b, err)
	bare, err := hdfs.New(c.RPC[0])
	require.NoError(b, err)
	defer bare.Close()

	each := func(name string, f func(b *testing.B) int64) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(info.Size)
			for b.Loop() {
				require.Equal(b, info.Size, f(b))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(info.Size/100), "ns/event")
		})
	}
	each("bytes/client", func(b *testing.B) int64 {
		r, err := bare.Open("/bench/a.log")
		require.NoError(b, err)
		defer r.Close()
		return drain(b, r)
	})
	each("bytes/ours", func(b *testing.B) int64 {
		r, _, err := native.Open(b.Context(), "a.log", 0)
		require.NoError(b, err)
		defer r.Close()
		return drain(b, r)
	})
	each("bytes/ours-web", func(b *testing.B) int64 {
		r, _, err := web.Open(b.Context(), "a.log", 0)
		require.NoError(b, err)
		defer r.Close()
		return drain(b, r)
	})
	each("lines/loop", func(b *testing.B) (n int64) {
		r, err := bare.Open("/bench/a.log")
		require.NoError(b, err)
		defer r.Close()
		scan := bufio.NewScanner(r)
		scan.Buffer(make([]byte, 128<<10), 1<<20)
		for scan.Scan() {
			n += int64(len(scan.Text()) + 1) // a string, as Lines gives
		}
		require.NoError(b, scan.Err())
		return n
	})
	for name, in := range map[string]source.FilesOption{"lines/source": source.SplitSize(1 << 40)} {
		each(name, func(b *testing.B) (n int64) {
			p := stream.New("read")
			p.From(source.FilesIn(native, "*.log", codec.Lines(), in)).Tap(func(line string) { n += int64(len(line) + 1) }).To(sink.Discard[string]())
			require.NoError(b, p.Run(b.Context(), stream.Shards(1)))
			return n
		})
	}
}

// drain reads to the end as sources do, by 128 KiB.
func drain(b *testing.B, r io.Reader) (n int64) {
	p := make([]byte, 128<<10)
	for {
		m, err := r.Read(p)
		n += int64(m)
		if err == io.EOF {
			return n
		}
		require.NoError(b, err)
	}
}
