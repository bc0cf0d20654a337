package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/freshet-go/freshet/stream"
)

// deadLetters counts items that failed the check and keeps the first few.
type deadLetters struct {
	count int64
	first []stream.Failed[Item]
}

func (d *deadLetters) add(_ context.Context, e stream.Event[stream.Failed[Item]]) error {
	d.count++
	d.first = append(d.first, e.Value)
	slices.SortFunc(d.first, func(a, b stream.Failed[Item]) int {
		return cmp.Or(a.Value.at.Compare(b.Value.at), cmp.Compare(a.Value.cart, b.Value.cart))
	})
	d.first = d.first[:min(len(d.first), 3)]
	return nil
}
