package hbasetest_test

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hbasetest"
	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/hbasesink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/hbasesource"
	"github.com/freshet-go/freshet/stream"
)

// A gateway behind TLS: both sides show certificates of an authority of their own. What is not trusted ends the run at once, as it
// would not be trusted later either.
func TestTLS(t *testing.T) {
	s := hbasetest.Start(t)
	authority := servertest.NewAuthority(t)
	inside, err := url.Parse(s.URL)
	require.NoError(t, err)
	proxy := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(inside))
	proxy.TLS, proxy.Config.ErrorLog = authority.Server(), log.New(io.Discard, "", 0)
	proxy.StartTLS()
	defer proxy.Close()
	with := func(c *tls.Config) *http.Client {
		transport := &http.Transport{TLSClientConfig: c}
		t.Cleanup(transport.CloseIdleConnections)
		return &http.Client{Transport: transport}
	}
	shown := []tls.Certificate{authority.Signs("client", time.Now().Add(time.Hour))}
	all := many(300, "\xff")
	table := s.Table("m")
	copied := func(h *http.Client, gateway string) ([]order, error) {
		p := stream.New("tls")
		p.From(source.Slice(all)).To(hbasesink.Puts(h, gateway, table, order.key))
		if err := p.Run(t.Context()); err != nil {
			return nil, err
		}
		return readAll(t, hbasesource.Table[order](h, gateway, table))
	}
	got, err := copied(with(&tls.Config{RootCAs: authority.Pool(), Certificates: shown}), proxy.URL)
	require.NoError(t, err)
	require.ElementsMatch(t, all, got)

	other := servertest.NewAuthority(t)
	for name, c := range map[string]struct {
		config  *tls.Config
		gateway string
		want    string
	}{
		"the gateway is not trusted": {&tls.Config{RootCAs: other.Pool(), Certificates: shown}, proxy.URL, "certificate signed by unknown authority"},
		"it is another host":         {&tls.Config{RootCAs: authority.Pool(), Certificates: shown}, strings.Replace(proxy.URL, "127.0.0.1", "localhost", 1), "certificate is not valid for any names, but wanted to match localhost"},
		"the client shows nothing":   {&tls.Config{RootCAs: authority.Pool()}, proxy.URL, "tls: "},
		"the client's is of another": {&tls.Config{RootCAs: authority.Pool(), Certificates: []tls.Certificate{other.Signs("client", time.Now().Add(time.Hour))}}, proxy.URL, "tls: "},
		"the client's has expired":   {&tls.Config{RootCAs: authority.Pool(), Certificates: []tls.Certificate{authority.Signs("client", time.Now().Add(-time.Hour))}}, proxy.URL, "tls: "},
		"there is no TLS":            {&tls.Config{}, strings.Replace(s.URL, "http:", "https:", 1), "server gave HTTP response to HTTPS client"},
	} {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			_, err := copied(with(c.config), c.gateway)
			require.ErrorContains(t, err, c.want)
			_, err = readAll(t, hbasesource.Table[order](with(c.config), c.gateway, table))
			require.ErrorContains(t, err, c.want)
			require.Less(t, time.Since(begun), 20*time.Second)
			t.Log(err)
		})
	}
}

// readAll runs a source by itself.
func readAll(t *testing.T, src stream.Source[order]) ([]order, error) {
	got := sink.Collect[order]()
	p := stream.New("tls")
	p.From(src).To(got)
	err := p.Run(t.Context())
	return got.Values(), err
}
