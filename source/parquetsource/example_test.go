package parquetsource_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/parquetsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/window"
)

// A Sale names three of the columns that there are.
type Sale struct {
	Shop   string    `parquet:"shop"`
	Amount int64     `parquet:"amount,decimal(2:18)"` // cents
	At     time.Time `parquet:"at,timestamp(microsecond)"`
}

// lake makes a folder with the sales of two days, as another program may have left it.
func lake() string {
	type row struct {
		ID     int64     `parquet:"id"`
		Shop   string    `parquet:"shop,dict"`
		Amount int64     `parquet:"amount,decimal(2:18)"`
		At     time.Time `parquet:"at,timestamp(microsecond)"`
	}
	dir, err := os.MkdirTemp("", "lake")
	if err != nil {
		panic(err)
	}
	for d := range 2 {
		var rows []row
		for i := range 6 {
			at := time.Date(2026, 11, 28+d, 4*i, 0, 0, 0, time.UTC)
			rows = append(rows, row{int64(6*d + i), []string{"north", "south"}[i%2], int64(100 * (i + 1)), at})
		}
		if err := parquet.WriteFile(fmt.Sprintf("%s/sales-%d.parquet", dir, d), rows, parquet.MaxRowsPerRowGroup(3)); err != nil {
			panic(err)
		}
	}
	return dir
}

func ExampleFiles() {
	dir := lake()
	defer os.RemoveAll(dir)

	p := stream.New("sales")
	p.From(parquetsource.Files[Sale](os.DirFS(dir), "*.parquet")).
		EventTime(func(s Sale) time.Time { return s.At }, stream.Disorder(0)).
		KeyBy(func(s Sale) string { return s.Shop }).
		Window(window.Tumbling(24 * time.Hour)).
		Aggregate(window.Sum(func(s Sale) int64 { return s.Amount })).
		To(sink.Func(func(_ context.Context, e stream.Event[stream.Pane[string, int64]]) error {
			fmt.Println(e.Value.Start.Format(time.DateOnly), e.Value.Key, e.Value.Value)
			return nil
		}))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// 2026-11-28 north 900
	// 2026-11-28 south 1200
	// 2026-11-29 north 900
	// 2026-11-29 south 1200
}

func ExampleFilesIn() {
	dir := lake()
	defer os.RemoveAll(dir)

	p := stream.New("count")
	sales := sink.Collect[Sale]()
	p.From(parquetsource.FilesIn[Sale](filesystem.Dir(dir), "**/*.parquet", parquetsource.InOrder())).To(sales)
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(sales.Values()))
	// Output: 12
}

// Of four row groups one has sales of the evening of the 28th.
func ExampleBetween() {
	dir := lake()
	defer os.RemoveAll(dir)

	from := time.Date(2026, 11, 28, 15, 0, 0, 0, time.UTC)
	to := from.Add(9 * time.Hour)
	p := stream.New("evening")
	p.From(parquetsource.Files[Sale](os.DirFS(dir), "*.parquet", parquetsource.Between("at", from, to))).
		Tap(func(s Sale) { fmt.Println("read", s.At.Format("02 15:04")) }).
		Filter(func(s Sale) bool { return !s.At.Before(from) && s.At.Before(to) }).
		To(sink.Func(func(_ context.Context, e stream.Event[Sale]) error {
			fmt.Println("wanted", e.Value.At.Format("02 15:04"))
			return nil
		}))
	if err := p.Run(context.Background(), stream.Shards(1), stream.BatchSize(1)); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// read 28 12:00
	// read 28 16:00
	// wanted 28 16:00
	// read 28 20:00
	// wanted 28 20:00
}

// The column need not be one of the struct.
func ExampleEqual() {
	dir := lake()
	defer os.RemoveAll(dir)

	p := stream.New("one")
	sales := sink.Collect[Sale]()
	p.From(parquetsource.Files[Sale](os.DirFS(dir), "*.parquet", parquetsource.Equal("id", 7))).To(sales)
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(sales.Values()), "rows, of the row group that may have it")
	// Output: 3 rows, of the row group that may have it
}

func ExampleSkipCorrupt() {
	dir := lake()
	defer os.RemoveAll(dir)
	if err := os.WriteFile(dir+"/torn.parquet", []byte("PAR1 and no more, as the writer was killed"), 0o666); err != nil {
		panic(err)
	}

	p := stream.New("rest")
	sales := sink.Collect[Sale]()
	p.From(parquetsource.Files[Sale](os.DirFS(dir), "*.parquet", parquetsource.SkipCorrupt(func(e *source.ReadError) error {
		fmt.Println("passed over at the", e.Offset)
		return nil
	}))).To(sales)
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(sales.Values()))
	// Output:
	// passed over at the footer
	// 12
}
