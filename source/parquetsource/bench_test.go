package parquetsource_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/parquetsource"
	"github.com/freshet-go/freshet/stream"
)

type twoColumns struct {
	Shop   string  `parquet:"shop"`
	Amount float64 `parquet:"amount"`
}

// BenchmarkRead reads 200,000 rows of seven columns, or two of these, and as the floor the same with nothing but parquet-go.
func BenchmarkRead(b *testing.B) {
	const rows = 200_000
	data := encode(b, orders(0, rows), rows/2, parquet.Compression(&parquet.Snappy), parquet.PageBufferSize(parquet.DefaultPageBufferSize))
	b.Run("columns=7/source", func(b *testing.B) { benchSource[order](b, data, rows) })
	b.Run("columns=7/parquet-go", func(b *testing.B) { benchBare[order](b, data, rows) })
	b.Run("columns=2/source", func(b *testing.B) { benchSource[twoColumns](b, data, rows) })
	b.Run("columns=2/parquet-go", func(b *testing.B) { benchBare[twoColumns](b, data, rows) })
	few := encode(b, nestedRows(rows/10), rows/20, parquet.Compression(&parquet.Snappy), parquet.PageBufferSize(parquet.DefaultPageBufferSize))
	b.Run("nested/source", func(b *testing.B) { benchSource[nestedRow](b, few, rows/10) })
	b.Run("nested/parquet-go", func(b *testing.B) { benchBare[nestedRow](b, few, rows/10) })
}

func benchSource[T any](b *testing.B, data []byte, rows int) {
	src := parquetsource.Files[T](files(map[string][]byte{"x": data}), "*")
	b.ReportAllocs()
	for b.Loop() {
		readers, err := src.Open(&stream.SourceContext{Context: b.Context()})
		require.NoError(b, err)
		n := 0
		for _, r := range readers {
			for {
				in := stream.NewIntake[T](512) // a run has one that it empties
				if err := r.Read(b.Context(), in); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					b.Fatal(err)
				}
				n += in.Len()
			}
			require.NoError(b, r.Close())
		}
		require.Equal(b, rows, n)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/event")
}

func benchBare[T any](b *testing.B, data []byte, rows int) {
	buf := make([]T, 512)
	b.ReportAllocs()
	for b.Loop() {
		r := parquet.NewGenericReader[T](bytes.NewReader(data))
		n := 0
		for {
			clear(buf)
			k, err := r.Read(buf)
			n += k
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(b, err)
		}
		require.NoError(b, r.Close())
		require.Equal(b, rows, n)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/event")
}
