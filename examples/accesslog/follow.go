package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/freshet-go/freshet/source/logfile"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// refresh is how often the page is made anew.
const refresh = 500 * time.Millisecond

// follow runs the pipeline over a log that is being written, and shows on w what it has
// found so far. With a folder for its state it goes on where it was stopped.
func follow(ctx context.Context, w io.Writer, files []string, state string) error {
	if len(files) != 1 {
		return errors.New("-follow takes one file, or one glob in quotes")
	}
	p := stream.New("follow")
	var bad stream.Failures[[]byte]
	lines := p.From(logfile.Follow(files[0], codec.Access()), stream.Name("log"), stream.Divert(&bad))
	found := pipeline(lines, bad.Stream(), window.EarlyEvery(refresh))

	shown, stop := context.WithCancel(ctx)
	var page sync.WaitGroup
	page.Go(func() { found.show(shown, w, files[0]) })
	defer page.Wait()
	defer stop()
	var opts []stream.RunOption
	if state != "" {
		opts = append(opts, stream.Checkpoints(checkpoint.Dir(state), 5*time.Second))
	}
	if err := p.Run(ctx, opts...); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil // it was told to stop
}

// toTop has a terminal write over what it shows.
const toTop = "\x1b[H\x1b[J"

// show prints the page again and again, until ctx ends.
func (f *found) show(ctx context.Context, w io.Writer, name string) {
	ticker := time.NewTicker(refresh)
	defer ticker.Stop()
	loaded := false
	for {
		select {
		case now := <-ticker.C:
			if !loaded { // not before the run has begun
				loaded = f.load(ctx) == nil
			}
			fmt.Fprintf(w, "%s%s at %s\n\n", toTop, name, now.Format(time.TimeOnly))
			f.print(w)
		case <-ctx.Done():
			return
		}
	}
}
