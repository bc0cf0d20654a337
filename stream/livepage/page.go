package livepage

import (
	"embed"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/freshet-go/freshet/internal/option"
	"github.com/freshet-go/freshet/stream"
)

//go:embed assets
var assets embed.FS

// A Page shows a pipeline. It may be used by any number of goroutines.
type Page struct {
	pipeline *stream.Pipeline
	every    time.Duration
	most     int
	born     int64 // when it was made, in milliseconds: tells a viewer that the process is another one
	patience time.Duration
	sends    int
	pace     *pace
	mux      *http.ServeMux

	mu      sync.Mutex
	viewers int
	last    snapshot
	taken   time.Time // when last was
	before  stream.Stats
	zipper  zipper
	panels  []viewable
}

// A snapshot is a state as it is sent.
type snapshot struct {
	event   piece
	version int  // from 1 on
	over    bool // so is the run
}

// An Option sets how a page serves.
type Option func(*Page)

// Every sets how often a viewer is shown a new state, where there are not more viewers than Sends allows that for. The
// default is a second. It panics if d is not positive.
func Every(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("livepage: Every(%v): want a positive duration", d))
	}
	return func(p *Page) { p.every = d }
}

// Viewers sets how many may look at once. The default is 1,000. The next one is answered 503.
// It panics if n is not positive.
func Viewers(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("livepage: Viewers(%d): want at least 1", n))
	}
	return func(p *Page) { p.most = n }
}

// Sends sets how many answers the page gives in a second, to all viewers together: states, and panels that have changed. The
// default is 200. Where there are more viewers, each is sent a state more rarely, all of them in turn: of a page with one panel
// 100 viewers get one each second, and 1,000 one in ten seconds. The page says how old its figures are. A viewer's first state does not
// wait, and is counted; the page's own files, which are sent once to each viewer, are not counted.
//
// It panics if n is not in 1 to 1,000,000.
func Sends(n int) Option {
	if n < 1 || n > 1e6 {
		panic(fmt.Sprintf("livepage: Sends(%d): want 1 to 1,000,000", n))
	}
	return func(p *Page) { p.sends = n }
}

// New returns a page of a pipeline, which need not run yet.
func New(p *stream.Pipeline, opts ...Option) *Page {
	page := &Page{pipeline: p, every: time.Second, most: 1000, sends: 200, born: time.Now().UnixMilli(), patience: 10 * time.Second, mux: http.NewServeMux()}
	option.Apply("livepage: New", page, opts)
	page.pace = newPace(page.sends)
	page.mux.HandleFunc("GET /{$}", asset("page.html", "text/html; charset=utf-8"))
	for name, kind := range files {
		page.mux.HandleFunc("GET /"+name, asset(name, kind))
	}
	page.mux.HandleFunc("GET /events", page.events)
	page.mux.HandleFunc("GET /panels/{number}", page.panel)
	return page
}

// policy allows what comes from where the page comes from, and nothing inline.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

// ServeHTTP serves the page at "/" and what it needs beside it. Its addresses are relative: it can be
// mounted below any path that ends in a slash, by http.StripPrefix.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	p.mux.ServeHTTP(w, r)
}

// files are what the page loads. uPlot is as npm has it, version 1.6.32, with its licence, MIT.
var files = map[string]string{
	"page.css": "text/css; charset=utf-8", "uplot/uPlot.min.css": "text/css; charset=utf-8",
	"page.js": script, "graph.js": script, "panels.js": script, "text.js": script, "uplot/uPlot.iife.min.js": script,
	"icon.svg": "image/svg+xml", "uplot/LICENSE": "text/plain; charset=utf-8",
}

const script = "text/javascript; charset=utf-8"

func asset(name, kind string) http.HandlerFunc {
	content, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // it is in the program
	}
	b := bodyOf(content)
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		b.answer(w, r)
	}
}

// snapshot returns the state of now, or that of less than an interval ago.
func (p *Page) snapshot() (snapshot, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.last.version > 0 && now.Sub(p.taken) < p.every*9/10 {
		return p.last, nil
	}
	stats := p.pipeline.Stats()
	s := stateOf(p.pipeline.Plan(), p.before, stats, now.Sub(p.taken))
	s.Born, s.Viewers, s.Every = p.born, p.viewers, p.every.Seconds()
	for _, v := range p.panels {
		s.Panels = append(s.Panels, v.shown())
	}
	event := []byte("data: ")
	state, err := json.Marshal(s, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return snapshot{}, err
	}
	event = append(append(event, state...), "\n\n"...)
	p.last = snapshot{p.zipper.piece(event), p.last.version + 1, s.Over}
	p.taken, p.before = now, stats
	return p.last, nil
}
