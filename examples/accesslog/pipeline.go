package main

import (
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

const (
	// A server writes a line when the answer is sent, with the time at which
	// the request came: lines are out of order by as much as answers take.
	disorder = time.Minute
	// A session goes on while the next request comes at most this much later.
	gap = 30 * time.Minute
)

// A request is what the pipeline knows of a line.
type request = codec.AccessRecord

func at(r request) time.Time    { return r.Time }
func host(r request) string     { return r.Host }
func method(r request) string   { return r.Method }
func status(r request) int64    { return int64(r.Status) }
func path(r request) string     { return r.Path }
func bytesSent(r request) int64 { return r.Bytes }
func once(request) int64        { return 1 }
func day(r request) int64       { return r.Time.Unix() - mod(r.Time.Unix(), 24*60*60) }

// mod is the remainder of a division that rounds down.
func mod(a, b int64) int64 { return (a%b + b) % b }

// pipeline says what is made of the lines, and returns what they will have
// come to when the pipeline has run. Options are of all windows that are found: with
// window.EarlyEvery it is what they have come to so far, and may be loaded.
func pipeline(lines stream.Stream[request], unreadable stream.Stream[stream.Failed[[]byte]], opts ...window.Option) *found {
	f := &found{}
	requests := lines.EventTime(at, stream.Disorder(disorder), stream.Name("request time"))
	live := len(opts) > 0
	unreadable.Map(letterOf, stream.Name("unreadable")).KeyBy(inOnePlace[letter]).
		Process(collect, nil, shown(live, &f.letters.open, "dead letters")...).
		To(sink.Func(f.letters.keep))

	// All of the log is one window.
	log := window.Global(opts...)
	requests.Window(log).Aggregate(traffic, shown(live, &f.traffic.open, "all")...).To(f.traffic.sink())
	requests.KeyBy(status).Window(log).Count(shown(live, &f.statuses.open, "by status")...).To(f.statuses.sink())
	requests.KeyBy(method).Window(log).Count(shown(live, &f.methods.open, "by method")...).To(f.methods.sink())
	requests.Window(log).Aggregate(window.TopK(5, path, once), shown(live, &f.paths.open, "top paths")...).To(f.paths.sink())
	// A key for each day, as a window of a day would be gone from the page once it is over and the run begins again.
	requests.KeyBy(day).Window(log).Count(shown(live, &f.days.open, "days")...).To(f.days.sink())

	// Sessions of the library join events that are less than its gap apart.
	// These end after a pause of more than 30 minutes, so that one of exactly
	// 30 minutes, and times have whole seconds, still belongs to the session.
	requests.KeyBy(host, stream.Name("by client")).
		Window(window.Session(gap+1), stream.Name("sessions")).Count().
		Map(sessionOf, stream.Name("anonymous")). // from here on nobody knows the client
		Window(log).Aggregate(sessions, shown(live, &f.sessions.open, "all sessions")...).
		To(f.sessions.sink())

	// How far the lines are out of order, in the order in which they stand.
	requests.KeyBy(inOnePlace[request]).Process(behind, nil, stream.Name("late lines")).
		Window(log).Aggregate(lateness, shown(live, &f.late.open, "lateness")...).
		To(f.late.sink())
	return f
}

// Traffic is how much was asked for, and by how many.
type Traffic struct{ Requests, Bytes, Clients int64 }

var traffic = window.Struct(
	window.Field(window.Count[request](), func(t *Traffic, n int64) { t.Requests = n }),
	window.Field(window.Sum(bytesSent), func(t *Traffic, n int64) { t.Bytes = n }),
	window.Field(window.Distinct(host), func(t *Traffic, n int64) { t.Clients = n }),
)

// A session is a visit of a client.
type session struct {
	Hits   int64
	Length time.Duration // from the first request to the last
}

func sessionOf(p stream.Pane[string, int64]) session {
	return session{p.Value, p.End.Sub(p.Start) - (gap + 1)}
}

func (s session) hits() int64           { return s.Hits }
func (s session) length() time.Duration { return s.Length }
func (s session) single() bool          { return s.Hits == 1 }

// Sessions are all visits.
type Sessions struct {
	Count, Single, Hits int64
	Length              time.Duration // of all together
}

var sessions = window.Struct(
	window.Field(window.Count[session](), func(s *Sessions, n int64) { s.Count = n }),
	window.Field(window.Where(session.single, window.Count[session]()), func(s *Sessions, n int64) { s.Single = n }),
	window.Field(window.Sum(session.hits), func(s *Sessions, n int64) { s.Hits = n }),
	window.Field(window.Sum(session.length), func(s *Sessions, d time.Duration) { s.Length = d }),
)

// shown are the options of an operator by that name, which a page that is kept up to date asks for what it holds.
func shown[K comparable, V any](live bool, to *stream.View[K, V], name string) []stream.Option {
	if !live {
		return []stream.Option{stream.Name(name)} // what is asked costs more
	}
	return []stream.Option{stream.Name(name), stream.Expose(to)}
}

// inOnePlace is the key of what is to be seen together.
func inOnePlace[T any](T) stream.NoKey { return stream.NoKey{} }

// behind emits by how much a line is earlier than one before it.
func behind(c *stream.KeyContext[stream.NoKey, time.Time, time.Duration], r request) error {
	switch latest := c.State(); {
	case r.Time.Before(*latest):
		c.Emit(latest.Sub(r.Time))
	default:
		*latest = r.Time
	}
	return nil
}

// Lateness is how many lines were late, and by how much at most.
type Lateness struct {
	Lines int64
	Max   time.Duration
}

var lateness = window.Both(window.Count[time.Duration](), window.Max(itself), func(lines int64, most time.Duration) Lateness {
	return Lateness{lines, most}
})

func itself(d time.Duration) time.Duration { return d }
