package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/freshet-go/freshet/stream"
)

// folderVariable tells workers which folder the first process has made.
const folderVariable = "SALES_FOLDER"

// A cluster is where the day is added up when it is not this process.
type cluster struct {
	shared  string // a folder that all machines see under that name; "" is for a cluster on this machine
	commits bool   // what sinks write appears when it is committed
	// run runs the pipeline there. Workers are to have the variable.
	run func(ctx context.Context, p *stream.Pipeline, variable, value string) error
}

// report has a cluster add up the files, or a made-up day if there are none. Results, and the day, are in a folder below shared.
func (c cluster) report(ctx context.Context, w io.Writer, page string, names []string, seed uint64, lines int) error {
	folder := os.Getenv(folderVariable)
	begins := folder == "" // a worker comes here, too, and finds what the first process has made
	var books *day
	if begins {
		var err error
		if folder, err = os.MkdirTemp(c.shared, "sales-"); err != nil {
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
	found := pipelineOf(&found{folder: folder, commits: c.commits}, orders, unreadable)
	if err := c.run(ctx, p, folderVariable, folder); err != nil {
		return err
	}
	if err := found.fetch(ctx); err != nil {
		return err
	}
	return found.report(w, page, books)
}

// changes returns a function that prints what differs from what it has printed last.
func changes(w io.Writer) func(string) {
	last := ""
	return func(now string) {
		if now != last {
			fmt.Fprintln(w, now)
			last = now
		}
	}
}
