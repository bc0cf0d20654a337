package parquetsink_test

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/filesystem"
)

// sale is what most tests write.
type sale struct {
	ID     int64     `parquet:"id"`
	Shop   string    `parquet:"shop,dict"`
	Amount int64     `parquet:"amount,decimal(2:18)"`
	At     time.Time `parquet:"at"`
	Note   string    `parquet:"note,optional"`
}

var day = time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)

func sales(n int) []sale {
	all := make([]sale, n)
	for i := range all {
		all[i] = sale{int64(i), fmt.Sprintf("shop %d", i%7), int64(i*i) - 50, day.Add(time.Duration(i) * time.Minute), ""}
		if i%3 == 0 {
			all[i].Note = fmt.Sprintf("note %d", i)
		}
	}
	return all
}

func events(n int) (all []stream.Event[sale]) {
	for _, v := range sales(n) {
		all = append(all, stream.Event[sale]{Value: v, Time: stream.Time(v.At.UnixNano())})
	}
	return all
}

// list returns the names of the files in a file system that are shown, or hidden.
func list(t testing.TB, system filesystem.Readable, dir string, hidden bool) (names []string) {
	t.Helper()
	for info, err := range system.List(t.Context(), dir) {
		if err != nil { // there is none yet
			return nil
		}
		if !info.Dir && strings.HasPrefix(info.Name, ".") == hidden {
			names = append(names, filepath.Join(dir, info.Name))
		}
	}
	slices.Sort(names)
	return names
}

func content(t testing.TB, system filesystem.Readable, name string) []byte {
	t.Helper()
	r, _, err := system.Open(t.Context(), name, 0)
	require.NoError(t, err)
	defer r.Close()
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	return data
}

// open opens a file with parquet-go, its indexes included.
func open(t testing.TB, system filesystem.Readable, name string) *parquet.File {
	t.Helper()
	data := content(t, system, name)
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err, name)
	return f
}

// shown returns the rows of all files that can be seen, as parquet-go reads them.
func shown(t testing.TB, system filesystem.Readable, dir string) (rows []sale) {
	t.Helper()
	for _, name := range list(t, system, dir, false) {
		f := open(t, system, name)
		r := parquet.NewGenericReader[sale](f)
		part := make([]sale, f.NumRows())
		n, err := r.Read(part)
		if err != nil && err != io.EOF {
			require.NoError(t, err, name)
		}
		require.Equal(t, len(part), n)
		for i := range part {
			part[i].At = part[i].At.UTC()
		}
		rows = append(rows, part...)
	}
	return rows
}
