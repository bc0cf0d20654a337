package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/freshet-go/freshet/bench/peers/contest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

func key(s contest.Sale) int64      { return s.Key }
func amount(s contest.Sale) int64   { return s.Amount }
func at(s contest.Sale) stream.Time { return window.UnixMilli(s.At) }

// keyed adds up sales by key and minute.
func keyed(a contest.Args) (func() (contest.Result, error), error) {
	sales := &laps{parts: contest.Sales(a.Events, a.Threads), span: contest.Span(a.Events), laps: a.Laps}
	runs := 0
	return func() (contest.Result, error) {
		p := stream.New("keyed")
		totals := &adding{}
		p.From(sales).
			EventTime(at, stream.Disorder(contest.Late*time.Millisecond)).
			KeyBy(key).
			Window(window.Tumbling(time.Minute)).
			Aggregate(window.Sum(amount)).
			To(totals)
		opts := []stream.RunOption{stream.Shards(a.Threads)}
		if a.Saved != "" {
			runs++
			dir := filepath.Join(a.Saved, strconv.Itoa(runs))
			defer os.RemoveAll(dir)
			opts = append(opts, stream.Checkpoints(checkpoint.Dir(dir), time.Second))
		}
		if err := p.Run(context.Background(), opts...); err != nil {
			return nil, err
		}
		return totals.result(), nil
	}, nil
}
