// Sales reads the order lines of a shop, cleans them, and says what was sold:
// in total, by minute and by hour and category, which products sell best in a
// sliding hour, and how much was paid back.
//
//	go run ./examples/sales                    a day of orders made up for the purpose
//	go run ./examples/sales -orders FILE...    JSON lines as the day has, or the CSV of Online Retail
//	go run ./examples/sales -orders hdfs://namenode:8020/orders
//	                                           the same in HDFS, or webhdfs://namenode:9870/orders/*.jsonl
//	go run ./examples/sales -hdfs              a made-up day in an HDFS of this machine, with Java and Maven
//	go run ./examples/sales -flink host:8081   on a cluster of Apache Flink, whose machines see the files and the folder -shared under
//	                                           their names; the made-up day, or with -orders files
//	go run ./examples/sales -spark spark://host:7077
//	                                           the same as a batch of Apache Spark, by the master: spark://, yarn, local[4]; see SPARK_HOME
//	go run ./examples/sales -serve 127.0.0.1:8080
//	                                           the made-up day within two minutes, on a live page
//
// With -html FILE the report is a page with charts, too. Files may end in .gz or .zst. The made-up day has late orders and broken
// lines; what the generator knows of it, its books, is compared with what the
// pipeline found, and the exit status is 1 if they differ.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/freshet-go/freshet/stream"
	_ "github.com/freshet-go/freshet/stream/filesystem/zstdfiles" // .zst
)

func main() {
	first := flag.String("orders", "", "read order lines from this `file` and those behind it, or from an address of HDFS")
	inHDFS := flag.Bool("hdfs", false, "start an HDFS, put the made-up day into it, and read it from there")
	seed := flag.Uint64("seed", 1, "of the made-up day")
	lines := flag.Int("lines", 100_000, "in the made-up day")
	page := flag.String("html", "", "write the report to this `file` too, as a page with charts")
	live := flag.String("serve", "", "replay the made-up day, and show it on a live page at this `address`")
	address := flag.String("flink", "", "run on the cluster of Apache Flink at this `address` of its REST interface")
	master := flag.String("spark", "", "run as a batch of Apache Spark, with this `master`")
	shared := flag.String("shared", "", "a `folder` that all machines of the cluster see; the default is for a cluster on this machine")
	within := flag.Duration("within", 2*time.Minute, "how long the replay of the day takes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	var err error
	if *live != "" {
		err = serve(ctx, os.Stdout, *live, newDay(*seed, *lines), *within)
	} else if *address != "" || *master != "" {
		var names []string
		if *first != "" {
			names = append([]string{*first}, flag.Args()...)
		}
		where := onFlink(*address, *shared)
		if *master != "" {
			where = onSpark(*master, *shared)
		}
		err = where.report(ctx, os.Stdout, *page, names, *seed, *lines)
	} else if *inHDFS {
		err = dayInHDFS(ctx, os.Stdout, *page, *seed, *lines, stream.Progress(os.Stderr))
	} else if *first != "" {
		err = report(ctx, os.Stdout, *page, append([]string{*first}, flag.Args()...), nil, stream.Progress(os.Stderr))
	} else {
		err = madeUpDay(ctx, os.Stdout, *page, *seed, *lines, stream.Progress(os.Stderr))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sales:", err)
		os.Exit(1)
	}
}

// madeUpDay makes a day of orders, and reports it as any other.
func madeUpDay(ctx context.Context, w io.Writer, page string, seed uint64, lines int, opts ...stream.RunOption) error {
	dir, err := os.MkdirTemp("", "sales-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	day := newDay(seed, lines)
	files, err := day.write(dir)
	if err != nil {
		return err
	}
	return report(ctx, w, page, files, day, opts...)
}

// report runs the pipeline over the files and prints what it found, and writes it
// to a page if that has a name. It compares that with the books, if there are any.
func report(ctx context.Context, w io.Writer, page string, files []string, books *day, opts ...stream.RunOption) error {
	p := stream.New("sales")
	orders, unreadable := read(p, files)
	found := pipeline(orders, unreadable)
	if err := p.Run(ctx, opts...); err != nil {
		return err
	}
	return found.report(w, page, books)
}

// report prints what was found.
func (f *found) report(w io.Writer, page string, books *day) error {
	sum := f.summary()
	sum.print(w)
	if page != "" {
		if err := sum.writePage(page); err != nil {
			return err
		}
	}
	if books == nil {
		return nil
	}
	return books.check(w, sum)
}
