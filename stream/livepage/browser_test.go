package livepage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/browsertest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

// A reading is a value of a sensor, whose name may attack.
type reading struct {
	Sensor string
	At     time.Time
	Value  float64
}

func (r reading) sensor() string { return r.Sensor }
func (r reading) at() time.Time  { return r.At }
func (r reading) worth() float64 { return r.Value }
func checked(_ context.Context, r reading) (reading, error) {
	if r.Value < 0 {
		return r, errors.New("negative")
	}
	return r, nil
}

type pane = stream.Pane[string, float64]

// sensors is a pipeline with a panel of each kind, one that fails, two branches that meet again, and names that attack.
func sensors(readings chan reading) (*stream.Pipeline, *Page) {
	p := stream.New("sensors " + attack)
	page := New(p, Every(50*time.Millisecond))
	good := p.From(source.Chan(readings), stream.Name("readings")).
		TryMap(checked, stream.Name("checked"), stream.SkipFailures()).
		EventTime(reading.at, stream.Name("times"))
	warm, cold := good.Split(func(r reading) bool { return r.Value > 10 }, stream.Name("apart "+attack))
	sums := warm.Map(func(r reading) reading { return r }, stream.Name("warm")).Merge(cold, stream.Name("both")).
		KeyBy(reading.sensor).
		Window(window.Tumbling(time.Second)).
		Aggregate(window.SumFloat(reading.worth), stream.Name("sums"))
	sums.To(page.Plot("Sums "+evil, 1000, func(panes []pane) Plot {
		return Plot{Unit: "°C", Step: time.Second, Series: FromPanes(panes, func(v float64) float64 { return v })}
	}), stream.Name("plot"))
	sums.To(page.Table("Last "+evil, 100, func(panes []pane) Table {
		t := Table{Columns: []string{"sensor", "when", "sum", evil}, Most: 2}
		for _, p := range slices.Backward(panes) {
			t.Rows = append(t.Rows, []any{p.Key, p.Start, p.Value, evil})
		}
		return t
	}), stream.Name("table"))
	sums.To(page.Show("Picture "+evil, 100, func(panes []pane) Picture { return drawn(fmt.Sprint(len(panes), " panes")) }), stream.Name("picture"))
	sums.To(page.Show("Broken", 100, func(panes []pane) Picture {
		if len(panes) > 0 {
			panic("no ink " + evil)
		}
		return drawn("")
	}), stream.Name("broken"))
	sums.To(sink.Discard[pane](), stream.Name("out"))
	return p, page
}

// A site serves a page, and runs its pipeline.
type site struct {
	*stream.Pipeline
	stop, end func()
}

func start(t *testing.T, address string, readings chan reading) (site, string) {
	t.Helper()
	p, page := sensors(readings)
	l, err := net.Listen("tcp", address)
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("/live/", http.StripPrefix("/live", page))
	server := &http.Server{Handler: mux}
	served, ran := make(chan struct{}), make(chan struct{})
	go func() { defer close(served); _ = server.Serve(l) }()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer close(ran)
		_ = p.Run(ctx, stream.Shards(1), stream.Checkpoints(checkpoint.Memory(), 200*time.Millisecond), stream.Logger(slog.New(slog.NewTextHandler(t.Output(), nil))))
	}()
	return site{p, func() { _ = server.Close(); <-served }, func() { cancel(); <-ran }}, l.Addr().String()
}

// sent puts seconds of readings of two sensors into the pipeline: one of them is negative.
func sent(readings chan reading, seconds int) {
	begin := time.Date(2026, 3, 14, 23, 59, 50, 0, time.UTC)
	for i := range seconds {
		readings <- reading{"north", begin.Add(time.Duration(i) * time.Second), 1234.5 + float64(i)}
		readings <- reading{"evil " + evil, begin.Add(time.Duration(i) * time.Second), float64(i)}
	}
	readings <- reading{"north", begin, -1}
}

// shows waits until an expression has a value.
func shows(t *testing.T, b *browsertest.Browser, expression string, want any) {
	t.Helper()
	var got any
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if got = b.Eval(expression); got == want {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s is %v, not %v", expression, got, want)
}

// In a browser: the figures are those of Stats, what attacks is text, keyboard and screen reader reach all, and the
// page goes on when the process has been started again.
func TestBrowser(t *testing.T) {
	b := browsertest.Start(t)
	readings := make(chan reading)
	s, address := start(t, "127.0.0.1:0", readings)
	sent(readings, 30)
	b.View(1200, 900, false)
	b.Open("http://" + address + "/live/")
	shows := func(expression string, want any) { t.Helper(); shows(t, b, expression, want) }
	cell := func(operator, column string) string {
		return fmt.Sprintf(`(() => {const t = document.getElementById("operators"), i = [...(t.tHead.rows[0]?.cells ?? [])].findIndex(c => c.textContent === %q), r = [...t.tBodies[0].rows].find(r => r.cells[0].textContent.startsWith(%q));
			return r?.cells[i].textContent})()`, column, operator)
	}
	shows(cell("sums", "watermark"), "2026-03-15T00:00:19Z")
	readings <- reading{"north", time.Date(2026, 3, 14, 23, 59, 50, 0, time.UTC), 5}
	shows(cell("sums", "too late"), "1")
	shows(cell("checked", "failed"), "1")
	stats := s.Stats()
	for _, o := range stats.Operators {
		x, _ := stats.Operator(o.Name)
		name := strings.Fields(o.Name)[0]
		shows(cell(name, "in"), fmt.Sprint(x.In))
		shows(cell(name, "out"), fmt.Sprint(x.Out))
		shows(cell(name, "keys"), fmt.Sprint(x.Keys))
	}
	shows(`document.querySelectorAll("#graph .node").length`, float64(len(s.Plan().Nodes)))
	shows(`document.querySelectorAll("#graph .edge").length`, float64(len(s.Plan().Edges)))
	shows(`[...document.querySelectorAll("#graph .node")].find(n => n.textContent.includes("sums")).querySelector(".bad").textContent.startsWith("1 too late · lag ")`, true)
	shows(`[...document.querySelectorAll("#graph .node")].every(n => { // shares of time fill the bar
		const w = [...n.querySelectorAll(".busy,.pressed,.idle")].reduce((sum, r) => sum + Number(r.getAttribute("width")), 0);
		return Math.abs(w - 174) < 0.1 || w === 0;
	})`, true)
	shows(`document.querySelector("#checkpoints dt").textContent`, "checkpoints")
	shows(`Number(document.querySelector("#checkpoints dd").textContent) > 0`, true)
	shows(`document.querySelectorAll("#partitions tbody tr").length`, 1.0)
	shows(`document.getElementById("status").textContent`, "live")

	// Results: a plot by uPlot with its values, a table, an image, and what could not be drawn.
	shows(`document.querySelectorAll("#panels figure").length`, 4.0)
	shows(`document.querySelectorAll("#panels canvas").length`, 1.0)
	shows(`[...document.querySelectorAll("#panels figure:nth-child(1) tbody tr")].map(r => [...r.cells].slice(2).map(c => c.textContent).join()).join(" / ")`, "28 °C,0 °C,28 °C / 1,262.5 °C,1,234.5 °C,1,262.5 °C")
	shows(`[...document.querySelectorAll("#panels figure:nth-child(2) tbody tr")].map(r => r.cells[1].textContent + " " + r.cells[2].textContent).join(" / ")`, "2026-03-15 00:00:18 28 / 2026-03-15 00:00:18 1,262")
	shows(`document.querySelector("#panels figure:nth-child(2) .scroll + p").textContent`, "and 56 more rows")
	shows(`document.querySelector("#panels figure:nth-child(3) img").naturalWidth`, 200.0)
	shows(`document.querySelector("#panels figure:nth-child(4) .bad").textContent.includes("cannot be drawn: panic: no ink </script><img")`, true)
	assert.Equal(t, true, b.Eval(`[...document.images].every(i => i.closest("#panels") && i.src.includes("/live/panels/")) && document.scripts.length === 2`), "what attacks has made no element")
	assert.Contains(t, b.Eval("document.title"), "sensors </script><img")

	// The keyboard reaches all that scrolls, and the moments of a plot.
	seen := []any{}
	for range 9 {
		b.Press("Tab", 9)
		seen = append(seen, b.Eval(`(document.activeElement.getAttribute("aria-label") ?? "").split(/ <|:/)[0]`))
		if strings.HasPrefix(fmt.Sprint(seen[len(seen)-1]), "Sums") && len(seen) == 2 {
			b.Press("End", 35)
			shows(`document.getElementById("said").textContent.startsWith("2026-03-15 00:00:18, evil ")`, true)
			b.Press("ArrowLeft", 37)
			shows(`document.getElementById("said").textContent.includes("00:00:17") && document.getElementById("said").textContent.includes("north 1,261.5 °C")`, true)
		}
	}
	assert.Equal(t, []string{"Plan", "Sums ", "Sums ", "Last ", "Operators", "Partitions"}, labels(seen)[:6])
	told := b.Accessible()
	for _, want := range []string{"heading sensors ", "StaticText live", "image The plan as a graph", "region Results", "region Plan", "figure Sums ", "image Sums ", "table Operators", "columnheader back-pressured", "table Partitions"} {
		assert.True(t, slices.ContainsFunc(told, func(s string) bool { return strings.HasPrefix(s, want) }), "a screen reader is told %q: %q", want, told[:min(60, len(told))])
	}

	for _, view := range []struct {
		name  string
		width int
		dark  bool
	}{{"live", 1200, false}, {"live-dark", 1200, true}, {"live-phone", 360, false}, {"live-phone-dark", 360, true}} {
		b.View(view.width, 900, view.dark)
		shows(fmt.Sprintf(`document.querySelector("#panels canvas").getBoundingClientRect().right < %d`, view.width), true)
		assert.LessOrEqual(t, b.Eval("document.documentElement.scrollWidth"), float64(view.width), "%s: something sticks out", view.name)
		if dir := os.Getenv("FRESHET_SCREENSHOTS"); dir != "" {
			b.Screenshot(filepath.Join(dir, view.name+".png"))
		}
	}
	for _, trouble := range b.Troubles() {
		assert.Contains(t, trouble, "panels/3", "nothing but the panel that cannot be drawn")
	}
	for _, r := range b.Requests() {
		assert.True(t, strings.HasPrefix(r, "http://"+address+"/live/") || r == "about:blank", r)
	}

	s.end()
	shows(`document.getElementById("status").textContent`, "the run is over")
	s.stop()
	readings = make(chan reading)
	s, _ = start(t, address, readings)
	defer s.stop()
	defer s.end()
	sent(readings, 5)
	shows(cell("readings", "out"), "11")
	shows(`document.getElementById("status").textContent`, "live")
	shows(`document.querySelectorAll("#panels figure:nth-child(1) tbody tr")[1].cells[2].textContent`, "1,237.5 °C")
}

func labels(seen []any) (all []string) {
	for _, s := range seen {
		all = append(all, strings.TrimRight(fmt.Sprint(s), " ")+" ")
	}
	for i := range all {
		switch name := strings.TrimSpace(all[i]); name {
		case "Plan", "Operators", "Partitions":
			all[i] = name
		}
	}
	return all
}

// Where there are more viewers than the page may send to, it says how old its figures are, and how many look.
func TestBrowserIsToldHowOld(t *testing.T) {
	b := browsertest.Start(t)
	values := make(chan int)
	p, page := counted(values, Every(50*time.Millisecond), Sends(8))
	server := httptest.NewServer(page)
	ran := make(chan struct{})
	go func() { defer close(ran); _ = p.Run(context.Background(), stream.Shards(1)) }()
	defer server.Close()
	defer func() { close(values); <-ran }()
	b.View(900, 700, false)
	b.Open(server.URL)
	shows(t, b, `document.getElementById("status").textContent`, "live")
	shows(t, b, `document.getElementById("age").textContent`, "")
	ctx, cancel := context.WithCancel(context.Background())
	c := &crowd{ctx: ctx, page: page}
	c.look(12, false, nil)
	shows(t, b, `/figures from [1-9]\d* s ago, new ones about every \d+ s: 13 look at this page/.test(document.getElementById("age").textContent)`, true)
	cancel()
	c.wg.Wait()
	shows(t, b, `document.getElementById("age").textContent`, "")
	assert.Empty(t, b.Troubles())
}
