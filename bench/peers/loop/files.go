package main

import (
	"bufio"
	"encoding/json/v2"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/freshet-go/freshet/bench/peers/contest"
)

// sum adds up the amounts of all orders.
func sum(a contest.Args) (func() (contest.Result, error), error) {
	type order struct {
		Amount float64 `json:"amount"`
	}
	return func() (contest.Result, error) {
		all := 0.0
		err := eachLine(a, func() (func([]byte) error, func()) {
			part := 0.0
			return func(line []byte) error {
				var o order
				if err := json.Unmarshal(line, &o); err != nil {
					return err
				}
				part += o.Amount
				return nil
			}, func() { all += part }
		})
		return contest.Sum(all), err
	}, nil
}

// minutes adds up revenue by minute and category. It needs no event time, as it
// waits for the last line.
func minutes(a contest.Args) (func() (contest.Result, error), error) {
	type order struct {
		Category string    `json:"category"`
		Amount   float64   `json:"amount"`
		PaidAt   time.Time `json:"paid_at"`
	}
	return func() (contest.Result, error) {
		all := map[contest.Cell]float64{}
		err := eachLine(a, func() (func([]byte) error, func()) {
			part := map[contest.Cell]float64{}
			add := func(line []byte) error {
				var o order
				if err := json.Unmarshal(line, &o); err != nil {
					return err
				}
				part[contest.Cell{Minute: o.PaidAt.Unix() / 60, Category: o.Category}] += o.Amount
				return nil
			}
			return add, func() {
				for c, v := range part {
					all[c] += v
				}
			}
		})
		return contest.Cells(all), err
	}, nil
}

// eachLine has as many goroutines as there are threads, each of which takes a
// file after the other. Calls of merge do not overlap.
func eachLine(a contest.Args, worker func() (each func(line []byte) error, merge func())) error {
	names, err := filepath.Glob(filepath.Join(a.Data, "orders-*.jsonl"))
	if err != nil {
		return err
	}
	queue := make(chan string, len(names))
	for _, name := range names {
		queue <- name
	}
	close(queue)
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		first error
	)
	for range a.Threads {
		wg.Go(func() {
			each, merge := worker()
			var failed error
			for name := range queue {
				if failed = readLines(name, each); failed != nil {
					break
				}
			}
			mu.Lock()
			defer mu.Unlock()
			if first == nil {
				first = failed
			}
			merge()
		})
	}
	wg.Wait()
	return first
}

func readLines(name string, each func(line []byte) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(make([]byte, 256<<10), 1<<20)
	for n := 1; lines.Scan(); n++ {
		if err := each(lines.Bytes()); err != nil {
			return fmt.Errorf("%s line %d: %w", name, n, err)
		}
	}
	return lines.Err()
}
