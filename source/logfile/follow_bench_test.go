//go:build unix

package logfile_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/benchcpu"
	"github.com/freshet-go/freshet/source/logfile"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// lengths is a format whose values are the lengths of lines: what it costs beside is the source.
type lengths struct{ codec.Decoder[string] }

func (lengths) NewDecoder() codec.Decoder[int] { return lengths{codec.Lines().NewDecoder()} }
func (lengths) NewEncoder() codec.Encoder[int] { return nil }
func (lengths) Splittable() bool               { return true }
func (lengths) Textual() bool                  { return true }

func (lengths) Decode(record []byte, v *int) error {
	*v = len(record)
	return nil
}

type hit struct {
	Addr   netip.Addr `log:"remote_addr"`
	At     time.Time  `log:"time_local"`
	Status int        `log:"status"`
	Bytes  int64      `log:"body_bytes_sent"`
}

// BenchmarkFollow reads a log of lines of 180 to 190 bytes through a pipeline, in turns with a loop that
// reads the file with a bufio.Scanner and uses the same decoder. It reports the least time of all rounds, by the clock and of the
// processor, and the ratio of the processor times: a machine may have others to serve. The log is long, as Linux takes up to
// 16 ms to end inotify, which is no part of following.
func BenchmarkFollow(b *testing.B) {
	n := 1_600_000
	if testing.Short() { // a smoke run
		n /= 400
	}
	path := filepath.Join(b.TempDir(), "access.log")
	var text bytes.Buffer
	at := time.Date(2015, 5, 17, 10, 5, 3, 0, time.UTC)
	for i := range n {
		fmt.Fprintf(&text, "83.149.%d.%d - - [%s] \"GET /images/logstash-%d.png HTTP/1.1\" 200 %d \"http://semicomplete.com/%d\" \"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.%d Safari/537.36\"\n",
			i%7, i%251, at.Add(time.Duration(i)*time.Second).Format("02/Jan/2006:15:04:05 -0700"), i%300, i, i%50, i%90)
	}
	require.NoError(b, os.WriteFile(path, text.Bytes(), 0o600))
	size := int64(text.Len())
	text.Reset()
	benchFollow(b, "raw", path, n, size, lengths{})
	benchFollow(b, "lines", path, n, size, codec.Lines())
	benchFollow(b, "nginx", path, n, size, codec.NginxLog[hit](codec.NginxCombined))
}

func benchFollow[T any](b *testing.B, name, path string, n int, size int64, format codec.Format[T]) {
	loop := func() {
		f, err := os.Open(path)
		require.NoError(b, err)
		lines := bufio.NewScanner(f)
		lines.Buffer(make([]byte, 128<<10), 1<<20)
		d := format.NewDecoder()
		count := 0
		var v T
		for lines.Scan() {
			if err := d.Decode(lines.Bytes(), &v); err != nil {
				b.Fatal(err)
			}
			count++
		}
		require.Equal(b, n, count)
		require.NoError(b, f.Close())
	}
	follow := func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		p := stream.New("log")
		p.From(logfile.Follow(path, format)).To(&counting[T]{n, cancel})
		if err := p.Run(ctx, stream.Shards(1)); err != nil && ctx.Err() == nil {
			b.Fatal(err)
		}
	}
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		var took, used [2][]float64
		for b.Loop() {
			for i, run := range []func(){loop, follow} {
				begun, before := time.Now(), benchcpu.Used(b)
				run()
				used[i] = append(used[i], float64(benchcpu.Used(b)-before)/float64(n))
				took[i] = append(took[i], float64(time.Since(begun))/float64(n))
			}
		}
		for i, name := range []string{"loop", "follow"} {
			b.ReportMetric(slices.Min(took[i]), name+"-ns/line")
			b.ReportMetric(slices.Min(used[i]), name+"-cpu-ns/line")
		}
		b.ReportMetric(1+benchcpu.Differ(used[0], used[1])/100, "ratio")
		b.ReportMetric(float64(size)/float64(n)/slices.Min(took[1]), "GB/s")
		b.ReportMetric(0, "ns/op") // of both together: it says nothing
	})
}
