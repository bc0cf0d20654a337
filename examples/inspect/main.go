// Inspect prints what is in a directory of checkpoints: for each, newest
// first, how far sources had been read, and the keys, bytes and watermark of each
// operator with state. A run may be using the directory meanwhile.
//
//	go run ./examples/inspect DIR
//	go run ./examples/inspect -all DIR    # with each partition of the sources
//
// Without a directory it runs a small pipeline with checkpoints first, stops
// it halfway, and prints its checkpoints. The exit status is 1 if a checkpoint cannot be
// read.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

func main() {
	all := flag.Bool("all", false, "print each partition of the sources")
	flag.Parse()
	if err := run(os.Stdout, flag.Arg(0), *all); err != nil {
		fmt.Fprintln(os.Stderr, "inspect:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, dir string, all bool) error {
	if dir == "" {
		made, err := os.MkdirTemp("", "checkpoints")
		if err != nil {
			return err
		}
		defer os.RemoveAll(made)
		if err := takings(context.Background(), made); !errors.Is(err, errHalfway) {
			return err
		}
		dir = made
	}
	manifests, err := checkpoint.Inspect(checkpoint.Dir(dir))
	for _, m := range manifests {
		if err := show(w, m, all); err != nil {
			return err
		}
	}
	if len(manifests) == 0 && err == nil {
		fmt.Fprintln(w, "no checkpoints in", dir)
	}
	return err
}

// show prints one checkpoint.
func show(w io.Writer, m *checkpoint.Manifest, all bool) error {
	what := "checkpoint"
	if m.Savepoint != "" {
		what = fmt.Sprintf("savepoint %q", m.Savepoint)
	}
	end := ""
	if m.Final {
		end = ", all sources read to their ends"
	}
	fmt.Fprintf(w, "%s %d of %q, taken %s on %d shards%s\n\n", what, m.ID, m.Pipeline, m.Taken.UTC().Format(time.DateTime), m.Shards, end)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "source\tpartitions\tended\tevents\t")
	for _, s := range sources(m) {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t\n", s.name, s.partitions, s.ended, s.events)
	}
	if all {
		fmt.Fprintln(table, "\npartition\toffset\tended\tevents\t")
		for _, s := range m.Sources {
			fmt.Fprintf(table, "%s %s\t%s\t%t\t%d\t\n", s.Operator, s.Partition, s.Offset, s.Done, s.Count)
		}
	}
	fmt.Fprintln(table, "\noperator\tkeys\tbytes\twatermark\t")
	for _, o := range m.Operators {
		fmt.Fprintf(table, "%s\t%d\t%d\t%s\t\n", o.Name, o.Keys, o.Bytes, watermark(o.Watermark))
	}
	fmt.Fprintln(table)
	return table.Flush()
}

// A summary is what the partitions of a source come to.
type summary struct {
	name              string
	partitions, ended int
	events            uint64
}

func sources(m *checkpoint.Manifest) (all []*summary) {
	named := map[string]*summary{}
	for _, s := range m.Sources {
		x := named[s.Operator]
		if x == nil {
			x = &summary{name: s.Operator}
			named[s.Operator] = x
			all = append(all, x)
		}
		x.partitions++
		x.events += s.Count
		if s.Done {
			x.ended++
		}
	}
	return all
}

func watermark(ns int64) string {
	switch wm := window.Time(ns); wm {
	case window.MinTime:
		return "none yet"
	case window.MaxTime:
		return "the end"
	default:
		return strings.TrimSuffix(wm.Std().UTC().Format("2006-01-02 15:04:05.000"), ".000")
	}
}
