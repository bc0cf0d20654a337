package parquetsource_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/parquetsource"
)

// groupsRead returns which row groups of ten rows are read under conditions.
func groupsRead[T any](t *testing.T, data []byte, id func(T) int, opts ...parquetsource.Option) string {
	t.Helper()
	got, err := readAll(t, parquetsource.Files[T](files(map[string][]byte{"x": data}), "*", opts...), nil)
	require.NoError(t, err)
	count := map[int]int{}
	for _, v := range flatten(got) {
		count[id(v)/10]++
	}
	var groups []int
	for g := range 10 {
		if n := count[g]; n > 0 {
			require.Equal(t, 10, n, "a row group is read whole")
			groups = append(groups, g)
		}
	}
	return fmt.Sprint(groups)
}

// Row groups are read where statistics do not tell that nothing in them is looked for.
func TestConditions(t *testing.T) {
	type row struct {
		ID   int       `parquet:"id"`
		I32  int32     `parquet:"i32"`
		U64  uint64    `parquet:"u64"`
		U32  uint32    `parquet:"u32"`
		F    float64   `parquet:"f"`
		F32  float32   `parquet:"f32"`
		S    string    `parquet:"s"`
		Ms   time.Time `parquet:"ms,timestamp(millisecond)"`
		Ns   time.Time `parquet:"ns,timestamp(nanosecond)"`
		Date int32     `parquet:"date,date"`
		Dec  int64     `parquet:"dec,decimal(2:18)"`
		Fix  [8]byte   `parquet:"fix,decimal(2:18)"`
		Null *int64    `parquet:"null"`
		NaN  float64   `parquet:"nan"`
		Sub  struct {
			X int64 `parquet:"x"`
		} `parquet:"sub"`
	}
	var rows []row
	for i := range 100 {
		r := row{
			ID: i, I32: int32(i - 50), U64: math.MaxUint64 - uint64(99-i), U32: math.MaxUint32 - uint32(99-i), F: float64(i) - 50, F32: float32(i), S: fmt.Sprintf("s%02d", i),
			Ms: day.Add(time.Duration(i) * time.Hour), Ns: day.Add(time.Duration(i)), Date: int32(day.Unix()/86400) + int32(i), Dec: int64(i) * 100, Fix: [8]byte{7: byte(i)}, NaN: float64(i),
		}
		r.Sub.X = int64(i)
		if i/10 == 3 {
			r.NaN = math.NaN()
		}
		if i/10 == 4 {
			r.Null = new(int64(i))
		}
		rows = append(rows, r)
	}
	data := encode(t, rows, 10)
	// The struct that is read names one column: conditions find the others.
	type id struct {
		ID int `parquet:"id"`
	}
	const all = "[0 1 2 3 4 5 6 7 8 9]"
	for i, test := range []struct {
		opts []parquetsource.Option
		want string
	}{
		{nil, all},
		{[]parquetsource.Option{parquetsource.Between("id", 20, 41)}, "[2 3 4]"},
		{[]parquetsource.Option{parquetsource.Between("id", 20, 40)}, "[2 3]"},
		{[]parquetsource.Option{parquetsource.Between("id", 19, 20)}, "[1]"},
		{[]parquetsource.Option{parquetsource.Between("id", 200, 300)}, "[]"},
		{[]parquetsource.Option{parquetsource.Between("id", -5, 0)}, "[]"},
		{[]parquetsource.Option{parquetsource.AtLeast("id", 80)}, "[8 9]"},
		{[]parquetsource.Option{parquetsource.Before("id", 20)}, "[0 1]"},
		{[]parquetsource.Option{parquetsource.Equal("id", 20)}, "[2]"},
		{[]parquetsource.Option{parquetsource.AtLeast("id", 30), parquetsource.Before("i32", int8(0))}, "[3 4]"},
		{[]parquetsource.Option{parquetsource.Equal("i32", int16(-1))}, "[4]"},
		{[]parquetsource.Option{parquetsource.AtLeast("u64", uint64(math.MaxUint64-5))}, "[9]"},
		{[]parquetsource.Option{parquetsource.AtLeast("u64", -1)}, all},
		{[]parquetsource.Option{parquetsource.AtLeast("u32", uint32(math.MaxUint32-5))}, "[9]"},
		{[]parquetsource.Option{parquetsource.Equal("u32", -1)}, "[]"},
		{[]parquetsource.Option{parquetsource.Equal("f", 0.)}, "[5]"},
		{[]parquetsource.Option{parquetsource.Between("f", -0.5, 0)}, "[]"},
		{[]parquetsource.Option{parquetsource.AtLeast("f", math.Inf(1))}, "[]"},
		{[]parquetsource.Option{parquetsource.AtLeast("f32", 95)}, "[9]"},
		{[]parquetsource.Option{parquetsource.Between("s", "s4", "s50")}, "[4]"},
		{[]parquetsource.Option{parquetsource.Equal("s", "s59")}, "[5]"},
		{[]parquetsource.Option{parquetsource.Between("ms", day.Add(20*time.Hour), day.Add(30*time.Hour))}, "[2]"},
		{[]parquetsource.Option{parquetsource.Equal("ns", day.Add(77))}, "[7]"},
		{[]parquetsource.Option{parquetsource.AtLeast("date", day.AddDate(0, 0, 90))}, "[9]"},
		{[]parquetsource.Option{parquetsource.Equal("dec", 1500)}, "[1]"},
		{[]parquetsource.Option{parquetsource.Equal("fix", 15)}, "[1]"},
		{[]parquetsource.Option{parquetsource.AtLeast("null", 0)}, "[4]"},
		{[]parquetsource.Option{parquetsource.Equal("sub.x", 15)}, "[1]"},
	} {
		assert.Equal(t, test.want, groupsRead(t, data, func(v id) int { return v.ID }, test.opts...), "conditions %d", i)
	}
	// What NaNs leave of statistics excludes nothing that is there.
	assert.Contains(t, groupsRead(t, data, func(v id) int { return v.ID }, parquetsource.Equal("nan", 25.)), "2")

	lake := files(map[string][]byte{"x.parquet": data})
	for want, o := range map[string]parquetsource.Option{
		`column "s" is STRING in the file, and Equal compares it with the integer 7`:                                         parquetsource.Equal("s", 7),
		`column "id" is INT(64,true) in the file, and AtLeast compares it with the number 7`:                                 parquetsource.AtLeast("id", 7.),
		`column "ms" is TIMESTAMP(isAdjustedToUTC=true,unit=MILLIS) in the file, and Before compares it with the string "x"`: parquetsource.Before("ms", "x"),
		`there is no column "nothing", which Between names`:                                                                  parquetsource.Between("nothing", 1, 2),
	} {
		_, err := readAll(t, parquetsource.Files[id](lake, "*", o), nil)
		assert.ErrorContains(t, err, want)
		assert.ErrorContains(t, err, "x.parquet")
	}
	assert.Panics(t, func() { parquetsource.Equal("f", math.NaN()) })
}

// A condition never hides a row that holds it, whatever the statistics are.
func TestConditionsTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	type row struct {
		ID int     `parquet:"id"`
		V  int64   `parquet:"v"`
		F  float64 `parquet:"f"`
		S  string  `parquet:"s"`
	}
	for round := range 60 {
		var rows []row
		for i := range 60 {
			r := row{i, rng.Int64N(40) - 20, float64(rng.IntN(40)-20) / 2, fmt.Sprintf("%0*d", 1+rng.IntN(20), rng.IntN(20))}
			if rng.IntN(9) == 0 {
				r.F = []float64{math.NaN(), math.Inf(1), math.Copysign(0, -1)}[rng.IntN(3)]
			}
			rows = append(rows, r)
		}
		opts := []parquet.WriterOption{parquet.BloomFilters(parquet.SplitBlockFilter(10, "v"), parquet.SplitBlockFilter(10, "s"), parquet.SplitBlockFilter(10, "f"))}
		if round%2 == 0 {
			opts = nil
		}
		data := encode(t, rows, 1+rng.IntN(12), opts...)
		lo, f, s := rng.Int64N(50)-25, float64(rng.IntN(40)-20)/2, fmt.Sprintf("%02d", rng.IntN(20))
		for name, test := range map[string]struct {
			o     parquetsource.Option
			holds func(row) bool
		}{
			"between": {parquetsource.Between("v", lo, lo+5), func(r row) bool { return r.V >= lo && r.V < lo+5 }},
			"equal":   {parquetsource.Equal("v", lo), func(r row) bool { return r.V == lo }},
			"float":   {parquetsource.Between("f", f, f+1), func(r row) bool { return r.F >= f && r.F < f+1 }},
			"same":    {parquetsource.Equal("f", f), func(r row) bool { return r.F == f }},
			"text":    {parquetsource.AtLeast("s", s), func(r row) bool { return r.S >= s }},
			"string":  {parquetsource.Equal("s", s), func(r row) bool { return r.S == s }},
		} {
			got, err := readAll(t, parquetsource.Files[row](files(map[string][]byte{"x": data}), "*", test.o), nil)
			require.NoError(t, err)
			has := map[int]bool{}
			for _, r := range flatten(got) {
				has[r.ID] = true
			}
			for _, r := range rows {
				if test.holds(r) {
					require.True(t, has[r.ID], "%s: %+v", name, r)
				}
			}
		}
	}
}

// What the struct does not name, and what the conditions exclude, is not fetched.
func TestFetchesLess(t *testing.T) {
	var open, read atomic.Int64
	rows := orders(0, 50_000)
	lake := counting{files(map[string][]byte{"x.parquet": encode(t, rows, 5000, parquet.PageBufferSize(1<<16))}), &open, &read}
	fetched := func(f func() error) int64 {
		read.Store(0)
		require.NoError(t, f())
		require.Zero(t, open.Load())
		return read.Load()
	}
	type id struct {
		Paid bool `parquet:"paid"`
	}
	all := fetched(func() error {
		_, err := readAll(t, parquetsource.Files[order](lake, "*.parquet"), nil)
		return err
	})
	one := fetched(func() error { _, err := readAll(t, parquetsource.Files[id](lake, "*.parquet"), nil); return err })
	few := fetched(func() error {
		_, err := readAll(t, parquetsource.Files[order](lake, "*.parquet", parquetsource.AtLeast("id", 45_000)), nil)
		return err
	})
	t.Logf("%d bytes for all, %d for one column of seven, %d for one row group of ten", all, one, few)
	assert.Less(t, one, all/2)
	assert.Less(t, few, all/2)
}
