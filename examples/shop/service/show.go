package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

// shards are those of one service after the other. All but the last one are killed.
var shards = []int{1, 3, 2}

const (
	// A service is killed when it has had its share of the traffic and shown something new, or has had that long.
	longest = 10 * time.Second
	// When no traffic comes any more, results are waited for that long.
	settling = time.Minute
)

// show has the traffic of a day come in so much time, runs the service in processes of its own, kills
// it twice on the way, and compares its results with the books.
func show(ctx context.Context, w io.Writer, a address, dir string, d Day) error {
	s, err := a.open()
	if err != nil {
		return err
	}
	defer s.close()
	t := newTraffic(d.Seed, d.Orders, s.lane())
	if err := s.prepare(ctx, t); err != nil {
		return err
	}
	fmt.Fprintf(w, "%v, in %v\n\n", t, d.Over)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	packers, err := beginTeam(ctx, a, s)
	if err != nil {
		return err
	}
	f := &feeder{Shop: s}
	fed := make(chan error, 1)
	go func() {
		err := f.feed(ctx, t, d.Over)
		if fed <- err; err != nil {
			cancel(err)
		}
	}()
	last, packers, err := killed(ctx, w, a, dir, f, packers, len(t))
	if err != nil {
		return err
	}
	if err := <-fed; err != nil {
		return errors.Join(err, last.kill())
	}

	books, at := s.books(t), time.Now()
	err = last.runs(ctx, func() (bool, error) {
		found, err := s.found(ctx)
		if err != nil || found.Equal(books) || time.Since(at) > settling {
			return true, err
		}
		return false, f.later(ctx)
	})
	if err = errors.Join(err, last.stop(), packers.stop()); err != nil {
		return err
	}
	fmt.Fprintf(w, "service %d, with stream.Shards(%d), goes on to the end\n", len(shards), shards[len(shards)-1])
	found, err := s.found(ctx)
	if err != nil {
		return err
	}
	found.print(w)
	return found.Check(w, books)
}

// lane is by which lane orders come.
func (s Shop) lane() laneFunc {
	if s.Orders == nil {
		return single
	}
	return s.Orders.Lane
}

// killed runs services until only the last one is left, which it returns. Each of the others is
// killed in the middle of its work, when it has had its share of the steps; one of the packers is, too, where there are some.
func killed(ctx context.Context, w io.Writer, a address, dir string, f *feeder, packers team, steps int) (*service, team, error) {
	for i, n := range shards {
		before, err := f.counted(ctx)
		if err != nil {
			return nil, nil, err
		}
		s, err := begin(ctx, a, "-serve", dir, "-shards", strconv.Itoa(n))
		if err != nil || i == len(shards)-1 {
			return s, packers, err
		}
		share, began := int64(steps*(i+1)/len(shards)), time.Now()
		var counted int64
		err = s.runs(ctx, func() (bool, error) {
			counted, err = f.counted(ctx)
			return f.done.Load() >= share && (counted > before || time.Since(began) > longest), err
		})
		if err = errors.Join(err, s.kill()); err != nil {
			return nil, nil, err
		}
		fmt.Fprintf(w, "service %d, with stream.Shards(%d), is killed when %s orders are in its revenue\n", i+1, n, thousands(counted))
		if packers, err = packers.lose(ctx, w, f.Shop); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, nil
}

// counted returns how many orders the revenue is of.
func (s Shop) counted(ctx context.Context) (n int64, err error) {
	err = s.DB.QueryRowContext(ctx, "SELECT COALESCE(SUM(orders), 0) FROM revenue").Scan(&n)
	return n, err
}
