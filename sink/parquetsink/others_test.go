package parquetsink_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/parquetsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/parquetsource"
	"github.com/freshet-go/freshet/stream"
)

// A thing is the row that files are exchanged of: row() of testdata/others.py gives the same.
type thing struct {
	ID     int64     `parquet:"id" json:"id"`
	Shop   string    `parquet:"shop,dict" json:"shop"`
	Amount int64     `parquet:"amount,decimal(2:18)" json:"amount"`
	Price  float64   `parquet:"price" json:"price"`
	At     time.Time `parquet:"at" json:"at"`
	Day    int32     `parquet:"day,date" json:"day"`
	Paid   bool      `parquet:"paid" json:"paid"`
	Note   *string   `parquet:"note" json:"note"`
	Small  int32     `parquet:"small" json:"small"`
	Tags   []string  `parquet:"tags,list" json:"tags"`
	Sub    sub       `parquet:"sub" json:"sub"`
}

type sub struct {
	X int64  `parquet:"x" json:"x"`
	Y string `parquet:"y" json:"y"`
}

// flatThing is a thing without its list, which is filled column by column.
type flatThing struct {
	ID     int64     `parquet:"id"`
	Shop   string    `parquet:"shop"`
	Amount int64     `parquet:"amount,decimal(2:18)"`
	Price  float64   `parquet:"price"`
	At     time.Time `parquet:"at"`
	Day    time.Time `parquet:"day,date"`
	Paid   bool      `parquet:"paid"`
	Note   *string   `parquet:"note"`
	Small  int32     `parquet:"small"`
	Sub    sub       `parquet:"sub"`
}

// listThing has what parquet-go puts together.
type listThing struct {
	ID   int64    `parquet:"id"`
	Tags []string `parquet:"tags,list"`
	Sub  *sub     `parquet:"sub"`
	Note *string  `parquet:"note"`
}

func things(n int) []thing {
	all := make([]thing, n)
	for i := range all {
		v := &all[i]
		v.ID, v.Shop, v.Amount, v.Price = int64(i), fmt.Sprintf("shop %d", i%7), int64(i*i)-50, float64(i)/8
		v.At = day.Add(time.Duration(i)*time.Minute + time.Duration(i)*time.Microsecond)
		v.Day = parquetsink.Days(time.Date(2026, 1, 1+i%400-100, 0, 0, 0, 0, time.UTC))
		v.Paid, v.Small, v.Tags = i%3 == 0 && i < 300 || i/11%3 == 0 && i >= 300, int32(-i), []string{}
		if i%3 == 0 {
			v.Note = new(fmt.Sprintf("nöte %d", i))
		}
		for k := range i % 4 {
			v.Tags = append(v.Tags, fmt.Sprintf("t%d", k))
		}
		v.Sub.X, v.Sub.Y = int64(i), fmt.Sprintf("y%d", i%5)
	}
	return all
}

// others runs testdata/others.py, and returns what others make of what is in each of the folders, by their names.
func others(t *testing.T, lake string, dirs ...string) (found []map[string]json.RawMessage) {
	t.Helper()
	python := os.Getenv("FRESHET_PARQUET")
	if python == "" {
		servertest.Missing(t, "the Python of DuckDB, Polars and PySpark (FRESHET_PARQUET)", "sink/parquetsink/testdata/install DIR, and export FRESHET_PARQUET=DIR/bin/python")
	}
	cmd := exec.CommandContext(t.Context(), python, append([]string{"-W", "ignore", "testdata/others.py", lake}, dirs...)...)
	cmd.Env = append(os.Environ(), "TZ=UTC", "PYSPARK_PYTHON="+python, "PYARROW_IGNORE_TIMEZONE=1", "OMP_NUM_THREADS=1", "POLARS_MAX_THREADS=1")
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	require.NoError(t, err, "%s", failed.Bytes())
	out = bytes.TrimSpace(out)
	last := bytes.LastIndexByte(out, '\n') + 1
	t.Logf("%s", bytes.TrimSpace(out[:last]))
	require.NoError(t, json.Unmarshal(out[last:], &found))
	require.Len(t, found, len(dirs))
	return found
}

// What we write, others read, and what they write, we read.
func TestOthers(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	require.NoError(t, os.Mkdir(lake, 0o777))
	ways := []struct {
		name string
		opts []parquetsink.Option
	}{
		{"snappy", []parquetsink.Option{parquetsink.RowGroup(150, 1<<20), parquetsink.Roll(sink.RollRows(600)), parquetsink.Bloom("shop", 10)}},
		{"zstd", []parquetsink.Option{parquetsink.Compression(parquetsink.Zstd), parquetsink.Sort("shop", "-id"), parquetsink.RowGroup(300, 1<<20), parquetsink.Bloom("id", 12)}},
	}
	want := things(1000)
	var dirs []string
	for _, way := range ways {
		dir := t.TempDir()
		p := stream.New("write")
		p.From(source.Slice(want)).To(parquetsink.Files[thing](dir, "*.parquet", way.opts...))
		require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
		dirs = append(dirs, dir)
	}
	found := others(t, lake, dirs...)
	for i, way := range ways {
		t.Run(way.name, func(t *testing.T) { othersRead(t, want, found[i]) })
	}
	t.Run("theirs", func(t *testing.T) { readsOthers(t, want, lake) })
}

// othersRead: what others find by filters, with our statistics and Bloom filters, is what is there, too.
func othersRead(t *testing.T, want []thing, all map[string]json.RawMessage) {
	count, least := 0, int64(0)
	for _, v := range want {
		if v.Shop == "shop 3" && v.ID >= 500 {
			if count++; count == 1 {
				least = v.ID
			}
		}
	}
	for _, who := range []string{"duckdb", "polars", "pyarrow", "pyspark"} {
		var got []struct {
			thing
			At int64 `json:"at"` // microseconds
		}
		require.NoError(t, json.Unmarshal(all[who], &got), who)
		require.Len(t, got, len(want), who)
		for i, g := range got {
			g.thing.At = time.UnixMicro(g.At).UTC()
			require.Equal(t, want[i], g.thing, who)
		}
		if who != "pyarrow" {
			assert.JSONEq(t, fmt.Sprintf("[%d, %d]", count, least), string(all[who+" filter"]), who)
		}
	}
}

// readsOthers: what others write, in their many ways, we read.
func readsOthers(t *testing.T, want []thing, dir string) {
	folders, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, folders, 14)
	for _, f := range folders {
		fsys := os.DirFS(filepath.Join(dir, f.Name()))
		flat := readAll[flatThing](t, parquetsource.Files[flatThing](fsys, "*.parquet", parquetsource.SplitSize(1)))
		slices.SortFunc(flat, func(a, b flatThing) int { return compare(a.ID, b.ID) })
		require.Len(t, flat, len(want), f.Name())
		for i, w := range want {
			at := w.At
			if f.Name() == "pyarrow-milli" {
				at = at.Truncate(time.Millisecond)
			}
			require.Equal(t, flatThing{w.ID, w.Shop, w.Amount, w.Price, at, time.Unix(int64(w.Day)*86400, 0).UTC(), w.Paid, w.Note, w.Small, w.Sub}, flat[i], f.Name())
		}
		lists := readAll[listThing](t, parquetsource.Files[listThing](fsys, "*.parquet"))
		slices.SortFunc(lists, func(a, b listThing) int { return compare(a.ID, b.ID) })
		require.Len(t, lists, len(want), f.Name())
		for i, w := range want {
			require.Equal(t, w.Tags, append([]string{}, lists[i].Tags...), f.Name())
			require.Equal(t, w.Sub.X, lists[i].Sub.X, f.Name())
			require.Equal(t, w.Sub.Y, lists[i].Sub.Y, f.Name())
			require.Equal(t, w.Note, lists[i].Note, f.Name())
		}
		some := readAll[listThing](t, parquetsource.Files[listThing](fsys, "*.parquet", parquetsource.AtLeast("id", 900), parquetsource.Equal("shop", "shop 3")))
		require.True(t, slices.ContainsFunc(some, func(v listThing) bool { return v.ID == 903 }), f.Name())
		none := readAll[listThing](t, parquetsource.Files[listThing](fsys, "*.parquet", parquetsource.AtLeast("id", 1000)))
		require.Empty(t, none, f.Name())
	}
}

func readAll[T any](t *testing.T, s stream.Source[T]) []T {
	t.Helper()
	all := sink.Collect[T]()
	p := stream.New("read")
	p.From(s).To(all)
	require.NoError(t, p.Run(t.Context(), stream.Shards(2)))
	return all.Values()
}
