package livepage

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
)

// A crowd is viewers without a network. It counts what each is sent.
type crowd struct {
	ctx     context.Context
	page    *Page
	writes  atomic.Int64
	viewers []*spectator
	wg      sync.WaitGroup
}

// A spectator takes what is written to it. One that is stuck takes nothing.
type spectator struct {
	of     *crowd
	header http.Header
	stuck  chan struct{}

	mu     sync.Mutex
	states int
	last   time.Time
	rarest time.Duration // between two states
}

// since returns how many states there have been, and the longest time between two of them, since it was called before.
func (s *spectator) since() (states int, rarest time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	states, rarest = s.states, s.rarest
	s.states, s.rarest = 0, 0
	return states, rarest
}

func (s *spectator) Header() http.Header              { return s.header }
func (s *spectator) WriteHeader(int)                  {}
func (s *spectator) Flush()                           {}
func (s *spectator) SetWriteDeadline(time.Time) error { return nil }
func (s *spectator) Write(b []byte) (int, error) {
	if s.stuck != nil {
		<-s.stuck
		return 0, io.ErrClosedPipe
	}
	s.of.writes.Add(1)
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.last.IsZero() {
		s.rarest = max(s.rarest, now.Sub(s.last))
	}
	s.states, s.last = s.states+1, now
	return len(b), nil
}

// look has more viewers look, each of whom asks for the first panel when there is a state, as the page does, if panels is true.
func (c *crowd) look(viewers int, panels bool, stuck chan struct{}) {
	for range viewers {
		s := &spectator{of: c, header: http.Header{}, stuck: stuck}
		c.viewers = append(c.viewers, s)
		var w http.ResponseWriter = s
		if panels {
			w = asking{s}
		}
		c.wg.Go(func() {
			r := httptest.NewRequestWithContext(c.ctx, "GET", "/events", nil)
			r.Header.Set("Accept-Encoding", "gzip")
			c.page.ServeHTTP(w, r)
		})
	}
}

// asking asks for a panel when it has been sent a state.
type asking struct{ *spectator }

func (a asking) Write(b []byte) (int, error) {
	n, err := a.spectator.Write(b)
	a.of.page.ServeHTTP(&spectator{of: a.of, header: http.Header{}}, httptest.NewRequestWithContext(a.of.ctx, "GET", "/panels/0", nil))
	return n, err
}

func crowded(t *testing.T, f func(c *crowd), opts ...Option) {
	synctest.Test(t, func(t *testing.T) {
		values := make(chan int)
		p, page := counted(values, opts...)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		ran := make(chan error)
		go func() { ran <- p.Run(context.Background(), stream.Shards(1)) }()
		synctest.Wait()
		c := &crowd{ctx: ctx, page: page}
		f(c)
		close(values)
		require.NoError(t, <-ran)
		end := time.Now()
		c.wg.Wait()
		assert.Less(t, time.Since(end), 4*time.Second, "streams end with the run, the longest queue included")
		assert.Zero(t, page.viewers)
	})
}

// However many look, the page sends no more than it may; each comes in turn, and nobody more rarely than others.
func TestSendsAreBounded(t *testing.T) {
	for name, c := range map[string]struct {
		viewers int
		panels  bool
		rarest  time.Duration
	}{
		"few":                     {20, false, time.Second + 200*time.Millisecond},
		"a thousand":              {1000, false, 5*time.Second + 200*time.Millisecond},
		"a thousand with a panel": {1000, true, 10*time.Second + 200*time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			crowded(t, func(w *crowd) {
				w.look(c.viewers, c.panels, nil)
				time.Sleep(20 * time.Second) // until the first rush is over
				begin := w.writes.Load()
				for _, s := range w.viewers {
					s.since()
				}
				const long = 60
				time.Sleep(long * time.Second)
				sends := w.writes.Load() - begin
				assert.LessOrEqual(t, sends, int64(long*200+20), "some that do not wait may be ahead")
				if c.viewers == 20 {
					assert.InDelta(t, long*20, sends, 20, "few viewers are sent a state each second")
				} else {
					assert.Greater(t, sends, int64(long*190), "what is allowed is used")
				}
				synctest.Wait()
				for _, s := range w.viewers {
					_, rarest := s.since()
					assert.Greater(t, rarest, time.Duration(0))
					assert.LessOrEqual(t, rarest, c.rarest)
				}
			})
		})
	}
}

// Viewers who do not read hold neither the others nor the run up, and who has gone leaves no gap.
func TestSlowAndGoneViewersCostNothing(t *testing.T) {
	crowded(t, func(c *crowd) {
		stuck := make(chan struct{})
		defer close(stuck)
		c.look(10, false, nil)
		synctest.Wait()
		c.look(900, false, stuck)
		ctx, cancel := context.WithCancel(c.ctx)
		gone := &crowd{ctx: ctx, page: c.page}
		gone.look(90, false, nil)
		time.Sleep(3 * time.Second)
		cancel()
		gone.wg.Wait()
		quick := c.viewers[:10]
		for _, s := range quick {
			s.since()
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		for _, s := range quick {
			states, rarest := s.since()
			assert.InDelta(t, 10, states, 1)
			assert.Less(t, rarest, 1300*time.Millisecond)
		}
	}, Viewers(1000))
}

// Pieces that are compressed by themselves make one stream of gzip, of which a reader has each state when it was sent, and
// whose end is checked.
func TestFeedIsGzip(t *testing.T) {
	var z zipper
	long := z.piece([]byte("data: " + strings.Repeat("long ", 50_000) + "\n\n"))
	one, two := z.piece([]byte("data: one\n\n")), z.piece([]byte("data: two\n\n"))
	assert.Less(t, len(long.zipped), 5000)
	synctest.Test(t, func(t *testing.T) { // which notices a reader that waits for ever
		client, server := io.Pipe()
		next := make(chan struct{})
		sends := [][]piece{{stored("retry: 17\n"), long}, {two}, {one}, {two, one}}
		go func() {
			f := feed{zipped: true}
			for _, pieces := range sends {
				for _, p := range pieces {
					f.add(p)
				}
				_, _ = server.Write(f.out)
				f.out = nil
				<-next
			}
			f.end()
			_, _ = server.Write(f.out)
			server.Close()
		}()
		r, err := gzip.NewReader(client)
		require.NoError(t, err)
		for _, pieces := range sends {
			for _, p := range pieces {
				got := make([]byte, len(p.plain))
				_, err := io.ReadFull(r, got)
				require.NoError(t, err)
				assert.Equal(t, p.plain, got)
			}
			next <- struct{}{}
		}
		rest, err := io.ReadAll(r)
		require.NoError(t, err, "the checksum is right")
		assert.Empty(t, rest)
	})
}

// What is compressed once is what is sent to those who take it, and the same as what others are sent.
func TestAnswersAreCompressed(t *testing.T) {
	for accepts, want := range map[string]bool{"": false, "gzip": true, "br, GZIP;q=0.5": true, "gzip;q=0, br": false, "gzip; q=0.0": false, "identity": false, "xgzip": false, "gzip;q=x": true} {
		_, page := counted(make(chan int))
		get := func(path, accepts string) *httptest.ResponseRecorder {
			r, w := httptest.NewRequest("GET", path, nil), httptest.NewRecorder()
			if accepts != "" {
				r.Header.Set("Accept-Encoding", accepts)
			}
			page.ServeHTTP(w, r)
			assert.Equal(t, "Accept-Encoding", w.Header().Get("Vary"))
			return w
		}
		got := get("/uplot/uPlot.iife.min.js", accepts)
		assert.Equal(t, want, got.Header().Get("Content-Encoding") == "gzip", accepts)
		if want {
			r, err := gzip.NewReader(got.Body)
			require.NoError(t, err)
			plain, err := io.ReadAll(r)
			require.NoError(t, err)
			assert.Equal(t, get("/uplot/uPlot.iife.min.js", "").Body.String(), string(plain))
		}
		assert.Empty(t, get("/panels/0", accepts).Header().Get("Content-Encoding"), "small answers are not worth it")
	}
}

// Whoever asks for panels without a pause has others see states more rarely, and not hardly ever.
func TestFloodOfPanels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(200)
		ctx, stop := context.WithCancel(t.Context())
		var flood sync.WaitGroup
		defer func() { stop(); flood.Wait() }() // time stands still in the bubble once the test has returned
		flood.Go(func() {
			for ctx.Err() == nil {
				p.note()
				time.Sleep(time.Millisecond)
			}
		})
		begun := time.Now()
		for range 100 {
			require.True(t, p.wait(ctx))
			p.note()
			p.done()
		}
		require.Less(t, time.Since(begun), 5*time.Second)
	})
}
