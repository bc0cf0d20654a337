package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/examples/internal/exampletest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// The books are right, whatever day it is.
func TestDays(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := show(t.Context(), &out, newDay(seed, 40))
			require.NoError(t, err, out.String())
			require.Contains(t, out.String(), "decisions that were asked for are those of the books")
			require.Equal(t, 5, strings.Count(out.String(), "  ok  "), "each kind of alert is in the books: %s", out.String())
			require.NotContains(t, out.String(), "DIFFER")
		})
	}
}

// The alerts are the same in whatever order payments come, at whatever speed, on any number of shards.
func TestUnchanged(t *testing.T) {
	d := newDay(3, 20)
	var logged [gateways][]Payment
	for _, s := range d.payments {
		logged[s.gateway] = append(logged[s.gateway], s.Payment)
	}
	exampletest.Unchanged(t, func(ctx context.Context, r exampletest.Replay) string {
		p := stream.New("fraud")
		var alerts sink.Collector[Alert]
		find(p.From(r.Source(Payment.at, disorder/3, logged[:]...)), p.From(source.Slice(slices.Concat(morning, change)))).To(&alerts)
		if err := p.Run(ctx, r.Options()...); err != nil {
			return err.Error()
		}
		var out strings.Builder
		if err := d.books.check(&out, alerts.Values()); err != nil {
			t.Error(err)
		}
		return out.String()
	})
}

// An alert that is missing, one that is there twice, and one that is not booked are found.
func TestWrongBooks(t *testing.T) {
	d := newDay(1, 10)
	var alerts []Alert
	for _, a := range d.books {
		alerts = append(alerts, a)
	}
	var out bytes.Buffer
	require.NoError(t, d.books.check(&out, alerts))
	for how, wrong := range map[string][]Alert{
		"missing":          alerts[1:],
		"twice":            append(alerts[:1:1], alerts...),
		"not in the books": append(alerts[:len(alerts):len(alerts)], Alert{Rule: tested, Who: "nobody"}),
	} {
		out.Reset()
		require.ErrorIs(t, d.books.check(&out, wrong), errBooks)
		require.Contains(t, out.String(), "DIFFER  "+how)
	}
}

// A line of the file of rules that is misspelt is no edit.
func TestEdits(t *testing.T) {
	line := codec.Message(codec.JSON[Edit]())
	var e Edit
	require.NoError(t, line.Decode([]byte(`{"from":"2026-11-27T12:00:00Z","rule":"much money","measure":"cents","limit":60000}`), &e))
	require.Equal(t, change[0], e)
	require.ErrorContains(t, line.Decode([]byte(`{"from":"2026-11-27T12:00:00Z","rule":"much money","measure":"dollars","limit":600}`), &e), `there is no measure "dollars"`)
	require.NoError(t, line.Decode([]byte(`{"from":"2026-11-27T15:00:00Z","rule":"often"}`), &e))
	require.Equal(t, stream.Delete, e.change().Kind)
}
