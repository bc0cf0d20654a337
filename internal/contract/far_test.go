package contract_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// Times that cannot be held are failures of their events, wherever a function tells them.
func TestTimesThatCannotBeHeld(t *testing.T) {
	year := func(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
	for _, at := range []struct {
		time.Time
		text string
	}{
		{time.Time{}, "0001-01-01 00:00:00 is outside the years 1678 to 2261, as that of a field that is not set"},
		{year(3000), "3000-01-01 00:00:00 is outside the years 1678 to 2261"},
		{year(1), "0001-01-01 00:00:00 is outside the years 1678 to 2261, as that of a field that is not set"},
	} {
		p := stream.New("punctuated")
		p.From(source.Slice([]visit{{At: year(2026)}})).
			EventTime(visit.at, stream.Punctuated(func(visit) (time.Time, bool) { return at.Time, true })).To(sink.Discard[visit]())
		require.EqualError(t, p.Run(t.Context()), "stream: eventtime at slice 0 event 0: watermark "+at.text)

		p = stream.New("timer")
		p.From(source.Slice([]visit{{At: year(2026)}})).EventTime(visit.at).KeyBy(visit.user).
			Process(func(c *stream.KeyContext[string, int, int], _ visit) error {
				c.SetTimer(at.Time)
				return nil
			}, func(*stream.KeyContext[string, int, int]) error { return nil }).To(sink.Discard[int]())
		require.ErrorContains(t, p.Run(t.Context()), "SetTimer: time "+at.text)
	}
}
