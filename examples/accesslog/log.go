package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"time"

	"github.com/freshet-go/freshet/stream/codec"
)

// madeUp is a made-up log, and its books: what the pipeline has to find.
type madeUp struct {
	lines    []entry // as they stand in the log
	sessions Sessions
	traffic  Traffic
	late     Lateness
	junk     int64
}

// An entry is a line of the log.
type entry struct {
	request
	written time.Time // when the answer was sent
	junk    bool      // it is cut short
}

var monday = time.Date(2026, 3, 16, 0, 0, 0, 0, time.UTC)

const answerTime = 40 * time.Second // at most

// newLog makes a log of as many visits. Each client comes once a while: its
// visits are more than the gap apart, by a second at least, and the requests
// of a visit are not, though by as much as the gap at times.
func newLog(seed uint64, visits int) *madeUp {
	r := rand.New(rand.NewPCG(seed, 23))
	m := &madeUp{}
	clients := max(visits/4, 1)
	next := make([]time.Time, clients) // when a client may come again
	for i := range next {
		next[i] = monday.Add(time.Duration(r.IntN(12*3600)) * time.Second)
	}
	for i := range visits {
		client := i % clients
		start, end, hits := next[client], next[client], int64(0)
		for more := true; more; more = r.IntN(3) > 0 {
			m.add(r, client, end)
			hits++
			next[client] = end.Add(gap + time.Second)
			end = end.Add(pause(r))
		}
		last := next[client].Add(-(gap + time.Second))
		if r.IntN(4) > 0 { // else it comes again as soon as that is another visit
			next[client] = next[client].Add(time.Duration(r.IntN(20*3600)) * time.Second)
		}
		m.sessions.Count++
		m.sessions.Hits += hits
		m.sessions.Length += last.Sub(start)
		if hits == 1 {
			m.sessions.Single++
		}
	}
	m.traffic.Clients = int64(clients)
	sort.SliceStable(m.lines, func(i, j int) bool { return m.lines[i].written.Before(m.lines[j].written) })
	m.measure()
	return m
}

// pause returns how long a client waits between two requests of a visit.
func pause(r *rand.Rand) time.Duration {
	if r.IntN(50) == 0 {
		return gap
	}
	return time.Duration(r.IntN(90)) * time.Second
}

func (m *madeUp) add(r *rand.Rand, client int, at time.Time) {
	paths := []string{"/", "/favicon.ico", "/style.css", "/search?q=tea", "/cart", "/missing"}
	e := entry{request: request{
		Host: fmt.Sprintf("client-%d.example", client), Time: at,
		Method: "GET", Path: paths[min(r.IntN(len(paths)), r.IntN(len(paths)))], Protocol: "HTTP/1.1",
		Status: 200, Bytes: r.Int64N(50_000), UserAgent: "example/1.0",
	}}
	switch {
	case e.Path == "/missing":
		e.Status = 404
	case r.IntN(12) == 0:
		e.Status, e.Bytes = 304, 0
	case e.Path == "/cart":
		e.Method = "POST"
	}
	e.written = at.Add(time.Duration(r.Int64N(int64(answerTime))))
	m.traffic.Requests++
	m.traffic.Bytes += e.Bytes
	m.lines = append(m.lines, e)
	if r.IntN(500) == 0 {
		m.junk++
		m.lines = append(m.lines, entry{written: e.written, request: e.request, junk: true})
	}
}

// measure finds how far the lines are out of order.
func (m *madeUp) measure() {
	var latest time.Time
	for _, e := range m.lines {
		switch {
		case e.junk:
		case e.Time.Before(latest):
			m.late.Lines++
			m.late.Max = max(m.late.Max, latest.Sub(e.Time))
		default:
			latest = e.Time
		}
	}
}

// text returns the line as it stands in the log.
func (e entry) text() ([]byte, error) {
	line, err := codec.Access().NewEncoder().Append(nil, e.request)
	if e.junk {
		line = append(line[:len(line)/3], '\n')
	}
	return line, err
}

func (m *madeUp) write(dir string) (string, error) {
	var log bytes.Buffer
	for _, e := range m.lines {
		line, err := e.text()
		if err != nil {
			return "", err
		}
		log.Write(line)
	}
	name := filepath.Join(dir, "access.log")
	return name, os.WriteFile(name, log.Bytes(), 0o600)
}

var errBooks = errors.New("the figures differ from the generator's books")

// check compares what was found with the books, and says so on w.
func (m *madeUp) check(w io.Writer, f *found) error {
	unreadable, _ := f.letters.read()
	fmt.Fprintf(w, "\nChecked against the generator's books\n\n")
	var err error
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"requests, bytes and clients", single(&f.traffic), m.traffic},
		{"sessions, their requests and length", single(&f.sessions), m.sessions},
		{"late lines", single(&f.late), m.late},
		{"unreadable lines", unreadable, m.junk},
	} {
		if c.got == c.want {
			fmt.Fprintf(w, "  ok      %s\n", c.what)
			continue
		}
		fmt.Fprintf(w, "  DIFFER  %s: found %v, books %v\n", c.what, c.got, c.want)
		err = errBooks
	}
	return err
}
