package livepage

import (
	"bufio"
	"context"
	"encoding/json/v2"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/browsertest"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

const evil = `</script><img src=x onerror="document.title='pwned'">` + "\xff\u202e"

// counted is a pipeline that counts what comes through a channel, with names that attack.
func counted(values chan int, opts ...Option) (*stream.Pipeline, *Page) {
	p := stream.New("counted " + evil)
	page := New(p, opts...)
	p.From(source.Chan(values), stream.Name("numbers")).
		Filter(func(n int) bool { return n%3 > 0 }, stream.Name("some "+evil)).
		To(page.Show("Values "+evil, 100, func(values []int) Picture { return drawn(fmt.Sprint(len(values), " values")) }))
	return p, page
}

// drawn is a picture that attacks.
type drawn string

func (d drawn) SVG() []byte {
	return []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40"><script>document.title='pwned'</script><text y="20">` + string(d) + `</text></svg>`)
}

// states reads a stream of events.
func states(r io.Reader) func() (state, error) {
	lines := bufio.NewReader(r)
	return func() (s state, err error) {
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return s, err
			}
			if data, ok := strings.CutPrefix(line, "data: "); ok {
				return s, json.Unmarshal([]byte(data), &s)
			}
		}
	}
}

// pipes is a listener whose connections hold nothing back.
type pipes chan net.Conn

func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }
func (p pipes) Close() error   { return nil }
func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, http.ErrServerClosed
}

// answered reads the head of the answer to a viewer, and returns its states.
func answered(t *testing.T, viewer net.Conn) func() (state, error) {
	t.Helper()
	r, err := http.ReadResponse(bufio.NewReader(viewer), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, r.StatusCode)
	return states(r.Body)
}

// asked returns the connection of a viewer that has asked for events.
func (p pipes) asked(t *testing.T) net.Conn {
	t.Helper()
	client, server := net.Pipe()
	p <- server
	_, err := io.WriteString(client, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	return client
}

// What a viewer is shown is what Stats say; the stream ends with the run.
func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		values := make(chan int)
		p, page := counted(values)
		l := make(pipes)
		server := &http.Server{Handler: page}
		served := make(chan struct{})
		go func() { defer close(served); _ = server.Serve(l) }()
		viewer := l.asked(t)
		next := answered(t, viewer)

		s, err := next()
		require.NoError(t, err)
		assert.False(t, s.Running || s.Over, "it has not begun")
		ran := make(chan error)
		go func() { ran <- p.Run(context.Background(), stream.Shards(1)) }()
		for i := range 30 {
			values <- i
		}
		synctest.Wait()
		for s.Nodes[0].Out < 30 {
			s, err = next()
			require.NoError(t, err)
		}
		assert.True(t, s.Running)
		stats := p.Stats()
		for i, o := range stats.Operators {
			x, _ := stats.Operator(o.Name)
			assert.Equal(t, x.In, s.Nodes[i].In)
			assert.Equal(t, x.Out, s.Nodes[i].Out)
			assert.InDelta(t, 1, s.Nodes[i].Busy+s.Nodes[i].Idle+s.Nodes[i].Pressed, 1e-9)
		}
		assert.Equal(t, []int{0, 1, 2}, []int{s.Nodes[0].Column, s.Nodes[1].Column, s.Nodes[2].Column})
		assert.Greater(t, s.Nodes[0].OutRate, 0.0)
		for range 3 {
			s, err = next()
			require.NoError(t, err)
		}
		assert.Zero(t, s.Nodes[0].OutRate, "nothing has come for seconds")

		close(values)
		require.NoError(t, <-ran)
		for err == nil && !s.Over {
			s, err = next()
		}
		require.NoError(t, err)
		_, err = next()
		require.ErrorIs(t, err, io.EOF, "the stream has ended with the run")
		viewer.Close()
		close(l)
		_ = server.Close()
		<-served
	})
}

// A viewer that does not read is dropped, and holds nobody up.
func TestSlowViewer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		values := make(chan int)
		p, page := counted(values, Viewers(2))
		l := make(pipes)
		server := &http.Server{Handler: page}
		served := make(chan struct{})
		go func() { defer close(served); _ = server.Serve(l) }()
		ran := make(chan error)
		go func() { ran <- p.Run(context.Background()) }()

		slow, quick := l.asked(t), l.asked(t)
		next := answered(t, quick)
		_, err := next()
		require.NoError(t, err)
		client := l.asked(t)
		r, err := http.ReadResponse(bufio.NewReader(client), nil)
		require.NoError(t, err)
		assert.Equal(t, http.StatusServiceUnavailable, r.StatusCode)
		client.Close()

		begin := time.Now()
		for time.Since(begin) < 30*time.Second {
			_, err := next()
			require.NoError(t, err)
		}
		page.mu.Lock()
		assert.Equal(t, 1, page.viewers)
		page.mu.Unlock()
		slow.Close()
		close(values)
		require.NoError(t, <-ran)
		quick.Close()
		close(l)
		_ = server.Close()
		<-served
	})
}

// A thousand viewers see the same snapshot: the pipeline is asked once.
func TestSnapshotIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, page := counted(make(chan int))
		first, version, _, err := page.snapshot()
		require.NoError(t, err)
		for range 1000 {
			again, v, _, err := page.snapshot()
			require.NoError(t, err)
			assert.Same(t, &first[0], &again[0])
			assert.Equal(t, version, v)
		}
		time.Sleep(time.Second)
		_, v, _, _ := page.snapshot()
		assert.Equal(t, version+1, v)
	})
}

func TestAnswers(t *testing.T) {
	_, page := counted(make(chan int))
	for path, want := range map[string]int{"/": 200, "/page.js": 200, "/page.css": 200, "/icon.svg": 200, "/panels/0": 200, "/panels/1": 404, "/panels/-1": 404, "/panels/x": 404, "/panels/99999999999999999999": 404, "/other": 404} {
		w := httptest.NewRecorder()
		page.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		assert.Equal(t, want, w.Code, path)
		assert.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'", path)
		assert.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"), path)
	}
	w := httptest.NewRecorder()
	page.ServeHTTP(w, httptest.NewRequest("POST", "/events", nil))
	assert.Equal(t, http.StatusMethodNotAllowed, w.Code, "it is read-only")
}

func TestOptionsThatAreWrong(t *testing.T) {
	assert.Panics(t, func() { Every(0) })
	assert.Panics(t, func() { Viewers(0) })
	assert.Panics(t, func() { New(stream.New("x")).Show("x", 0, func([]int) Picture { return drawn("") }) })
}

// The panel keeps the last values, whatever has come.
func TestPanelIsBounded(t *testing.T) {
	p := stream.New("bounded")
	page := New(p)
	var got []int
	values := make([]int, 10_000)
	for i := range values {
		values[i] = i
	}
	p.From(source.Slice(values)).To(page.Show("values", 7, func(values []int) Picture { got = values; return drawn("") }))
	require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
	w := httptest.NewRecorder()
	page.ServeHTTP(w, httptest.NewRequest("GET", "/panels/0", nil))
	assert.Equal(t, values[9993:], got)
	assert.LessOrEqual(t, cap(page.panels[0].(*panel[int]).values), 32)
}

// In a browser: the figures are those of Stats, what attacks is text, and the page goes on when the
// process has been started again.
func TestBrowser(t *testing.T) {
	b := browsertest.Start(t)
	values := make(chan int)
	p, page := counted(values, Every(50*time.Millisecond))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	serve := func(l net.Listener, page *Page) (stop func()) {
		mux := http.NewServeMux()
		mux.Handle("/live/", http.StripPrefix("/live", page))
		server := &http.Server{Handler: mux}
		done := make(chan struct{})
		go func() { defer close(done); _ = server.Serve(l) }()
		return func() { _ = server.Close(); <-done }
	}
	run := func(p *stream.Pipeline) (stop func()) {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); _ = p.Run(ctx, stream.Shards(1)) }()
		return func() { cancel(); <-done }
	}
	stop, end := serve(l, page), run(p)
	for i := range 30 {
		values <- i
	}
	b.View(1200, 900, false)
	b.Open("http://" + address + "/live/")
	shows := func(expression string, want any) {
		t.Helper()
		var got any
		for range 200 {
			if got = b.Eval(expression); got == want {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Fatalf("%s is %v, not %v", expression, got, want)
	}
	shows("document.querySelector('#operators tbody tr:nth-child(2) td:nth-child(3)')?.textContent", "30")
	shows("document.querySelector('#operators tbody tr:nth-child(2) td:nth-child(5)').textContent", "20")
	shows("document.querySelectorAll('#graph g').length", 3.0)
	shows("document.querySelectorAll('#graph path').length", 2.0)
	shows("document.querySelector('#panels img').naturalWidth", 200.0)
	shows("document.querySelectorAll('main img').length", 1.0)
	shows("document.getElementById('status').textContent", "live")
	assert.Contains(t, b.Eval("document.title"), "counted </script><img")
	for _, region := range []string{"Plan", "Operators"} {
		b.Press("Tab", 9)
		assert.Equal(t, region, b.Eval("document.activeElement.getAttribute('aria-label')"))
	}
	for _, view := range []struct {
		name  string
		width int
		dark  bool
	}{{"live", 1200, false}, {"live-dark", 1200, true}, {"live-phone", 360, false}} {
		b.View(view.width, 900, view.dark)
		assert.LessOrEqual(t, b.Eval("document.documentElement.scrollWidth"), float64(view.width), "%s: something sticks out", view.name)
		if dir := os.Getenv("FRESHET_SCREENSHOTS"); dir != "" {
			b.Screenshot(filepath.Join(dir, view.name+".png"))
		}
	}
	assert.Empty(t, b.Troubles())
	for _, r := range b.Requests() {
		assert.True(t, strings.HasPrefix(r, "http://"+address+"/live/") || r == "about:blank", r)
	}

	end()
	shows("document.getElementById('status').textContent", "the run is over")
	stop()
	values = make(chan int)
	p, page = counted(values, Every(50*time.Millisecond))
	l, err = net.Listen("tcp", address)
	require.NoError(t, err)
	stop, end = serve(l, page), run(p)
	defer stop()
	defer end()
	for i := range 7 {
		values <- i
	}
	shows("document.querySelector('#operators tbody tr:nth-child(2) td:nth-child(3)').textContent", "7")
	shows("document.getElementById('status').textContent", "live")
}
