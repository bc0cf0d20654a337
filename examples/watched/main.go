// Watched is a service whose pipeline is seen where a company sees its other
// services: Prometheus scrapes it, OpenTelemetry gets its spans and metrics, and its log has the
// ids of traces.
//
//	go run ./examples/watched                        metrics on http://127.0.0.1:9464/metrics, until interrupted
//	go run ./examples/watched -for 5s                for five seconds, and what was counted at the end
//	go run ./examples/watched -otlp 127.0.0.1:4318   spans and metrics to a collector as well
//	go run ./examples/watched -rules > alerts.yml    the alert rules, for rule_files of Prometheus
//
// The orders of three tills are made up: one in a thousand has a negative price, which the pipeline fails on and
// leaves out.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/freshet-go/freshet/stream/promstats"
)

func main() {
	var c settings
	flag.StringVar(&c.listen, "listen", "127.0.0.1:9464", "address of /metrics")
	flag.StringVar(&c.otlp, "otlp", "", "host and port of an OTLP receiver by HTTP, without TLS")
	flag.DurationVar(&c.lasts, "for", 0, "end after so long; 0 for when interrupted")
	flag.Float64Var(&c.rate, "rate", 5000, "orders a second")
	rules := flag.Bool("rules", false, "print the alert rules")
	flag.Parse()
	if *rules {
		fmt.Print(promstats.Rules())
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Stderr, c); err != nil {
		fmt.Fprintln(os.Stderr, "watched:", err)
		os.Exit(1)
	}
}

type settings struct {
	listen, otlp string
	lasts        time.Duration
	rate         float64
}

// run runs the pipeline and all that watches it, and prints at the end what was counted.
func run(ctx context.Context, out, log io.Writer, c settings) (err error) {
	if c.lasts > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.lasts)
		defer cancel()
	}
	p := pipeline(c.rate)
	w, err := watch(ctx, p, log, c)
	if err != nil {
		return err
	}
	defer func() {
		if e := w.close(); err == nil {
			err = e
		}
	}()
	fmt.Fprintf(out, "metrics on http://%s/metrics\n", w.addr)
	if err := p.Run(ctx, w.options...); err != nil && ctx.Err() == nil {
		return err
	}
	s := p.Stats()
	orders, _ := s.Operator("orders")
	priced, _ := s.Operator("priced")
	fmt.Fprintf(out, "%d orders, %d of them without a price, %d checkpoints\n", orders.Out, priced.Failed, s.Checkpoints.Made)
	return nil
}
