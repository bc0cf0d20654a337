// Accesslog reads the access log of a web server and says what was asked for:
// by status, method and path, how many bytes it took, and in which sessions.
//
//	go run ./examples/accesslog            a log made up for the purpose
//	go run ./examples/accesslog FILE...    logs of Apache or nginx, rotated ones in the order of their names
//	go run ./examples/accesslog -follow FILE
//	                                       a log that is being written, and rotated: a page that is kept up to date
//
// With -html FILE the report is a page with charts, too. Files may end in .gz or .zst. Who asked is personal data: clients are
// counted, and their addresses are never printed.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/freshet-go/freshet/stream"
	_ "github.com/freshet-go/freshet/stream/filesystem/zstdfiles" // .zst
)

func main() {
	seed := flag.Uint64("seed", 1, "of the made-up log")
	visits := flag.Int("visits", 10_000, "in the made-up log")
	following := flag.Bool("follow", false, "follow the log while it is written, until interrupted")
	state := flag.String("state", "", "with -follow, a folder for checkpoints, to go on from after a stop")
	page := flag.String("html", "", "write the report to this `file` too, as a page with charts")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	var err error
	if *following {
		err = follow(ctx, os.Stdout, flag.Args(), *state)
	} else if flag.NArg() > 0 {
		err = report(ctx, os.Stdout, *page, flag.Args(), nil, stream.Progress(os.Stderr))
	} else {
		err = madeUpLog(ctx, os.Stdout, *page, *seed, *visits, stream.Progress(os.Stderr))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "accesslog:", err)
		os.Exit(1)
	}
}

// madeUpLog makes a log, and reports it as any other.
func madeUpLog(ctx context.Context, w io.Writer, page string, seed uint64, visits int, opts ...stream.RunOption) error {
	dir, err := os.MkdirTemp("", "accesslog-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	log := newLog(seed, visits)
	file, err := log.write(dir)
	if err != nil {
		return err
	}
	return report(ctx, w, page, []string{file}, log, opts...)
}

// report runs the pipeline over the files and prints what it found, and writes it
// to a page if that has a name. It compares that with the books, if there are any.
func report(ctx context.Context, w io.Writer, page string, files []string, books *madeUp, opts ...stream.RunOption) error {
	p := stream.New("accesslog")
	found := pipeline(read(p, files))
	if err := p.Run(ctx, opts...); err != nil {
		return err
	}
	found.print(w)
	if page != "" {
		if err := found.writePage(page); err != nil {
			return err
		}
	}
	if books == nil {
		return nil
	}
	return books.check(w, found)
}
