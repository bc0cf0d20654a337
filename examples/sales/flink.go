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
		last := ""
		opts := append([]flink.Option{
			flink.Environment(variable, value),
			flink.Progress(func(j flink.Job) {
				if now := fmt.Sprint(j.State, " ", j.ID); now != last {
					fmt.Fprintln(os.Stderr, "job", now)
					last = now
				}
			}),
		}, opts...)
		return flink.Run(ctx, p, flink.Cluster(address), opts...)
	}}
}
