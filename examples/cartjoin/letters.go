package main

import (
	"context"
	"sort"

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
	sort.Slice(d.first, func(i, j int) bool {
		a, b := d.first[i].Value, d.first[j].Value
		return a.at.Before(b.at) || a.at.Equal(b.at) && a.cart < b.cart
	})
	d.first = d.first[:min(len(d.first), 3)]
	return nil
}
