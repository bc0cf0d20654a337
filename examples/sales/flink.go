package main

import (
	"context"
	"fmt"
	"os"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/flink"
)

// onFlink is a cluster of Flink, by the address of its REST interface.
func onFlink(address, shared string, opts ...flink.Option) cluster {
	return cluster{shared: shared, run: func(ctx context.Context, p *stream.Pipeline, variable, value string) error {
		said := changes(os.Stderr)
		opts := append([]flink.Option{
			flink.Environment(variable, value),
			flink.Progress(func(j flink.Job) { said(fmt.Sprint("job ", j.State, " ", j.ID)) }),
		}, opts...)
		return flink.Run(ctx, p, flink.Cluster(address), opts...)
	}}
}
