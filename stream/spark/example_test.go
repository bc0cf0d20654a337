package spark_test

import (
	"context"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/spark"
	"github.com/freshet-go/freshet/window"
)

// A program that runs in one process, and as a batch of Spark where it is given a master.
func ExampleRun() {
	master := flag.String("spark", "", "Spark's master: spark://host:7077, yarn, local[4]")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	p := stream.New("sums")
	p.From(source.Files(os.DirFS("/shared"), "sales-*.jsonl", codec.JSON[sale]())).
		EventTime(sale.time, stream.Disorder(5*time.Second)).
		KeyBy(sale.shop).
		Window(window.Tumbling(time.Minute), stream.Name("minutes")).
		Aggregate(window.Sum(sale.amount)).
		Map(func(p stream.Pane[string, int]) string { return fmt.Sprint(p.Key, " ", p.Value) }).
		To(sink.Files("/shared/minutes", "minutes-*.txt", codec.Lines()))

	var err error
	if *master == "" {
		err = p.Run(ctx)
	} else {
		err = spark.Run(ctx, p, spark.Master(*master), spark.Parallelism(16), spark.Logger(slog.Default()))
	}
	if err != nil {
		log.Fatal(err)
	}
}

// A pipeline that cannot run on Spark is refused, with the operator's name, why, and what to do.
func ExampleAllow() {
	p := stream.New("letters")
	p.From(source.Generate(26, func(i int64) string { return string(rune('a' + i)) })).
		To(sink.Func(func(context.Context, stream.Event[string]) error { return nil }), stream.Name("calls"))
	home, err := os.MkdirTemp("", "spark-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(home)
	if err := os.MkdirAll(home+"/bin", 0o700); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(home+"/bin/spark-submit", nil, 0o700); err != nil {
		log.Fatal(err)
	}
	fmt.Println(spark.Run(context.Background(), p, "local[2]", spark.Home(home)))
	// Output:
	// spark: calls of pipeline "letters" cannot run on Spark: its function is called in other processes, and what it keeps in memory is lost with them. Use one that every machine of the cluster reaches, or give the option Allow("calls") if it does its work in any process
}
