package over_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/over"
)

// A Reading is what a meter shows.
type Reading struct {
	Meter string
	Watts int64
	At    time.Time
}

func (r Reading) meter() string { return r.Meter }
func (r Reading) watts() int64  { return r.Watts }
func (r Reading) at() time.Time { return r.At }

var readings = []Reading{
	{"hall", 70, time.Unix(0, 0)},
	{"hall", 90, time.Unix(10, 0)},
	{"hall", 20, time.Unix(30, 0)},
	{"hall", 40, time.Unix(31, 0)},
}

func ExampleSelect() {
	columns := over.Select(
		over.Row(func(s *string, r Reading) { *s = fmt.Sprint(r.Watts) }),
		over.First(over.Rows(over.All, 0), func(s *string, r Reading, _ bool) { *s += fmt.Sprint(", first ", r.Watts) }),
		over.Lead(1, func(s *string, r Reading, some bool) {
			if some {
				*s += fmt.Sprint(", then ", r.Watts)
			}
		}),
		over.Aggregate(over.Range(20*time.Second, 0), window.Max(Reading.watts), func(s *string, most int64) { *s += fmt.Sprint(", most ", most) }))
	fmt.Println(columns)

	p := stream.New("readings")
	p.From(source.Slice(readings)).EventTime(Reading.at).KeyBy(Reading.meter).
		Over(columns).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// row, first of rows all to 0, lead 1, window.greatest over range 20s to 0s
	// 70, first 70, then 90, most 70
	// 90, first 70, then 20, most 90
	// 20, first 70, then 40, most 90
	// 40, first 70, most 40
}
