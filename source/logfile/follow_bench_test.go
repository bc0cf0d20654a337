package logfile_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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

// A counting sink calls enough when n events have come.
type counting[T any] struct {
	n      int
	enough func()
}

func (c *counting[T]) Open(*stream.SinkContext) (stream.Writer[T], error) { return c, nil }

func (c *counting[T]) Write(_ context.Context, b *stream.Batch[T]) error {
	if c.n -= b.Len(); c.n == 0 {
		c.enough()
	}
	return nil
}

func (c *counting[T]) Flush(context.Context) error { return nil }
func (c *counting[T]) Close() error                { return nil }

// BenchmarkFollow reads a log of lines of 180 to 190 bytes through a pipeline. The loop beside it
// reads the file with a bufio.Scanner and uses the same decoder. The log is long, as Linux takes up to
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
	perEvent := func(b *testing.B) {
		b.SetBytes(size)
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/event")
		b.ReportAllocs()
	}
	b.Run(name+"/loop", func(b *testing.B) {
		for b.Loop() {
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
		perEvent(b)
	})
	b.Run(name+"/follow", func(b *testing.B) {
		for b.Loop() {
			ctx, cancel := context.WithCancel(context.Background())
			p := stream.New("log")
			p.From(logfile.Follow(path, format)).To(&counting[T]{n, cancel})
			if err := p.Run(ctx, stream.Shards(1)); err != nil && ctx.Err() == nil {
				b.Fatal(err)
			}
			cancel()
		}
		perEvent(b)
	})
}
