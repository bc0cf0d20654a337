package main

import (
	"context"
	"fmt"
	"os"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/spark"
)

// onSpark is a batch on a cluster of Spark, by its master.
func onSpark(master, shared string, opts ...spark.Option) cluster {
	return cluster{shared: shared, commits: true, run: func(ctx context.Context, p *stream.Pipeline, variable, value string) error {
		last := ""
		opts := append([]spark.Option{
			spark.Environment(variable, value),
			spark.Progress(func(j spark.Job) {
				if now := fmt.Sprint(j.State, " ", j.ID); now != last {
					fmt.Fprintln(os.Stderr, "job", now)
					last = now
				}
			}),
		}, opts...)
		return spark.Run(ctx, p, spark.Master(master), opts...)
	}}
}
