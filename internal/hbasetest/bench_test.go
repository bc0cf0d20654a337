package hbasetest_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/hbaserest"
	"github.com/freshet-go/freshet/internal/hbasetest"
	"github.com/freshet-go/freshet/sink/hbasesink"
	"github.com/freshet-go/freshet/source/hbasesource"
	"github.com/freshet-go/freshet/stream"
)

// A value is a row of 100 bytes.
type value struct {
	Key  string `hbase:"@row"`
	Text string `hbase:"a:text"`
	At   int64  `hbase:"@time"`
}

func values(n int) (all []value) {
	text := strings.Repeat("x", 100)
	for i := range n {
		all = append(all, value{fmt.Sprintf("%08d", i), text, 1})
	}
	return all
}

// perRow reports rows a second, and the processor time of this process, which says more beside others that keep the
// processors busy.
func perRow(b *testing.B, n int, start time.Duration) {
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64((cpu()-start).Nanoseconds())/float64(n), "cpu-ns/row")
	b.ReportMetric(0, "ns/op")
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it cannot fail for oneself
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkPuts puts rows of 100 bytes, and the same with a loop by hand.
func BenchmarkPuts(b *testing.B) {
	s := hbasetest.Start(b)
	for _, rows := range []int{100, 1000} {
		all := values(rows)
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			table := s.Table()
			w, err := hbasesink.Puts(client(b), s.URL, table, func(v value) string { return v.Key }).Open(&stream.SinkContext{Context: b.Context(), Name: "bench"})
			if err != nil {
				b.Fatal(err)
			}
			in := stream.NewIntake[value](rows)
			in.Append(all...)
			n, start := 0, cpu()
			b.ReportAllocs()
			for b.Loop() {
				if err := w.Write(b.Context(), in.Batch()); err != nil {
					b.Fatal(err)
				}
				n += rows
			}
			perRow(b, n, start)
		})
		b.Run(fmt.Sprintf("rows=%d/floor", rows), func(b *testing.B) {
			table, h := s.Table(), client(b)
			var set []byte
			n, start := 0, cpu()
			b.ReportAllocs()
			for b.Loop() {
				set = set[:0]
				for _, v := range all {
					set = hbaserest.AppendRow(set, []byte(v.Key), []hbaserest.Cell{{Column: []byte("a:text"), Time: v.At, Value: []byte(v.Text)}})
				}
				r, err := http.NewRequest(http.MethodPut, s.URL+"/"+table+"/put", bytes.NewReader(set))
				if err != nil {
					b.Fatal(err)
				}
				r.Header.Set("Content-Type", "application/x-protobuf")
				resp, err := h.Do(r)
				if err != nil || resp.StatusCode != http.StatusOK {
					b.Fatal(resp, err)
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				n += rows
			}
			perRow(b, n, start)
		})
	}
}

// BenchmarkTable reads 50,000 such rows, and the same with a loop by hand over a scanner.
func BenchmarkTable(b *testing.B) {
	s := hbasetest.Start(b)
	table, h, all := s.Table(), client(b), values(50_000)
	for i := 0; i < len(all); i += 5000 {
		run(b, hbasesink.Puts(h, s.URL, table, func(v value) string { return v.Key }), all[i:i+5000])
	}
	b.Run("source", func(b *testing.B) {
		n, start := 0, cpu()
		b.ReportAllocs()
		for b.Loop() {
			n += len(read(b, hbasesource.Table[value](h, s.URL, table)))
		}
		perRow(b, n, start)
	})
	b.Run("floor", func(b *testing.B) {
		c, err := hbaserest.New(h, s.URL, table, nil, time.Minute, 64<<20)
		if err != nil {
			b.Fatal(err)
		}
		n, start := 0, cpu()
		b.ReportAllocs()
		for b.Loop() {
			x, err := c.Open(b.Context(), hbaserest.Scan{Columns: [][]byte{[]byte("a:text")}, Versions: 1, Cells: 10_000})
			if err != nil {
				b.Fatal(err)
			}
			var got []value
			for {
				answer, err := x.Next(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				if answer == nil {
					break
				}
				err = hbaserest.ParseCells(answer, func(key []byte, c hbaserest.Cell) error {
					got = append(got, value{string(key), string(c.Value), c.Time})
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			x.Close(b.Context())
			n += len(got)
		}
		perRow(b, n, start)
	})
}
