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
		said := changes(os.Stderr)
		opts := append([]spark.Option{
			spark.Environment(variable, value),
			spark.Progress(func(j spark.Job) { said(fmt.Sprint("job ", j.State, " ", j.ID)) }),
		}, opts...)
		return spark.Run(ctx, p, spark.Master(master), opts...)
	}}
}
