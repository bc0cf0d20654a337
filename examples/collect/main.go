// Collect takes the same kind of event by four ways at once: from the log file of a web
// server, which is rotated; by Fluentd's Forward protocol; by Lumberjack, as Beats
// send; and by syslog, over RELP. It counts the answers of each
// minute and host.
//
//	go run ./examples/collect
//
// That starts a server or sender for each way, with requests whose answers it keeps books of, runs the
// pipeline in a process of its own, kills that twice in the middle, and
// compares what the pipeline has counted with the books in the end. Ways whose
// programs are not installed are left out, and named.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

func main() {
	var d doors
	flag.StringVar(&d.Log, "log", "", "with -serve, the log file to follow")
	flag.StringVar(&d.Forward, "forward", "", "with -serve, the address for Forward")
	flag.StringVar(&d.Beats, "beats", "", "with -serve, the address for Lumberjack")
	flag.StringVar(&d.RELP, "relp", "", "with -serve, the address for syslog over RELP")
	dir := flag.String("serve", "", "run the pipeline, with checkpoints and results in this folder, until told to stop")
	hits := flag.Int("hits", 10_000, "that each way carries")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	var err error
	if *dir != "" {
		err = serve(ctx, d, *dir)
	} else {
		err = show(ctx, os.Stdout, *hits)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "collect:", err)
		os.Exit(1)
	}
}

// allCounted is what a process prints when nothing more is to come.
const allCounted = "all has been counted"

// serve is what a service would do: it runs the pipeline, and goes on where the process before
// it was killed.
func serve(ctx context.Context, d doors, dir string) error {
	p := pipeline(d, resultsOf(dir), func() { fmt.Println(allCounted) })
	err := p.Run(ctx, stream.Checkpoints(checkpoint.Dir(checkpointsOf(dir)), 200*time.Millisecond))
	if errors.Is(err, context.Canceled) {
		return nil // it was told to stop, and has saved all
	}
	return err
}
