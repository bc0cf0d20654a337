package source_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

type sale struct {
	ID     int64   `json:"id"`
	Shop   string  `json:"shop"`
	Amount float64 `json:"amount"`
	Paid   bool    `json:"paid"`
}

// BenchmarkFilesJSON sums a field of JSON lines in a file. The loop beside it
// reads the lines with a bufio.Scanner and uses the same decoder.
func BenchmarkFilesJSON(b *testing.B) {
	n := 200_000
	if testing.Short() { // a smoke run
		n /= 100
	}
	dir := b.TempDir()
	var text []byte
	for i := range n {
		text = fmt.Appendf(text, `{"id":%d,"shop":"shop-%d","amount":%d.25,"paid":%v}`+"\n", i, i%100, i%1000, i%3 > 0)
	}
	require.NoError(b, os.WriteFile(filepath.Join(dir, "sales.jsonl"), text, 0o600))
	format := codec.JSON[sale]()
	perEvent := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/event")
		b.ReportAllocs()
	}

	middle := len(text) / 2
	for text[middle-1] != '\n' {
		middle++
	}
	loop := func(from, to int) (total float64, err error) {
		f, err := os.Open(filepath.Join(dir, "sales.jsonl"))
		if err != nil {
			return 0, err
		}
		defer f.Close()
		lines := bufio.NewScanner(io.NewSectionReader(f, int64(from), int64(to-from)))
		lines.Buffer(make([]byte, 64<<10), 16<<20)
		d := format.NewDecoder()
		var s sale
		for lines.Scan() {
			if err := d.Decode(lines.Bytes(), &s); err != nil {
				return 0, err
			}
			total += s.Amount
		}
		return total, lines.Err()
	}
	b.Run("loop", func(b *testing.B) {
		for b.Loop() {
			total, err := loop(0, len(text))
			require.NoError(b, err)
			require.Positive(b, total)
		}
		perEvent(b)
	})
	b.Run("loop/halves=2", func(b *testing.B) { // each by a goroutine: what a second core is worth
		for b.Loop() {
			var both errgroup.Group
			for _, half := range [][2]int{{0, middle}, {middle, len(text)}} {
				both.Go(func() error {
					total, err := loop(half[0], half[1])
					if err == nil && total <= 0 {
						err = errors.New("nothing was added up")
					}
					return err
				})
			}
			require.NoError(b, both.Wait())
		}
		perEvent(b)
	})
	for _, shards := range []int{1, 2} {
		b.Run(fmt.Sprintf("files/shards=%d", shards), func(b *testing.B) {
			for b.Loop() {
				sums := &summing{of: func(s sale) float64 { return s.Amount }}
				p := stream.New("sum")
				p.From(source.Files(os.DirFS(dir), "*.jsonl", format, source.SplitSize(4<<20))).To(sums)
				require.NoError(b, p.Run(context.Background(), stream.Shards(shards)))
				require.Positive(b, sums.total)
			}
			perEvent(b)
		})
	}
	b.Run("read", func(b *testing.B) { // without a pipeline around it
		for b.Loop() {
			readers, err := source.Files(os.DirFS(dir), "*.jsonl", format).Open(&stream.SourceContext{})
			require.NoError(b, err)
			var total float64
			for err == nil {
				batch := stream.NewIntake[sale](512)
				err = readers[0].Read(context.Background(), batch)
				for _, s := range batch.Batch().All() {
					total += s.Amount
				}
			}
			require.Positive(b, total)
			readers[0].Close()
		}
		perEvent(b)
	})
}

// summing is a sink for one number. Writers add up when they are flushed.
type summing struct {
	of    func(sale) float64
	total float64
	mu    sync.Mutex
}

func (s *summing) Open(c *stream.SinkContext) (stream.Writer[sale], error) {
	return &sumWriter{sink: s}, nil
}

type sumWriter struct {
	sink *summing
	sum  float64
}

func (w *sumWriter) Write(_ context.Context, b *stream.Batch[sale]) error {
	for _, s := range b.All() {
		w.sum += w.sink.of(s)
	}
	return nil
}

func (w *sumWriter) Flush(context.Context) error {
	w.sink.mu.Lock()
	defer w.sink.mu.Unlock()
	w.sink.total += w.sum
	w.sum = 0
	return nil
}

func (w *sumWriter) Close() error { return nil }
