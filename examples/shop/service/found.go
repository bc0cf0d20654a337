package service

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"
)

// found are the figures that the service shows, in the database and in Redis.
func (s Shop) found(ctx context.Context) (Figures, error) {
	f := newFigures()
	for _, read := range []func(context.Context, Figures) error{s.readTables, s.readBoards, s.readAlerts, s.readCounters} {
		if err := read(ctx, f); err != nil {
			return nil, err
		}
	}
	for _, r := range s.Results {
		if err := r.Found(ctx, s, f); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (s Shop) readTables(ctx context.Context, f Figures) error {
	var h Hour
	if err := s.each(ctx, "SELECT hour, visits, bought FROM conversion", func() { f.conversion(h) }, &h.Start, &h.Visits, &h.Bought); err != nil {
		return err
	}
	var m Minute
	if err := s.each(ctx, "SELECT minute, orders, cents FROM revenue", func() { f.revenue(m) }, &m.Start, &m.Orders, &m.Cents); err != nil {
		return err
	}
	var c Cart
	return s.each(ctx, "SELECT visitor, items, cents, touched FROM abandoned_carts", func() { f.abandoned(c) }, &c.Visitor, &c.Items, &c.Cents, &c.At)
}

// each calls f for each row of a query, whose columns are in dest then.
func (s Shop) each(ctx context.Context, query string, f func(), dest ...any) error {
	rows, err := s.DB.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return fmt.Errorf("%s: %w", query, err)
		}
		f()
	}
	return rows.Err()
}

func (s Shop) readBoards(ctx context.Context, f Figures) error {
	keys, err := s.redis.Keys(ctx, "top:*").Result()
	if err != nil {
		return err
	}
	for _, key := range keys {
		members, err := s.redis.ZRangeWithScores(ctx, key, 0, -1).Result()
		if err != nil {
			return err
		}
		units := map[string]int64{}
		for _, m := range members {
			units[fmt.Sprint(m.Member)] = int64(m.Score)
		}
		f.board(key, units)
	}
	return nil
}

func (s Shop) readAlerts(ctx context.Context, f Figures) error {
	keys, err := s.redis.Keys(ctx, "low:*").Result()
	if err != nil {
		return err
	}
	for _, key := range keys {
		low := Stock{SKU: strings.TrimPrefix(key, "low:")}
		low.Units, err = s.redis.HGet(ctx, key, "units").Int64()
		if errors.Is(err, redis.Nil) {
			continue // there is enough again
		}
		if err != nil {
			return err
		}
		f.alert(low)
	}
	return nil
}

func (s Shop) readCounters(ctx context.Context, f Figures) error {
	counts, err := s.redis.HGetAll(ctx, "counters").Result()
	for name, n := range counts {
		f.Count(name, n)
	}
	return err
}
