package parquetsink_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/parquetsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/parquetsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/filesystemtest"
)

// A run is the life of a process, until it is left behind.
type run struct {
	t         *testing.T
	committer stream.Committer
	writer    stream.Writer[sale]
}

// begin begins a run as the engine does, with what the last checkpoint holds.
func begin(t *testing.T, s stream.Sink[sale], id int64, prepared [][]byte) run {
	t.Helper()
	c := &stream.SinkContext{Context: t.Context(), Count: 1, Transactional: true}
	committer, err := s.(stream.TransactionalSink[sale]).OpenCommitter(c)
	require.NoError(t, err)
	if len(prepared) > 0 {
		require.NoError(t, committer.Commit(t.Context(), id, prepared))
	}
	require.NoError(t, committer.Abort(t.Context(), id))
	w, err := s.Open(c)
	require.NoError(t, err)
	return run{t, committer, w}
}

func (r run) write(rows ...sale) {
	r.t.Helper()
	in := stream.NewIntake[sale](len(rows))
	for _, v := range rows {
		in.AppendAt(v, stream.Time(v.At.UnixNano()))
	}
	require.NoError(r.t, r.writer.Write(r.t.Context(), in.Batch()))
}

func (r run) prepare() [][]byte {
	r.t.Helper()
	require.NoError(r.t, r.writer.Flush(r.t.Context()))
	p, err := r.writer.(stream.Preparer).Prepare(r.t.Context())
	require.NoError(r.t, err)
	return [][]byte{p}
}

// Checkpoints do not cut row groups as long as what is gathered is small, and a run that is killed loses none of it.
func TestTails(t *testing.T) {
	m := filesystemtest.NewMemory()
	sinkOf := func() stream.Sink[sale] {
		return parquetsink.FilesIn[sale](m.Dir(), "*.parquet", parquetsink.RowGroup(100, 1<<20))
	}
	all := sales(250)
	r := begin(t, sinkOf(), 0, nil)
	var prepared [][]byte
	for part := range slices.Chunk(all, 10) {
		r.write(part...)
		prepared = r.prepare()
	}
	r.write(sales(30)...) // of no checkpoint
	assert.Empty(t, shown(t, m.Dir(), "."))

	m.Crash(rand.New(rand.NewPCG(5, 6))) // what was not synced is lost
	begin(t, sinkOf(), 25, prepared)
	require.Equal(t, all, shown(t, m.Dir(), "."))
	names := list(t, m.Dir(), ".", false)
	require.Len(t, names, 1)
	var rows []int64
	for _, g := range open(t, m.Dir(), names[0]).RowGroups() {
		rows = append(rows, g.NumRows())
	}
	assert.Equal(t, []int64{100, 100, 50}, rows)
	assert.Equal(t, []string{".%2A.parquet.checkpoint"}, list(t, m.Dir(), ".", true))
}

// Where more is gathered than a checkpoint should hold, it ends the row group.
func TestLongTail(t *testing.T) {
	m := filesystemtest.NewMemory()
	s := parquetsink.FilesIn[sale](m.Dir(), "*.parquet", parquetsink.Compression(parquetsink.Uncompressed))
	r := begin(t, s, 0, nil)
	rng := rand.New(rand.NewPCG(1, 2))
	all := sales(20_000)
	for i := range all {
		all[i].Note = fmt.Sprintf("%x %x %x %x", rng.Uint64(), rng.Uint64(), rng.Uint64(), rng.Uint64())
	}
	r.write(all...)
	prepared := r.prepare()
	assert.Less(t, len(prepared[0]), 1000)
	begin(t, s, 1, prepared)
	require.Equal(t, all, shown(t, m.Dir(), "."))
}

// What a run without checkpoints leaves behind is completed up to the last row group that is whole, wherever it was cut.
func TestTorn(t *testing.T) {
	dir := t.TempDir()
	all := sales(60)
	write := func() stream.Writer[sale] {
		w, err := parquetsink.Files[sale](dir, "*.parquet", parquetsink.RowGroup(20, 1<<20)).Open(&stream.SinkContext{Context: t.Context(), Count: 1})
		require.NoError(t, err)
		in := stream.NewIntake[sale](len(all))
		in.Append(all...)
		require.NoError(t, w.Write(t.Context(), in.Batch()))
		return w
	}
	w := write()
	require.NoError(t, w.Flush(t.Context()))
	system := filesystem.Dir(dir)
	names := list(t, system, ".", true)
	require.Len(t, names, 1)
	whole := content(t, system, names[0])
	steps := 0
	for cut := len(whole); cut >= 0; cut -= 97 {
		place := filesystem.Dir(t.TempDir())
		f, err := place.Create(t.Context(), names[0])
		require.NoError(t, err)
		torn := slices.Clone(whole[:cut])
		if steps++; steps%2 == 0 { // the disk had given out room that it had not written yet
			torn = append(torn, make([]byte, 500)...)
		}
		require.NoError(t, f.Write(t.Context(), torn))
		require.NoError(t, f.Close(t.Context()))
		_, err = parquetsink.FilesIn[sale](place, "*.parquet").Open(&stream.SinkContext{Context: t.Context(), Count: 1})
		require.NoError(t, err)
		got := shown(t, place, ".")
		require.Zero(t, len(got)%20)
		require.Equal(t, all[:len(got)], append([]sale{}, got...), "cut at %d", cut)
		require.Empty(t, list(t, place, ".", true))
		if cut == len(whole) {
			require.Len(t, got, 60)
		}
	}
	require.NoError(t, w.Close())
}

// Row groups are full by rows or by bytes, files by rows.
func TestFull(t *testing.T) {
	for _, test := range []struct {
		opts []parquetsink.Option
		want string
	}{
		{nil, "[[100]]"},
		{[]parquetsink.Option{parquetsink.RowGroup(40, 1<<20)}, "[[40 40 20]]"},
		{[]parquetsink.Option{parquetsink.RowGroup(40, 1)}, "[[1 1 1 1 1 1 1 1 1 1] [1 1 1 1 1 1 1 1 1 1]"},
		{[]parquetsink.Option{parquetsink.RowGroup(4, 1<<20)}, "[[4 4 2] [4 4 2]"},
	} {
		opts := test.opts
		if test.want[len(test.want)-2:] != "]]" {
			opts = append(opts, parquetsink.Roll(sink.RollRows(10)))
		}
		dir := t.TempDir()
		p := stream.New("full")
		p.From(source.Slice(sales(100))).To(parquetsink.Files[sale](dir, "*.parquet", opts...))
		require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
		var got [][]int64
		for _, name := range list(t, filesystem.Dir(dir), ".", false) {
			var groups []int64
			for _, g := range open(t, filesystem.Dir(dir), name).RowGroups() {
				groups = append(groups, g.NumRows())
			}
			got = append(got, groups)
		}
		assert.Contains(t, fmt.Sprint(got), test.want)
		assert.Equal(t, sales(100), shown(t, filesystem.Dir(dir), "."))
	}
}

// All row groups name their columns, which Spark asks for, and the schema of the type has its names after it as before.
func TestNames(t *testing.T) {
	dir := t.TempDir()
	p := stream.New("names")
	p.From(source.Slice(sales(100))).To(parquetsink.Files[sale](dir, "*.parquet", parquetsink.RowGroup(30, 1<<20), parquetsink.Roll(sink.RollRows(80))))
	require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
	want := [][]string{{"id"}, {"shop"}, {"amount"}, {"at"}, {"note"}}
	for _, name := range list(t, filesystem.Dir(dir), ".", false) {
		for _, g := range open(t, filesystem.Dir(dir), name).Metadata().RowGroups {
			var got [][]string
			for _, c := range g.Columns {
				got = append(got, c.MetaData.PathInSchema)
			}
			require.Equal(t, want, got)
		}
	}
	assert.Equal(t, want, parquet.SchemaOf(sale{}).Columns())
}

// Sorted row groups say so, Bloom filters and statistics tell what is in them, and both are found where the footer says.
func TestSortedAndHashed(t *testing.T) {
	dir := t.TempDir()
	all := sales(1000)
	rand.New(rand.NewPCG(3, 4)).Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	p := stream.New("sorted")
	p.From(source.Slice(all)).To(parquetsink.Files[sale](dir, "*.parquet", parquetsink.RowGroup(300, 1<<20),
		parquetsink.Sort("-shop", "id"), parquetsink.Bloom("id", 10), parquetsink.Compression(parquetsink.Gzip)))
	require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
	names := list(t, filesystem.Dir(dir), ".", false)
	require.Len(t, names, 1)
	f := open(t, filesystem.Dir(dir), names[0])
	got := shown(t, filesystem.Dir(dir), ".")
	for i, g := range f.RowGroups() {
		require.Len(t, g.SortingColumns(), 2)
		first, second := g.SortingColumns()[0], g.SortingColumns()[1]
		require.Equal(t, "[shop] true false [id] false false", fmt.Sprint(first.Path(), first.Descending(), first.NullsFirst(), " ", second.Path(), second.Descending(), second.NullsFirst()))
		rows := got[i*300 : min(i*300+300, 1000)]
		want := slices.Clone(all[i*300 : min(i*300+300, 1000)])
		slices.SortFunc(want, func(a, b sale) int {
			if a.Shop != b.Shop {
				return -compare(a.Shop, b.Shop)
			}
			return compare(a.ID, b.ID)
		})
		require.Equal(t, want, rows)
		leaf, _ := f.Schema().Lookup("id")
		filter := g.ColumnChunks()[leaf.ColumnIndex].BloomFilter()
		require.NotNil(t, filter)
		missed := 0
		for _, v := range all {
			has, err := filter.Check(parquet.Int64Value(v.ID))
			require.NoError(t, err)
			if slices.ContainsFunc(want, func(o sale) bool { return o.ID == v.ID }) {
				require.True(t, has)
			} else if has {
				missed++
			}
		}
		assert.Less(t, missed, 40, "of 700, at 1 %%")
	}
	// What the source reads by them is what it should.
	src := parquetsource.FilesIn[sale](filesystem.Dir(dir), "*.parquet", parquetsource.SplitSize(1), parquetsource.Equal("id", int64(77)))
	readers, err := src.Open(&stream.SourceContext{Context: t.Context()})
	require.NoError(t, err)
	read := 0
	for _, r := range readers {
		for {
			in := stream.NewIntake[sale](1000)
			if r.Read(t.Context(), in) != nil {
				break
			}
			read += in.Len()
		}
		require.NoError(t, r.Close())
	}
	assert.GreaterOrEqual(t, read, 100)
	assert.LessOrEqual(t, read, 600, "row groups are passed over by their Bloom filters")
}

// Times are microseconds wherever they stand, unless their tags say otherwise.
func TestUnits(t *testing.T) {
	type inner struct {
		At    time.Time  `parquet:"at"`
		Milli *time.Time `parquet:"milli,timestamp(millisecond)"`
	}
	type row struct {
		At     time.Time            `parquet:"at"`
		Sub    *inner               `parquet:"sub"`
		Plain  []inner              `parquet:"plain"`
		Lines  []inner              `parquet:"lines,list"`
		Nested [][]inner            `parquet:"nested,list"`
		Map    map[string]inner     `parquet:"map"`
		Times  []time.Time          `parquet:"times,list"`
		Nano   []time.Time          `parquet:"nano,list" parquet-element:",timestamp(nanosecond)"`
		Last   map[string]time.Time `parquet:"last"`
	}
	dir := t.TempDir()
	in := inner{day, &day}
	v := row{day, &in, []inner{in}, []inner{in}, [][]inner{{in}}, map[string]inner{"a": in}, []time.Time{day}, []time.Time{day}, map[string]time.Time{"b": day}}
	p := stream.New("units")
	p.From(source.Slice([]row{v})).To(parquetsink.Files[row](dir, "*.parquet"))
	require.NoError(t, p.Run(t.Context()))
	names := list(t, filesystem.Dir(dir), ".", false)
	f := open(t, filesystem.Dir(dir), names[0])
	units := map[string]int{}
	for _, path := range f.Schema().Columns() {
		leaf, _ := f.Schema().Lookup(path...)
		unit := "none"
		if logical := leaf.Node.Type().LogicalType(); logical != nil {
			unit = logical.String()
		}
		units[unit]++
		if last := path[len(path)-1]; last == "milli" {
			require.Contains(t, unit, "MILLIS", path)
		} else if path[0] == "nano" {
			require.Contains(t, unit, "NANOS", path)
		} else if last != "key" {
			require.Contains(t, unit, "MICROS", path)
		}
	}
	type read struct { // parquet-go does not read times in maps into these
		Lines []inner          `parquet:"lines,list"`
		Times []time.Time      `parquet:"times,list"`
		Last  map[string]int64 `parquet:"last"`
	}
	got, err := parquet.ReadFile[read](filepath.Join(dir, names[0]))
	require.NoError(t, err)
	require.True(t, got[0].Lines[0].At.Equal(day))
	require.True(t, got[0].Times[0].Equal(day))
	require.Equal(t, day.UnixMicro(), got[0].Last["b"])
}

// Rows whose columns may lack values are sorted whatever stretches of them do.
func TestSortedWithNulls(t *testing.T) {
	type row struct {
		Key  int64  `parquet:"key,optional"`
		Text string `parquet:"text,optional"`
		Ptr  *int32 `parquet:"ptr"`
		ID   int64  `parquet:"id"`
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{1, 2, 5, 8, 9, 17, 40, 300} {
		all := make([]row, n)
		for i := range all {
			all[i] = row{Key: rng.Int64N(5), ID: int64(i)}
			if rng.IntN(8) > 0 {
				all[i].Text = fmt.Sprint("text ", rng.IntN(n))
			}
			if rng.IntN(8) > 0 {
				all[i].Ptr = new(rng.Int32())
			}
		}
		dir := t.TempDir()
		p := stream.New("sorted")
		p.From(source.Slice(all)).To(parquetsink.Files[row](dir, "*.parquet", parquetsink.Sort("text", "-id")))
		require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
		names := list(t, filesystem.Dir(dir), ".", false)
		require.Len(t, names, 1)
		got, err := parquet.ReadFile[row](filepath.Join(dir, names[0]))
		require.NoError(t, err)
		slices.SortFunc(all, func(a, b row) int {
			switch {
			case a.Text == b.Text:
				return compare(b.ID, a.ID)
			case a.Text == "":
				return 1
			case b.Text == "":
				return -1
			}
			return compare(a.Text, b.Text)
		})
		require.Equal(t, all, got)
	}
}

func compare[T int64 | string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// A row that would spoil the file for others is refused, and the others are written.
func TestRefused(t *testing.T) {
	type row struct {
		Name string            `parquet:"name"`
		Dec  int32             `parquet:"dec,decimal(1:3)"`
		Nano time.Time         `parquet:"nano,timestamp(nanosecond)"`
		At   *time.Time        `parquet:"at"`
		Tags []string          `parquet:"tags,list"`
		Map  map[string]string `parquet:"map"`
		ID   string            `parquet:"id,uuid"`
		Raw  []byte            `parquet:"raw"`
		Text []byte            `parquet:"text,string"`
		Sub  struct {
			Inner string `parquet:"inner"`
		} `parquet:"sub"`
	}
	good := row{Name: "x", Nano: day, ID: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", Raw: []byte("\xff")}
	bad := []func(*row){
		func(r *row) { r.Name = "\xff" },
		func(r *row) { r.Dec = 1000 },
		func(r *row) { r.Dec = -1000 },
		func(r *row) { r.Nano = time.Time{} },
		func(r *row) { r.At = new(time.Date(400_000, 1, 1, 0, 0, 0, 0, time.UTC)) },
		func(r *row) { r.Tags = []string{"a", "\xc0"} },
		func(r *row) { r.Map = map[string]string{"a": "\xc0"} },
		func(r *row) { r.Map = map[string]string{"\xc0": ""} },
		func(r *row) { r.ID = "no uuid" },
		func(r *row) { r.Text = []byte{0x80} },
		func(r *row) { r.Sub.Inner = "\x80" },
	}
	rows := []row{good}
	for _, spoil := range bad {
		r := good
		spoil(&r)
		rows = append(rows, r, good)
	}
	dir := t.TempDir()
	write := func(opts ...stream.Option) error {
		p := stream.New("refused")
		p.From(source.Slice(rows)).To(parquetsink.Files[row](dir, "*.parquet"), opts...)
		return p.Run(t.Context(), stream.Shards(1))
	}
	assert.ErrorContains(t, write(), `column "name": the string is not UTF-8`)
	require.NoError(t, write(stream.SkipFailures()))
	names := list(t, filesystem.Dir(dir), ".", false)
	assert.EqualValues(t, len(bad)+1, open(t, filesystem.Dir(dir), names[len(names)-1]).NumRows())
}

// What a program gets wrong is said at once.
func TestPanics(t *testing.T) {
	type date struct {
		A *time.Time `parquet:"a,date"`
	}
	type clock struct {
		A time.Duration `parquet:"a,time(millisecond)"`
	}
	for name, f := range map[string]func(){
		"no struct":  func() { parquetsink.Files[int]("x", "*") },
		"no field":   func() { parquetsink.Files[struct{ a int }]("x", "*") },
		"name":       func() { parquetsink.Files[sale]("x", "name") },
		"nil system": func() { parquetsink.FilesIn[sale](nil, "*") },
		"gz":         func() { parquetsink.Files[sale]("x", "*.parquet.gz") },
		"zst":        func() { parquetsink.Files[sale]("x", "*.zst") },
		"nil option": func() { parquetsink.Files[sale]("x", "*", nil) },
		"date":       func() { parquetsink.Files[date]("x", "*") },
		"time":       func() { parquetsink.Files[clock]("x", "*") },
		"sort":       func() { parquetsink.Files[sale]("x", "*", parquetsink.Sort("nothing")) },
		"bloom":      func() { parquetsink.Files[sale]("x", "*", parquetsink.Bloom("nothing", 10)) },
		"bits":       func() { parquetsink.Bloom("id", 0) },
		"codec":      func() { parquetsink.Compression(17) },
		"row group":  func() { parquetsink.RowGroup(0, 1) },
		"roll":       func() { sink.RollRows(0) },
		"tag": func() {
			parquetsink.Files[struct {
				A int `parquet:"a,nonsense"`
			}]("x", "*")
		},
	} {
		assert.Panics(t, f, name)
	}
	assert.Equal(t, filepath.Join("x", "*"), fmt.Sprint(parquetsink.Files[sale]("x", "*")))
}

func TestDays(t *testing.T) {
	assert.EqualValues(t, 0, parquetsink.Days(time.Unix(0, 0).UTC()))
	assert.EqualValues(t, -1, parquetsink.Days(time.Unix(-1, 0).UTC()))
	assert.EqualValues(t, 1, parquetsink.Days(time.Date(1970, 1, 2, 23, 0, 0, 0, time.FixedZone("", -8*3600))))
}
