package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/freshet-go/freshet/examples/internal/exampletest"
	"github.com/freshet-go/freshet/stream"
)

func TestMadeUpDay(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), &out, newDay(1, 4_000)); err != nil {
		t.Error(err)
	}
	exampletest.Golden(t, "report.txt", out.Bytes())
}

func TestOtherDays(t *testing.T) {
	for seed := range uint64(10) {
		var out bytes.Buffer
		if err := run(t.Context(), &out, newDay(seed, 500), stream.Shards(3)); err != nil {
			t.Errorf("seed %d: %v\n%s", seed, err, out.String())
		}
	}
}

func TestUnchanged(t *testing.T) {
	d := newDay(3, 2_000)
	exampletest.Unchanged(t, func(ctx context.Context, r exampletest.Replay) string {
		p := stream.New("cartjoin")
		// The generator's delay and this one are within what the pipeline allows for.
		const within = disorder - delay
		found := pipeline(
			p.From(r.Source(Item.PutAt, within, d.items...)),
			p.From(r.Source(Order.PlacedAt, within, d.orders)),
			p.From(r.Source(Price.ValidFrom, within, d.prices)),
		)
		if err := p.Run(ctx, r.Options()...); err != nil {
			return err.Error()
		}
		var out strings.Builder
		found.print(&out)
		if err := d.check(&out, found); err != nil {
			t.Error(err)
		}
		return out.String()
	})
}
