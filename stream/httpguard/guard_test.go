package httpguard_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/httpguard"
	"github.com/freshet-go/freshet/stream/livepage"
	"github.com/freshet-go/freshet/stream/statehttp"
)

func Example() {
	p := stream.New("numbers")
	p.From(source.Slice([]int{1, 2})).To(sink.Discard[int]())
	page := httpguard.New(livepage.New(p), httpguard.Tokens(func() []string { return []string{"of-a-file-or-a-key-server"} }))

	ask := func(token string) int {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		page.ServeHTTP(w, r)
		return w.Code
	}
	fmt.Println(ask("guess"), ask("of-a-file-or-a-key-server"), page.Refused())
	// Output:
	// 401 200 1
}

// handlers are those of this library.
func handlers() map[string]http.Handler {
	p := stream.New("guarded")
	var view stream.View[string, int64]
	p.From(source.Slice([]string{"a"})).To(sink.Discard[string]())
	return map[string]http.Handler{"livepage": livepage.New(p), "statehttp": statehttp.Handler(&view)}
}

// watched tells whether a body was read.
type watched struct{ read atomic.Bool }

func (w *watched) Read([]byte) (int, error) {
	w.read.Store(true)
	return 0, io.EOF
}

// Whoever does not show what is asked for is refused, and the handler hears nothing of it.
func TestCredentials(t *testing.T) {
	password, tokens := "pass", []string{"", "token"}
	opts := []httpguard.Option{
		httpguard.Passwords(func(user string) (string, bool) { return password, user == "ada" }),
		httpguard.Tokens(func() []string { return tokens }),
	}
	for name, h := range handlers() {
		g := httpguard.New(h, opts...)
		refused := int64(0)
		ask := func(set func(r *http.Request)) bool {
			body := &watched{}
			r := httptest.NewRequest("GET", "/", body)
			set(r)
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			if w.Code != http.StatusUnauthorized {
				return true
			}
			refused++
			require.False(t, body.read.Load())
			require.Equal(t, "close", w.Header().Get("Connection"))
			require.Equal(t, "Unauthorized\n", w.Body.String())
			return false
		}
		basic := func(user, password string) func(*http.Request) {
			return func(r *http.Request) { r.SetBasicAuth(user, password) }
		}
		header := func(v string) func(*http.Request) {
			return func(r *http.Request) { r.Header.Set("Authorization", v) }
		}
		require.True(t, ask(basic("ada", "pass")), name)
		require.True(t, ask(header("Bearer token")), name)
		for _, wrong := range []func(*http.Request){
			func(*http.Request) {}, basic("ada", ""), basic("ada", "passs"), basic("bob", "pass"), basic("", ""), basic("bob", ""),
			header("Bearer "), header("Bearer"), header("token"), header("Bearer token "), header("Basic token"), header("Bearer TOKEN"),
			func(r *http.Request) { r.URL.RawQuery = "access_token=token" },
		} {
			require.False(t, ask(wrong), name)
		}
		password, tokens = "new", nil
		require.False(t, ask(basic("ada", "pass")), "what has changed counts")
		require.True(t, ask(basic("ada", "new")))
		require.False(t, ask(header("Bearer token")))
		require.Equal(t, refused, g.Refused())
		require.EqualValues(t, 3, g.Admitted())
		password, tokens = "pass", []string{"", "token"}
	}
}

// A certificate counts that was verified and is known.
func TestCertificates(t *testing.T) {
	shop := servertest.NewAuthority(t)
	g := httpguard.New(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), httpguard.Certificates(func(c *x509.Certificate) bool { return c.Subject.CommonName == "ada" }))
	server := httptest.NewUnstartedServer(g)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{shop.Signs("server", time.Now().Add(time.Hour))}, ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: shop.Pool()}
	server.StartTLS()
	defer server.Close()
	ask := func(certificates ...tls.Certificate) int {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: shop.Pool(), Certificates: certificates}}}
		resp, err := client.Get(server.URL)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	require.Equal(t, 200, ask(shop.Signs("ada", time.Now().Add(time.Hour))))
	require.Equal(t, 401, ask(shop.Signs("bob", time.Now().Add(time.Hour))))
	require.Equal(t, 401, ask())
}

// The address of the connection counts, and how many requests it has.
func TestAddresses(t *testing.T) {
	inside, leave := make(chan struct{}), make(chan struct{})
	g := httpguard.New(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		inside <- struct{}{}
		<-leave
	}), httpguard.Networks(netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")), httpguard.PerAddr(1))
	ask := func(from string) int {
		r := httptest.NewRequest("GET", "/", bytes.NewReader(nil))
		r.RemoteAddr = from
		r.Header.Set("X-Forwarded-For", "192.0.2.1")
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		return w.Code
	}
	for _, from := range []string{"198.51.100.1:1", "[2001:db9::1]:1", "@", "", "192.0.2.1"} {
		require.Equal(t, http.StatusForbidden, ask(from), from)
	}
	done := make(chan int)
	for _, from := range []string{"192.0.2.1:1", "[2001:db8::1]:1"} {
		go func() { done <- ask(from) }()
		<-inside
	}
	for _, from := range []string{"192.0.2.1:2", "[::ffff:192.0.2.1]:3", "[2001:db8::2]:1"} {
		require.Equal(t, http.StatusTooManyRequests, ask(from), from)
	}
	go func() { done <- ask("192.0.2.2:1") }()
	<-inside
	for range 3 {
		leave <- struct{}{}
		require.Equal(t, 200, <-done)
	}
	go func() { done <- ask("192.0.2.1:2") }()
	<-inside
	leave <- struct{}{}
	require.Equal(t, 200, <-done)
}

func TestMistakes(t *testing.T) {
	h := http.NotFoundHandler()
	for what, f := range map[string]func(){
		"no handler": func() { httpguard.New(nil, httpguard.PerAddr(1)) }, "nobody": func() { httpguard.New(h) }, "nobody either": func() { httpguard.New(h, httpguard.PerAddr(3)) },
		"no option": func() { httpguard.New(h, nil) }, "no passwords": func() { httpguard.Passwords(nil) }, "no tokens": func() { httpguard.Tokens(nil) },
		"no certificates": func() { httpguard.Certificates(nil) }, "no networks": func() { httpguard.Networks() }, "a network that is none": func() { httpguard.Networks(netip.Prefix{}) },
		"no requests": func() { httpguard.PerAddr(0) },
	} {
		require.Panics(t, f, what)
	}
}
