package sink_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

type Sale struct {
	Shop   string    `json:"shop"`
	Amount float64   `json:"amount"`
	PaidAt time.Time `json:"paid_at"`
}

var sales = []Sale{
	{"north", 1204.5, time.Date(2026, 1, 31, 23, 59, 0, 0, time.UTC)},
	{"south", 98, time.Date(2026, 2, 1, 0, 1, 0, 0, time.UTC)},
}

// write runs a pipeline from values into a sink.
func write[T any](s stream.Sink[T], values ...T) {
	p := stream.New("example")
	p.From(of(values...)).To(s)
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
}

func ExampleTable() {
	write(sink.Table[Sale](os.Stdout), sales...)
	// Output:
	// shop   amount  paid_at
	// north  1204.5  2026-01-31 23:59:00
	// south      98  2026-02-01 00:01:00
}

func ExampleJSONLines() {
	write(sink.JSONLines[Sale](os.Stdout), sales...)
	// Output:
	// {"shop":"north","amount":1204.5,"paid_at":"2026-01-31T23:59:00Z"}
	// {"shop":"south","amount":98,"paid_at":"2026-02-01T00:01:00Z"}
}

func ExampleCSV() {
	write(sink.CSV[Sale](os.Stdout), sales...)
	// Output:
	// Shop,Amount,PaidAt
	// north,1204.5,2026-01-31T23:59:00Z
	// south,98,2026-02-01T00:01:00Z
}

func ExampleWriter() {
	write(sink.Writer(os.Stdout, codec.Lines()), "hello", "world")
	// Output:
	// hello
	// world
}

func ExampleFiles() {
	dir, err := os.MkdirTemp("", "sales")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	p := stream.New("sales")
	p.From(of(sales...)).
		EventTime(func(s Sale) time.Time { return s.PaidAt }).
		To(sink.Files(dir, "sales-*.jsonl", codec.JSON[Sale](), sink.RollEvery(24*time.Hour)))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range names {
		start, _, _ := strings.Cut(filepath.Base(name), "-000-") // behind it, a token of the run
		fmt.Println(start)
	}
	// Output:
	// sales-20260131T000000Z
	// sales-20260201T000000Z
}

func ExampleRollBy() {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "sales")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	// In New York all of them were made on 31 January.
	p := stream.New("sales")
	p.From(of(sales...)).
		EventTime(func(s Sale) time.Time { return s.PaidAt }).
		To(sink.Files(dir, "sales-*.jsonl", codec.JSON[Sale](), sink.RollBy(window.Calendar(window.Day, newYork))))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range names {
		start, _, _ := strings.Cut(filepath.Base(name), "-000-") // behind it, a token of the run
		fmt.Println(start)
	}
	// Output:
	// sales-20260131T050000Z
}

func ExampleCollect() {
	got := sink.Collect[string]()
	write(got, "hello", "world")
	fmt.Println(got.Values())
	// Output: [hello world]
}

func ExampleFunc() {
	write(sink.Func(func(_ context.Context, e stream.Event[string]) error {
		fmt.Println(e.Value)
		return nil
	}), "hello", "world")
	// Output:
	// hello
	// world
}

func ExampleDiscard() {
	write(sink.Discard[string](), "hello", "world")
	// Output:
}
