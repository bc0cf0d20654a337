package parquetsource_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/parquetsource"
)

// endless puts a run of 100 million values at the beginning of runs.
func endless(runs []byte, bits int) {
	n := copy(runs, binary.AppendUvarint(nil, 100_000_000<<1))
	clear(runs[n : n+(bits+7)/8])
}

// A few bytes of runs do not make gigabytes: not of indexes, nor of levels, nor of booleans.
func TestEndlessRuns(t *testing.T) {
	type row struct {
		Dict  string   `parquet:"dict,dict"`
		Plain *int64   `parquet:"plain"`
		List  []string `parquet:"list"`
	}
	type flat struct {
		Dict  string `parquet:"dict"`
		Plain *int64 `parquet:"plain"`
	}
	rows := make([]row, 300)
	for i := range rows {
		rows[i].Dict = string(rune('a' + i*i%7))
		if i*i%5 > 1 {
			rows[i].Plain = new(int64(-i))
		}
		for k := range i * i % 3 {
			rows[i].List = append(rows[i].List, fmt.Sprint(k))
		}
	}
	// What becomes of a page, and what pages begin with that are meant.
	for name, change := range map[string]func(page []byte) bool{
		"indexes": func(p []byte) bool {
			if p[0] != 2 && p[0] != 3 { // bits of an index
				return false
			}
			endless(p[1:], int(p[0]))
			return true
		},
		"levels": func(p []byte) bool {
			n := binary.LittleEndian.Uint32(p)
			if int(n) > len(p)-4 || n < 20 || n > 200 {
				return false
			}
			endless(p[4:], 1)
			return true
		},
	} {
		for _, version := range []int{1, 2} {
			if version == 2 && name == "levels" {
				continue // which are not compressed then
			}
			changed := 0
			b := bomb{&parquet.Snappy, func(p []byte) []byte {
				p = bytes.Clone(p)
				if len(p) > 40 && change(p) {
					changed++
				}
				packed, err := parquet.Snappy.Encode(nil, p)
				require.NoError(t, err)
				return packed
			}}
			data := encode(t, rows, 300, parquet.Compression(b), parquet.DataPageVersion(version), parquet.PageBufferSize(1<<20))
			require.Positive(t, changed, name)
			refusesEndless[row](t, data, name)
			refusesEndless[flat](t, data, name)
		}
	}
	type bools struct {
		Paid bool `parquet:"paid"`
	}
	schema := parquet.NewSchema("bools", parquet.Group{"paid": parquet.Encoded(parquet.Leaf(parquet.BooleanType), endlessRuns{})})
	data := encode(t, make([]bools, 300), 300, schema)
	refusesEndless[bools](t, data, "booleans")
}

// Wherever in a page an endless run stands, it makes no gigabytes.
func TestEndlessRunsAnywhere(t *testing.T) {
	type row struct {
		Dict  string  `parquet:"dict,dict"`
		Plain *int64  `parquet:"plain"`
		List  []int32 `parquet:"list"`
	}
	rows := make([]row, 40)
	for i := range rows {
		rows[i] = row{Dict: string(rune('a' + i*i%7)), List: make([]int32, i*i%3)}
		if i*i%5 > 1 {
			rows[i].Plain = new(int64(-i))
		}
	}
	for _, version := range []int{1, 2} {
		whole := unsealed(t, encode(t, rows, 40, parquet.DataPageVersion(version), parquet.PageBufferSize(1<<20)))
		footer := len(whole) - 8 - int(binary.LittleEndian.Uint32(whole[len(whole)-8:]))
		for at := 4; at < footer-6; at++ {
			data := bytes.Clone(whole)
			endless(data[at:], 1)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := readAll(t, parquetsource.Files[row](files(map[string][]byte{"x": data}), "*", parquetsource.MaxPage(1<<20)), nil)
			runtime.ReadMemStats(&after)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(20<<20), "version %d, byte %d: %v", version, at, err)
		}
	}
}

type endlessRuns struct{ runs }

func (endlessRuns) EncodeBoolean(dst, _ []byte) ([]byte, error) {
	dst = append(dst[:0], 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	endless(dst[4:], 1)
	return dst, nil
}

func refusesEndless[T any](t *testing.T, data []byte, what string) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := readAll(t, parquetsource.Files[T](files(map[string][]byte{"x": data}), "*"), nil)
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, parquet.ErrCorrupted, what)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(8<<20), "%s: %v", what, err)
}
