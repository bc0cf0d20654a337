package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

var (
	opening  = time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	hosts    = []string{"shop.example", "api.example", "img.example"}
	statuses = []int{200, 200, 200, 200, 304, 404, 503}
)

// hitsOf makes up what comes by one way, and closes it.
func hitsOf(way string, n int, r *rand.Rand) []hit {
	hits := make([]hit, n+2)
	for i := range n {
		at := opening.Add(time.Duration(i) * 20 * time.Minute / time.Duration(n))
		hits[i] = hit{
			ID: fmt.Sprintf("%s-%d", way, i), Host: hosts[r.IntN(len(hosts))],
			Status: statuses[r.IntN(len(statuses))], At: at.Unix(),
		}
	}
	for i := range 2 {
		hits[n+i] = hit{ID: fmt.Sprintf("%s-closes-%d", way, i), Host: closing, Status: 200, At: opening.Add(time.Duration(i+1) * 12 * time.Hour).Unix()}
	}
	return hits
}

// Books are what the pipeline has to find.
type books map[row]bool

func booksOf(all [][]hit) books {
	type cell struct {
		minute time.Time
		answer
	}
	counts := map[cell]int64{}
	for _, hits := range all {
		for _, h := range hits {
			if h.Host != closing {
				counts[cell{h.time().Truncate(time.Minute), h.answer()}]++
			}
		}
	}
	b := books{}
	for c, n := range counts {
		b[row{c.minute, c.Host, c.Status, n}] = true
	}
	return b
}

// check compares the pipeline's results with the books.
func (b books) check(ctx context.Context, w io.Writer, results string) error {
	found := sink.Collect[row]()
	p := stream.New("check")
	p.From(source.Files(os.DirFS(results), "answers-*.csv", codec.CSV[row]())).To(found)
	if err := p.Run(ctx); err != nil {
		return err
	}
	seen, wrong, hits := books{}, 0, int64(0)
	for _, r := range found.Values() {
		r.Minute = r.Minute.UTC()
		if hits += r.Hits; !b[r] || seen[r] {
			if wrong++; wrong < 10 {
				fmt.Fprintf(w, "not in the books, or twice: %+v\n", r)
			}
		}
		seen[r] = true
	}
	for r := range b {
		if !seen[r] {
			if wrong++; wrong < 20 {
				fmt.Fprintf(w, "not found: %+v\n", r)
			}
		}
	}
	fmt.Fprintf(w, "%d hits in %d counts by minute, host and status\n", hits, len(found.Values()))
	if wrong > 0 {
		return fmt.Errorf("%d counts differ from the books", wrong)
	}
	fmt.Fprintln(w, "they are those of the books: ok")
	return nil
}
