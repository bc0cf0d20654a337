package accesstest

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/sink/fluentsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
)

// A client of ours sends nothing to a server whose certificate is wrong in whatever way. The others, of redis, Kafka, databases, HTTP,
// are made by the caller.
func TestCertificatesOfServers(t *testing.T) {
	shop, other := servertest.NewAuthority(t), servertest.NewAuthority(t)
	lost := shop.Signs("lost", later)
	crl := filepath.Join(t.TempDir(), "crl")
	require.NoError(t, os.WriteFile(crl, shop.Revokes(later, lost), 0o600))
	ours := files(t, shop, shop.Signs("sink", later), crl).Client()
	sendTo := func(conf, with *tls.Config) (*server, error) {
		r := serve(t, pushsource.Server{TLS: conf}, func(s pushsource.Server) *pushsource.Source[record] { return fluentsource.Listen[record](s) })
		p := stream.New("sends")
		p.From(source.Slice([]record{{"hello"}})).To(fluentsink.New[record](r.addr.String(), "tag", fluentsink.TLS(with), fluentsink.Retry(0), fluentsink.ConnectTimeout(5*time.Second)))
		return r, p.Run(t.Context())
	}
	good := files(t, shop, shop.Signs("server", later), "").Server()
	r, err := sendTo(good, ours)
	require.NoError(t, err)
	r.until("it has come", func(s pushsource.Stats) bool { return s.Events == 1 })
	with := func(c tls.Certificate) *tls.Config { return &tls.Config{Certificates: []tls.Certificate{c}} }
	wrongHost := ours.Clone()
	wrongHost.ServerName = "elsewhere.example"
	for what, x := range map[string]struct{ server, client *tls.Config }{
		"expired":                   {with(shop.Signs("x", time.Now().Add(-time.Hour))), ours},
		"another's":                 {with(other.Signs("x", later)), ours},
		"self-signed":               {with(other.SelfSigned()), ours},
		"revoked":                   {with(lost), ours},
		"wrong host":                {good, wrongHost},
		"no certificate of its own": {good, &tls.Config{RootCAs: shop.Pool()}},
	} {
		r, err := sendTo(x.server, x.client)
		require.Error(t, err, what)
		require.Zero(t, r.stats().Events, what)
	}
	require.Panics(t, func() { fluentsink.TLS(&tls.Config{MinVersion: tls.VersionTLS10}) })
}
