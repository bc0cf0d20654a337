package oracles_test

import (
	"cmp"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// A ride is an event of cars.json.
type ride struct {
	At     time.Time `json:"timestamp"`
	Driver int       `json:"driver_id"`
	Type   string    `json:"event_type"`
	Where  string    `json:"location"`
}

func (r ride) Time() time.Time { return r.At }

// An impulse is an event of impulse.json.
type impulse struct {
	At      time.Time `json:"timestamp"`
	Counter int       `json:"counter"`
	Subtask int       `json:"subtask_index"`
}

func (i impulse) Time() time.Time { return i.At }

// wallTime is a time as the goldens write it: UTC, without a zone.
type wallTime string

const wallLayout = "2006-01-02T15:04:05.000"

func wall(t time.Time) wallTime { return wallTime(t.UTC().Format(wallLayout)) }

// UnmarshalText reads a time with a fraction of a second or without.
func (w *wallTime) UnmarshalText(text []byte) error {
	t, err := time.Parse("2006-01-02T15:04:05.999", string(text))
	*w = wall(t)
	return err
}

// An arroyoQuery is a pipeline being built over the inputs of a golden.
type arroyoQuery struct {
	p     pipeline
	dir   string
	split int64
}

func (q arroyoQuery) cars(disorder time.Duration) stream.Stream[ride] {
	return arroyoInput(q, "cars.json", disorder, ride.Time)
}

func (q arroyoQuery) impulses(disorder time.Duration) stream.Stream[impulse] {
	return arroyoInput(q, "impulse.json", disorder, impulse.Time)
}

func arroyoInput[T any](q arroyoQuery, name string, disorder time.Duration, at func(T) time.Time) stream.Stream[T] {
	files := source.Files(os.DirFS(q.dir), name, codec.JSON[T](), source.SplitSize(q.split))
	return q.p.From(files).EventTime(at, stream.Disorder(disorder))
}

// requireArroyo holds a query against a golden: in every way, with the input in
// one partition and, split, in several.
func requireArroyo[R comparable](t *testing.T, golden string, query func(arroyoQuery) stream.Stream[R]) {
	t.Helper()
	want := readRows[R](t, shared(t, "oracles", "arroyo", "golden", golden+".json"))
	dir, agree := shared(t, "oracles", "arroyo", "inputs"), 0
	for _, split := range []int64{1 << 30, 1 << 17, 1 << 12} {
		build := plan[R](func(p pipeline) stream.Stream[R] { return query(arroyoQuery{p, dir, split}) })
		for way, got := range build.ways(t, golden) {
			agree = requireAgreement(t, want, got.rows(), "%s %s, split by %d bytes", golden, way, split)
			require.Zero(t, got.dropped, "%s %s, split by %d bytes: events dropped", golden, way, split)
		}
	}
	t.Logf("%s: %d of %d rows agree, %s", golden, agree, len(want), allWays)
}

func TestArroyoHourlyByEventType(t *testing.T) {
	type row struct {
		Type  string   `json:"event_type"`
		Hour  wallTime `json:"hour"`
		Count int64    `json:"count"`
	}
	requireArroyo(t, "hourly_by_event_type", func(q arroyoQuery) stream.Stream[row] {
		return q.cars(time.Second).
			KeyBy(func(r ride) string { return r.Type }).
			Window(window.Tumbling(time.Hour)).
			Count().
			Map(func(p stream.Pane[string, int64]) row { return row{p.Key, wall(p.Start), p.Value} })
	})
}

func TestArroyoTightWatermark(t *testing.T) {
	type row struct {
		Count int64    `json:"count"`
		End   wallTime `json:"timestamp"`
	}
	requireArroyo(t, "tight_watermark", func(q arroyoQuery) stream.Stream[row] {
		return q.cars(time.Second).
			Window(window.Tumbling(time.Hour)).
			Count().
			Map(func(p stream.Pane[stream.NoKey, int64]) row { return row{p.Value, wall(p.End)} })
	})
}

func TestArroyoMonthLooseWatermark(t *testing.T) {
	type row struct {
		Month wallTime `json:"month"`
		Count int64    `json:"count"`
	}
	requireArroyo(t, "month_loose_watermark", func(q arroyoQuery) stream.Stream[row] {
		return q.cars(time.Minute).
			Window(window.Tumbling(30 * 24 * time.Hour)).
			Count().
			Map(func(p stream.Pane[stream.NoKey, int64]) row { return row{wall(p.Start), p.Value} })
	})
}

func TestArroyoSlidingWindowEnd(t *testing.T) {
	type row struct {
		Count int64    `json:"count"`
		Min   int      `json:"min"`
		Max   int      `json:"max"`
		Start wallTime `json:"start"`
		End   wallTime `json:"end"`
	}
	counter := func(i impulse) int { return i.Counter }
	span := window.Both(window.Min(counter), window.Max(counter), func(low, high int) [2]int { return [2]int{low, high} })
	all := window.Both(window.Count[impulse](), span, func(n int64, s [2]int) row { return row{Count: n, Min: s[0], Max: s[1]} })
	requireArroyo(t, "sliding_window_end", func(q arroyoQuery) stream.Stream[row] {
		return q.impulses(0).
			Window(window.Sliding(10*time.Second, 2*time.Second)).
			Aggregate(all).
			Map(func(p stream.Pane[stream.NoKey, row]) row {
				p.Value.Start, p.Value.End = wall(p.Start), wall(p.End)
				return p.Value
			})
	})
}

// Panes have the time of their window's last moment. So the windows that end
// together are one window of the slide's length in the next stage.
func TestArroyoMostActiveDriverLastHour(t *testing.T) {
	type row struct {
		Count  int64    `json:"count"`
		Driver int      `json:"driver_id"`
		Start  wallTime `json:"start"`
		End    wallTime `json:"end"`
		Number int      `json:"row_number"`
	}
	type active = stream.Pane[int, int64]
	most := window.Top(1, func(a, b active) int { return cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.Key, b.Key)) })
	requireArroyo(t, "most_active_driver_last_hour", func(q arroyoQuery) stream.Stream[row] {
		return q.cars(time.Hour).
			KeyBy(func(r ride) int { return r.Driver }).
			Window(window.Sliding(time.Hour, time.Minute)).
			Count().
			Window(window.Tumbling(time.Minute)).
			Aggregate(most).
			Map(func(p stream.Pane[stream.NoKey, []active]) row {
				first := p.Value[0]
				return row{first.Value, first.Key, wall(first.Start), wall(first.End), 1}
			})
	})
}

func TestArroyoSessionWindow(t *testing.T) {
	type row struct {
		Start wallTime `json:"start"`
		End   wallTime `json:"end"`
		User  int      `json:"user_id"`
		Rows  int64    `json:"rows"`
	}
	user := func(i impulse) int {
		if i.Counter%10 == 0 {
			return 0
		}
		return i.Counter
	}
	requireArroyo(t, "session_window", func(q arroyoQuery) stream.Stream[row] {
		return q.impulses(0).
			KeyBy(user).
			Window(window.Session(20 * time.Second)).
			Count().
			Map(func(p stream.Pane[int, int64]) row { return row{wall(p.Start), wall(p.End), p.Key, p.Value} })
	})
}

// Both sides are panes here, of one for each window that has any.
func TestArroyoWindowedInnerJoin(t *testing.T) {
	type row struct {
		Hour    wallTime `json:"hour"`
		Drivers int64    `json:"drivers"`
		Pickups int64    `json:"pickups"`
	}
	type counted = stream.Pane[stream.NoKey, int64]
	drivers := func(rides stream.Stream[ride], kind string) stream.Keyed[stream.NoKey, counted] {
		return rides.
			Filter(func(r ride) bool { return r.Type == kind }).
			Window(window.Tumbling(time.Hour)).
			Aggregate(window.Distinct(func(r ride) int { return r.Driver })).
			KeyBy(func(p counted) stream.NoKey { return p.Key })
	}
	requireArroyo(t, "windowed_inner_join", func(q arroyoQuery) stream.Stream[row] {
		rides := q.cars(time.Minute)
		return drivers(rides, "dropoff").
			WindowJoin(drivers(rides, "pickup"), window.Tumbling(time.Hour), stream.Inner, func(m stream.Match[counted, counted]) row {
				return row{wall(m.Left.Start), m.Left.Value, m.Right.Value}
			}).
			Map(func(p stream.Pane[stream.NoKey, row]) row { return p.Value })
	})
}

func TestArroyoOffsetImpulseJoin(t *testing.T) {
	type row struct {
		Start   wallTime `json:"start"`
		Counter int      `json:"counter"`
	}
	counter := func(i impulse) int { return i.Counter }
	requireArroyo(t, "offset_impulse_join", func(q arroyoQuery) stream.Stream[row] {
		return q.impulses(0).KeyBy(counter).
			WindowJoin(q.impulses(10*time.Minute).KeyBy(counter), window.Tumbling(time.Second), stream.Inner, func(m stream.Match[impulse, impulse]) int {
				return m.Right.Counter
			}).
			Map(func(p stream.Pane[int, int]) row { return row{wall(p.Start), p.Value} })
	})
}

func TestArroyoUnion(t *testing.T) {
	type row struct {
		Counter int    `json:"counter"`
		Source  string `json:"source"`
	}
	tag := func(impulses stream.Stream[impulse], name string) stream.Stream[row] {
		return impulses.Map(func(i impulse) row { return row{i.Counter, name} })
	}
	requireArroyo(t, "union", func(q arroyoQuery) stream.Stream[row] {
		return tag(q.impulses(0), "first").Merge(tag(q.impulses(0), "second"))
	})
}
