package parquetsource_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
)

// order is what most tests read.
type order struct {
	ID      int64     `parquet:"id"`
	Shop    string    `parquet:"shop,dict"`
	Note    string    `parquet:"note"`
	Amount  float64   `parquet:"amount"`
	Created time.Time `parquet:"created,timestamp(microsecond)"`
	Coupon  string    `parquet:"coupon,optional"`
	Paid    bool      `parquet:"paid"`
}

var day = time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)

func orders(from, n int) []order {
	all := make([]order, n)
	for i := range all {
		id := from + i
		all[i] = order{
			ID: int64(id), Shop: fmt.Sprintf("shop %d", id%7), Note: fmt.Sprintf("note %d", id),
			Amount: float64(id) / 4, Created: day.Add(time.Duration(id) * time.Second), Paid: id%3 == 0,
		}
		if id%5 == 0 {
			all[i].Coupon = fmt.Sprintf("coupon %d", id%2)
		}
	}
	return all
}

// encode returns a Parquet file of rows, with row groups of so many.
func encode[T any](t testing.TB, rows []T, perGroup int, opts ...parquet.WriterOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[T](&b, append([]parquet.WriterOption{parquet.PageBufferSize(400)}, opts...)...)
	for part := range slices.Chunk(rows, perGroup) {
		_, err := w.Write(part)
		require.NoError(t, err)
		require.NoError(t, w.Flush())
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// files is a file system in memory.
func files(all map[string][]byte) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, data := range all {
		fsys[name] = &fstest.MapFile{Data: data}
	}
	return fsys
}

// readAll returns all rows of a source, by partition.
func readAll[T any](t testing.TB, s stream.Source[T], offsets map[string]string) (map[string][]T, error) {
	t.Helper()
	readers, err := s.Open(&stream.SourceContext{Context: t.Context(), BatchSize: 100, Offsets: offsets})
	if err != nil {
		return nil, err
	}
	all := map[string][]T{}
	for _, r := range readers {
		defer r.Close()
		for {
			in := stream.NewIntake[T](100)
			err := r.Read(context.Background(), in)
			for _, v := range in.Batch().All() {
				all[r.Partition()] = append(all[r.Partition()], v)
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return all, err
			}
		}
	}
	return all, nil
}

// flatten returns the rows of all partitions, by their names.
func flatten[T any](parts map[string][]T) (all []T) {
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		all = append(all, parts[name]...)
	}
	return all
}

// counting counts the files of a file system that are open, and what is read of each.
type counting struct {
	fs.FS
	open *atomic.Int64
	read *atomic.Int64
}

func (c counting) Open(name string) (fs.File, error) {
	f, err := c.FS.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || info.IsDir() || filepath.Ext(name) == "" {
		return f, err
	}
	c.open.Add(1)
	return &countedFile{f, c}, nil
}

type countedFile struct {
	fs.File
	of counting
}

func (f *countedFile) ReadAt(p []byte, at int64) (int, error) {
	n, err := f.File.(io.ReaderAt).ReadAt(p, at)
	f.of.read.Add(int64(n))
	return n, err
}

func (f *countedFile) Close() error {
	f.of.open.Add(-1)
	return f.File.Close()
}

func write(t testing.TB, dir, name string, data []byte) {
	t.Helper()
	to := filepath.Join(dir, filepath.FromSlash(name))
	require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o777))
	require.NoError(t, os.WriteFile(to, data, 0o666))
}

func newContext(t testing.TB) *stream.SourceContext {
	return &stream.SourceContext{Context: t.Context(), BatchSize: 100}
}
