// Onspark does the contests over files as the command freshet does, but has Apache Spark run the pipelines. SPARK_HOME names it. It is run by the
// command peers; package contest says how.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/freshet-go/freshet/bench/peers/contest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/spark"
	"github.com/freshet-go/freshet/window"
)

func main() {
	works := map[string]contest.Work{"sum": sum, "minutes": minutes}
	if err := contest.Run(works, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "onspark:", err)
		os.Exit(1)
	}
}

// results is the variable in which the workers find the folder of results.
const results = "ONSPARK_RESULTS"

// onSpark runs a pipeline, and gives each of its results. A worker does not return from it.
func onSpark[R any](a contest.Args, build func(sink stream.Sink[R]) *stream.Pipeline, each func(R)) error {
	to := os.Getenv(results)
	if to == "" {
		var err error
		if to, err = os.MkdirTemp("", "onspark"); err != nil {
			return err
		}
		defer os.RemoveAll(to)
	}
	p := build(sink.Files(to, "part-*.jsonl", codec.JSON[R]()))
	err := spark.Run(context.Background(), p, spark.Master(fmt.Sprintf("local[%d]", a.Threads)), spark.Parallelism(a.Threads), spark.Environment(results, to),
		spark.Setting("spark.driver.memory", "4g"), spark.Setting("spark.driver.host", "127.0.0.1"), spark.Setting("spark.driver.bindAddress", "127.0.0.1"),
		spark.Setting("spark.local.dir", to), spark.Setting("spark.ui.enabled", "false"))
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(to, "part-*.jsonl"))
	for _, name := range files {
		err = errors.Join(err, read(name, each))
	}
	return err
}

func read[R any](name string, each func(R)) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var r R
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return err
		}
		each(r)
	}
	return lines.Err()
}

// A priced order is what the sum needs of it.
type priced struct {
	Amount float64 `json:"amount"`
}

func (o priced) amount() float64    { return o.Amount }
func (priced) anyTime() stream.Time { return 0 }

// A total is what has been added up.
type total struct{ Amount float64 }

func sum(a contest.Args) (func() (contest.Result, error), error) {
	return func() (contest.Result, error) {
		all := 0.0
		err := onSpark(a, func(to stream.Sink[total]) *stream.Pipeline {
			p := stream.New("sum")
			p.From(source.Files(os.DirFS(a.Data), "orders-*.jsonl", codec.JSON[priced]())).
				EventTime(priced.anyTime).
				Window(window.Global()).
				Aggregate(window.SumFloat(priced.amount)).
				Map(func(pane stream.Pane[stream.NoKey, float64]) total { return total{pane.Value} }).
				To(to)
			return p
		}, func(t total) { all += t.Amount })
		return contest.Sum(all), err
	}, nil
}

// A sold order is what revenue by minute and category needs of it.
type sold struct {
	Category string    `json:"category"`
	Amount   float64   `json:"amount"`
	PaidAt   time.Time `json:"paid_at"`
}

func (o sold) category() string  { return o.Category }
func (o sold) amount() float64   { return o.Amount }
func (o sold) paidAt() time.Time { return o.PaidAt }

// An earned is a pane of a minute; a later one replaces the one before.
type earned struct {
	Minute   int64
	Category string
	Index    int
	Revenue  float64
}

func (e earned) cell() contest.Cell { return contest.Cell{Minute: e.Minute, Category: e.Category} }

func minutes(a contest.Args) (func() (contest.Result, error), error) {
	return func() (contest.Result, error) {
		last := map[contest.Cell]earned{}
		err := onSpark(a, func(to stream.Sink[earned]) *stream.Pipeline {
			p := stream.New("minutes")
			p.From(source.Files(os.DirFS(a.Data), "orders-*.jsonl", codec.JSON[sold]())).
				EventTime(sold.paidAt, stream.Disorder(5*time.Second)).
				KeyBy(sold.category).
				Window(window.Tumbling(time.Minute, window.Lateness(5*time.Minute))).
				Aggregate(window.SumFloat(sold.amount)).
				Map(func(pane stream.Pane[string, float64]) earned {
					return earned{pane.Start.Unix() / 60, pane.Key, pane.Index, pane.Value}
				}).
				To(to)
			return p
		}, func(e earned) {
			if was, ok := last[e.cell()]; !ok || e.Index > was.Index {
				last[e.cell()] = e
			}
		})
		revenue := map[contest.Cell]float64{}
		for c, e := range last {
			revenue[c] = e.Revenue
		}
		return contest.Cells(revenue), err
	}, nil
}
