package binlogsource_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
)

// A reading is a source that a test reads by itself.
type reading[U any] struct {
	t       testing.TB
	reader  stream.Reader[U]
	faults  []error
	records []string // that were rejected
}

// read opens a source at an offset.
func read[U any](t testing.TB, src stream.Source[U], offset string) *reading[U] {
	t.Helper()
	c := &stream.SourceContext{Context: t.Context(), Name: t.Name(), Logger: slog.New(slog.DiscardHandler)}
	if offset != "" {
		c.Offsets = map[string]string{"binlog": offset}
	}
	readers, err := src.Open(c)
	require.NoError(t, err)
	r := &reading[U]{t: t, reader: readers[0]}
	t.Cleanup(r.close)
	return r
}

func (r *reading[U]) close() {
	if r.reader != nil {
		require.NoError(r.t, r.reader.Close())
		r.reader = nil
	}
}

// next returns the next n events and faults.
func (r *reading[U]) next(n int) (events []U) {
	r.t.Helper()
	events, err := r.until(n)
	require.NoError(r.t, err)
	return events
}

// until returns the next n events, or those before an error.
func (r *reading[U]) until(n int) (events []U, err error) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 15*time.Second)
	defer cancel()
	for n > 0 && err == nil {
		in := stream.NewIntake[U](n)
		err = r.reader.Read(ctx, in)
		for _, e := range in.Batch().All() {
			events = append(events, e)
			n--
		}
		for _, bad := range in.Rejected() {
			r.faults = append(r.faults, bad.Err)
			r.records = append(r.records, string(bad.Record))
			n--
		}
	}
	return events, err
}
