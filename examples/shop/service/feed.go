package service

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"time"
)

// prepare makes what has to be there before the first visitor comes.
func (s Shop) prepare(ctx context.Context, t Traffic) error {
	for _, statement := range s.statements() {
		if _, err := s.DB.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	for sku, units := range initial() {
		if _, err := s.DB.ExecContext(ctx, "INSERT INTO stock (sku, units) VALUES (?, ?)", sku, units); err != nil {
			return err
		}
	}
	for _, r := range s.Results {
		if err := r.Prepare(ctx, s, t); err != nil {
			return err
		}
	}
	return os.WriteFile(s.log, nil, 0o644)
}

// A feeder does to a shop what its visitors would do.
type feeder struct {
	Shop
	done atomic.Int64 // steps
}

const tick = 20 * time.Millisecond

// feed does all steps, evenly over a time. In the middle the log is rotated.
func (f *feeder) feed(ctx context.Context, t Traffic, over time.Duration) error {
	pace := time.NewTicker(tick)
	defer pace.Stop()
	each := 1 + int(int64(len(t))*int64(tick)/max(1, int64(over)))
	for begin, rotated := 0, false; begin < len(t); begin += each {
		select {
		case <-pace.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if !rotated && begin > len(t)/2 {
			rotated = true
			if err := os.Rename(f.log, f.log+".1"); err != nil {
				return err
			}
		}
		end := min(begin+each, len(t))
		if err := f.do(ctx, t[begin:end]); err != nil {
			return err
		}
		f.done.Store(int64(end))
	}
	return nil
}

// do does some steps.
func (f *feeder) do(ctx context.Context, steps Traffic) error {
	log, err := os.OpenFile(f.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	carts := f.redis.Pipeline()
	var placed []*Order // elsewhere than in the table
	for _, s := range steps {
		switch {
		case s.hit != nil:
			_, err = fmt.Fprintf(log, "%.3f %s %q %d\n", float64(s.hit.At.UnixMilli())/1000, s.hit.Visitor, s.hit.Request, s.hit.Status)
		case s.cart != nil:
			carts.HSet(ctx, "cart:"+s.cart.Visitor, "visitor", s.cart.Visitor, "items", s.cart.Items, "cents", s.cart.Cents, "at", s.cart.At.UnixMilli())
		case s.gone != "":
			carts.Del(ctx, "cart:"+s.gone)
		case s.order != nil:
			if f.Orders != nil {
				placed = append(placed, s.order)
			}
			err = f.place(ctx, s.order)
		case s.delivery != nil:
			_, err = f.DB.ExecContext(ctx, "UPDATE stock SET units = units + ? WHERE sku = ?", s.delivery.Units, s.delivery.SKU)
		}
		if err != nil {
			return err
		}
	}
	if len(placed) > 0 {
		if err := f.Orders.Place(ctx, placed); err != nil {
			return err
		}
	}
	_, err = carts.Exec(ctx)
	return err
}

// place places an order, in one transaction with its stock; only that where the order itself goes elsewhere.
func (f *feeder) place(ctx context.Context, o *Order) error {
	tx, err := f.DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // nothing behind Commit
	if f.Orders == nil {
		const insert = "INSERT INTO orders (id, visitor, sku, category, units, cents, paid_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
		if _, err := tx.ExecContext(ctx, insert, o.ID, o.Visitor, o.SKU, o.Category, o.Units, o.Cents, o.PaidAt); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, "UPDATE stock SET units = units - ? WHERE sku = ?", o.Units, o.SKU); err != nil {
		return err
	}
	return tx.Commit()
}

// later touches the cart that closes the day, each time a minute later: time goes on in the shop.
func (f *feeder) later(ctx context.Context) error {
	return f.redis.HIncrBy(ctx, "cart:"+closing, "at", time.Minute.Milliseconds()).Err()
}
