package tcpsource_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream/codec"
)

func TestTLS(t *testing.T) {
	lent := httptest.NewTLSServer(nil) // for its certificate
	defer lent.Close()
	pool := x509.NewCertPool()
	pool.AddCert(lent.Certificate())
	r := start(t, pushsource.Server{TLS: &tls.Config{Certificates: lent.TLS.Certificates}}, codec.Lines())

	c := tls.Client(r.dial(), &tls.Config{RootCAs: pool, ServerName: "example.com"})
	_, err := io.WriteString(c, "a\nb")
	require.NoError(t, err)
	require.NoError(t, c.Close())
	r.until("both have come", func(s pushsource.Stats) bool { return s.Events == 2 && s.Clients == 0 })

	plain := r.dial()
	_, err = io.WriteString(plain, "no TLS\n")
	require.NoError(t, err)
	r.until("it is refused", func(s pushsource.Stats) bool { return s.Failed == 1 })
	require.Equal(t, []string{"a", "b"}, r.ends())
}
