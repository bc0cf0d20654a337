package livepage

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json/v2"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// What attacks: in names, which have to be text, and in titles and results, which may be anything.
const (
	attack = `</script><img src=x onerror="document.title='pwned'">` + "\u202e"
	evil   = attack + "\xff"
)

// counted is a pipeline that counts what comes through a channel, with names that attack.
func counted(values chan int, opts ...Option) (*stream.Pipeline, *Page) {
	p := stream.New("counted \x00\x1b[2J\r\n" + attack)
	page := New(p, opts...)
	p.From(source.Chan(values), stream.Name("numbers")).
		Filter(func(n int) bool { return n%3 > 0 }, stream.Name("some \x00\x1b[2J\r\n"+attack)).
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
		synctest.Wait() // both are viewers now
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

// A thousand viewers see the same snapshot: the pipeline is asked once, and what they are sent is encoded and compressed once.
func TestSnapshotIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, page := counted(make(chan int))
		first, err := page.snapshot()
		require.NoError(t, err)
		for range 1000 {
			again, err := page.snapshot()
			require.NoError(t, err)
			assert.Same(t, &first.event.plain[0], &again.event.plain[0])
			assert.Same(t, &first.event.zipped[0], &again.event.zipped[0])
			assert.Equal(t, first.version, again.version)
		}
		time.Sleep(time.Second)
		next, _ := page.snapshot()
		assert.Equal(t, first.version+1, next.version)
	})
}

// uPlot is as npm has it: https://registry.npmjs.org/uplot/-/uplot-1.6.32.tgz, whose integrity is
// sha512-KIMVnG68zvu5XXUbC4LQEPnhwOxBuLyW1AHtpm6IKTXImkbLgkMy+jabjLgSLMasNuGGzQm/ep3tOkyTxpiQIw==.
func TestUPlot(t *testing.T) {
	for name, want := range map[string]string{
		"uPlot.iife.min.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
		"uPlot.min.css":     "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
		"LICENSE":           "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd",
	} {
		content, err := assets.ReadFile("assets/uplot/" + name)
		require.NoError(t, err)
		assert.Equal(t, want, fmt.Sprintf("%x", sha256.Sum256(content)), name)
	}
}

// All that is embedded is served, and nothing inline, so that the policy may forbid that.
func TestAnswers(t *testing.T) {
	_, page := counted(make(chan int))
	require.NoError(t, fs.WalkDir(assets, "assets", func(path string, e fs.DirEntry, err error) error {
		if name := strings.TrimPrefix(path, "assets/"); err == nil && !e.IsDir() && name != "page.html" {
			w := httptest.NewRecorder()
			page.ServeHTTP(w, httptest.NewRequest("GET", "/"+name, nil))
			assert.Equal(t, http.StatusOK, w.Code, name)
			assert.NotEmpty(t, w.Body.String(), name)
		}
		return err
	}))
	html, err := assets.ReadFile("assets/page.html")
	require.NoError(t, err)
	assert.NotRegexp(t, `style=|<style|\son[a-z]+=|<script[^>]*>[^<]`, string(html))
	for path, want := range map[string]int{"/": 200, "/assets/page.js": 404, "/uplot/": 404, "/panels/0": 200, "/panels/1": 404, "/panels/-1": 404, "/panels/x": 404, "/panels/99999999999999999999": 404, "/other": 404} {
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
	assert.Panics(t, func() { Sends(0) })
	assert.Panics(t, func() { Sends(1e6 + 1) })
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

// What a panel's function fails on is shown to viewers as the run shows errors: with Redact, without what is in records.
func TestPanelHides(t *testing.T) {
	for _, redacts := range []bool{true, false} {
		p := stream.New("hiding")
		page := New(p)
		p.From(source.Slice([]string{"4111 1111"})).To(page.Table("cards", 1, func(values []string) Table { panic("no such card: " + values[0]) }))
		var opts []stream.RunOption
		if redacts {
			opts = append(opts, stream.Redact(func(string) string { return "[redacted]" }))
		}
		require.NoError(t, p.Run(t.Context(), opts...))
		w := httptest.NewRecorder()
		page.ServeHTTP(w, httptest.NewRequest("GET", "/panels/0", nil))
		require.Equal(t, http.StatusInternalServerError, w.Code)
		require.Contains(t, w.Body.String(), `panel "cards" cannot be drawn`)
		require.Equal(t, !redacts, strings.Contains(w.Body.String(), "4111"), w.Body.String())
	}
}
