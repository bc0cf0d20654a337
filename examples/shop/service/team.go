package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// So many packers run at once, in processes of their own, and share the orders: each packs those of its lanes. They hold nothing that another
// one would miss, so that any of them may go away, and the others take over.
const packers = 2

// pack is a packer.
func pack(ctx context.Context, a address, name string) error {
	s, err := a.open()
	if err != nil {
		return err
	}
	defer s.close()
	if s.Orders == nil {
		return errors.New("-pack: the orders of this shop cannot be shared")
	}
	p, lanes := s.Orders.Packing(s, name)
	go func() {
		for lanes() == 0 && ctx.Err() == nil {
			time.Sleep(10 * time.Millisecond)
		}
		fmt.Println(ready)
	}()
	if err = p.Run(ctx); errors.Is(err, context.Canceled) {
		return nil // all is packed that it had
	}
	return err
}

// A team are the packers of a shop; one without Orders has none.
type team []*service

// beginTeam starts them, and waits until each has lanes.
func beginTeam(ctx context.Context, a address, s Shop) (t team, err error) {
	if s.Orders == nil {
		return nil, nil
	}
	for i := range packers {
		one, err := begin(ctx, a, "-pack", fmt.Sprint("packer ", i+1))
		if err != nil {
			return nil, err
		}
		t = append(t, one)
	}
	return t, nil
}

// lose kills one of them when each has packed something, or has had long enough.
func (t team) lose(ctx context.Context, w io.Writer, s Shop) (team, error) {
	if len(t) < 2 {
		return t, nil
	}
	var packed map[string]int64
	began := time.Now()
	err := t[0].runs(ctx, func() (ok bool, err error) {
		packed, err = s.Orders.Packed(ctx, s)
		return len(packed) == len(t) || time.Since(began) > longest, err
	})
	if err = errors.Join(err, t[0].kill()); err != nil {
		return nil, err
	}
	fmt.Fprint(w, "packer 1 is killed")
	for i, name := range slices.Sorted(maps.Keys(packed)) {
		fmt.Fprint(w, []string{": ", ", "}[min(i, 1)], name, " has packed ", thousands(packed[name]))
	}
	fmt.Fprintln(w)
	return t[1:], nil
}

// stop has the others finish.
func (t team) stop() (err error) {
	for _, one := range t {
		err = errors.Join(err, one.stop())
	}
	return err
}
