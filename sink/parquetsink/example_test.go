package parquetsink_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/parquetsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/filesystem"
)

// A Sale is a row: the tags name the columns.
type Sale struct {
	Shop   string    `parquet:"shop,dict"`
	Amount int64     `parquet:"amount,decimal(2:18)"` // cents
	At     time.Time `parquet:"at"`
}

func someSales() []Sale {
	at := time.Date(2026, 11, 28, 22, 0, 0, 0, time.UTC)
	return []Sale{{"north", 1250, at}, {"south", 900, at.Add(time.Hour)}, {"north", 300, at.Add(3 * time.Hour)}}
}

// Files of a day each, every row exactly once.
func ExampleFiles() {
	dir, err := os.MkdirTemp("", "lake")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	p := stream.New("sales")
	p.From(source.Slice(someSales())).
		EventTime(func(s Sale) time.Time { return s.At }, stream.Disorder(time.Hour)).
		To(parquetsink.Files[Sale](dir, "sales-*.parquet", parquetsink.Roll(sink.RollEvery(24*time.Hour))))
	checkpoints := stream.Checkpoints(checkpoint.Dir(filepath.Join(dir, "checkpoints")), time.Second)
	if err := p.Run(context.Background(), checkpoints, stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*.parquet"))
	for _, name := range names {
		rows, err := parquet.ReadFile[Sale](name)
		fmt.Println(filepath.Base(name)[:len("sales-20261128")], len(rows), err)
	}
	// Output:
	// sales-20261128 2 <nil>
	// sales-20261129 1 <nil>
}

// Row groups that are sorted, compressed with Zstd, and have a Bloom filter.
func ExampleFilesIn() {
	dir, err := os.MkdirTemp("", "lake")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)

	p := stream.New("sales")
	p.From(source.Slice(someSales())).
		To(parquetsink.FilesIn[Sale](filesystem.Dir(dir), "*.parquet",
			parquetsink.Compression(parquetsink.Zstd), parquetsink.Sort("shop", "-at"), parquetsink.Bloom("shop", 10)))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*.parquet"))
	rows, err := parquet.ReadFile[Sale](names[0])
	for _, s := range rows {
		fmt.Println(s.Shop, s.Amount)
	}
	fmt.Println(err)
	// Output:
	// north 300
	// north 1250
	// south 900
	// <nil>
}

func ExampleDays() {
	type Holiday struct {
		Name string `parquet:"name"`
		Day  int32  `parquet:"day,date"`
	}
	h := Holiday{"Christmas", parquetsink.Days(time.Date(2026, 12, 25, 18, 0, 0, 0, time.Local))}
	fmt.Println(h.Day)
	// Output: 20812
}
