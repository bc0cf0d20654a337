package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/flink"
)

// folderVariable tells workers which folder the first process has made.
const folderVariable = "SALES_FOLDER"

// onFlink has a cluster add up the files, or a made-up day if there are none. Results, and the day, are in a folder below shared, which all
// machines of the cluster have to see under that name; "" is for a cluster on this machine.
func onFlink(ctx context.Context, w io.Writer, cluster, shared, page string, names []string, seed uint64, lines int, opts ...flink.Option) error {
	folder := os.Getenv(folderVariable)
	begins := folder == "" // a worker comes here, too, and finds what the first process has made
	var books *day
	if begins {
		var err error
		if folder, err = os.MkdirTemp(shared, "sales-"); err != nil {
			return err
		}
		defer os.RemoveAll(folder)
	}
	if len(names) == 0 {
		for _, n := range dayFiles {
			names = append(names, filepath.Join(folder, n))
		}
		if begins {
			books = newDay(seed, lines)
			if _, err := books.write(folder); err != nil {
				return err
			}
		}
	}

	p := stream.New("sales")
	orders, unreadable := read(p, names)
	found := pipelineOf(&found{folder: folder}, orders, unreadable)
	last := ""
	opts = append([]flink.Option{
		flink.Environment(folderVariable, folder),
		flink.Progress(func(j flink.Job) {
			if now := fmt.Sprint(j.State, " ", j.ID); now != last {
				fmt.Fprintln(os.Stderr, "job", now)
				last = now
			}
		}),
	}, opts...)
	if err := flink.Run(ctx, p, flink.Cluster(cluster), opts...); err != nil {
		return err
	}
	if err := found.fetch(ctx); err != nil {
		return err
	}
	return found.report(w, page, books)
}
