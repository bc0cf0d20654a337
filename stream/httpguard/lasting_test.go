package httpguard_test

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/httpguard"
	"github.com/freshet-go/freshet/stream/livepage"
)

// Who looks at a live page stops seeing it when their password or token is taken away, though they have not asked again.
func TestLasting(t *testing.T) { synctest.Test(t, lasting) }

func lasting(t *testing.T) {
	p := stream.New("lasting")
	p.From(source.Slice([]string{"a"})).To(sink.Discard[string]())
	var fired atomic.Bool
	g := httpguard.New(livepage.New(p),
		httpguard.Passwords(func(user string) (string, bool) { return "pass", user == "ada" && !fired.Load() }),
		httpguard.Tokens(func() []string {
			if fired.Load() {
				panic("the vault is away")
			}
			return []string{"token"}
		}))
	left := make(chan time.Duration)
	begin := time.Now()
	for _, authorize := range []func(*http.Request){
		func(r *http.Request) { r.SetBasicAuth("ada", "pass") },
		func(r *http.Request) { r.Header.Set("Authorization", "Bearer token") },
	} {
		r := httptest.NewRequest("GET", "/events", nil)
		authorize(r)
		go func() {
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			left <- time.Since(begin)
		}()
	}
	time.Sleep(10*time.Minute + time.Second)
	require.EqualValues(t, 2, g.Admitted())
	require.Zero(t, g.Refused())
	fired.Store(true)
	for range 2 {
		require.Equal(t, 11*time.Minute, <-left)
	}
	require.EqualValues(t, 2, g.Refused())
}

// One that ends by itself is not asked for again.
func TestNotLasting(t *testing.T) { synctest.Test(t, notLasting) }

func notLasting(t *testing.T) {
	asked := 0
	g := httpguard.New(http.NotFoundHandler(), httpguard.Tokens(func() []string { asked++; return []string{"token"} }))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer token")
	g.ServeHTTP(httptest.NewRecorder(), r)
	time.Sleep(time.Hour)
	require.Equal(t, 1, asked)
}
