package flink_test

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
	"github.com/freshet-go/freshet/stream/flink"
	"github.com/freshet-go/freshet/window"
)

// A program that runs in one process, and on a cluster where it is given one.
func ExampleRun() {
	cluster := flag.String("flink", "", "the cluster's address")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	p := stream.New("sums")
	p.From(source.Files(os.DirFS("/shared"), "sales-*.jsonl", codec.JSON[sale]())).
		EventTime(sale.time, stream.Disorder(5*time.Second)).
		KeyBy(sale.shop).
		Window(window.Tumbling(time.Minute), stream.Name("minutes")).
		Aggregate(window.Sum(sale.amount)).
		To(sink.Discard[stream.Pane[string, int]]()) // a database

	var err error
	if *cluster == "" {
		err = p.Run(ctx)
	} else {
		err = flink.Run(ctx, p, flink.Cluster(*cluster),
			flink.Checkpoints(10*time.Second),
			flink.StopWithSavepoint("", func(path string) { fmt.Println("go on from", path) }),
			flink.Logger(slog.Default()))
	}
	if err != nil {
		log.Fatal(err)
	}
}

// A pipeline that cannot run on a cluster is refused, with the operator's name, why, and what to do.
func ExampleAllow() {
	p := stream.New("letters")
	p.From(source.Slice([]string{"a", "b"}), stream.Name("letters")).To(sink.Collect[string](), stream.Name("collected"))
	cluster := fakeCluster()
	defer cluster.Close()
	fmt.Println(flink.Run(context.Background(), p, flink.Cluster(cluster.URL), flink.Allow("letters")))
	// Output:
	// flink: collected of pipeline "letters" cannot run on Flink: what it collects is in the memory of one process. Use one that every machine of the cluster reaches, or give the option Allow("collected") if it does its work in any process
}
