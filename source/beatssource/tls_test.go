package beatssource_test

import (
	"crypto/tls"
	"testing"
	"time"

	lumber "github.com/elastic/go-lumber/client/v2"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/source/pushsource"
)

// Clients whose certificate is missing, has expired or is another's are refused, and
// those that have a good one go on.
func TestTLS(t *testing.T) {
	shop, other := servertest.NewAuthority(t), servertest.NewAuthority(t)
	r := start(t, pushsource.Server{TLS: shop.Server()})
	later := time.Now().Add(time.Hour)
	connect := func(certs ...tls.Certificate) (*lumber.SyncClient, error) {
		d := &tls.Dialer{Config: &tls.Config{RootCAs: shop.Pool(), Certificates: certs}}
		return lumber.SyncDialWith(d.Dial, r.addr, lumber.CompressionLevel(3), lumber.Timeout(30*time.Second))
	}
	good, err := connect(shop.Signs("web-1", later))
	require.NoError(t, err)
	defer good.Close()
	sent := 0
	sends := func() {
		_, err := good.Send(payloads(sent, sent+1000))
		require.NoError(t, err)
		sent += 1000
	}
	sends()
	for name, certs := range map[string][]tls.Certificate{
		"missing":   nil,
		"expired":   {shop.Signs("web-1", time.Now().Add(-time.Hour))},
		"another's": {other.Signs("web-1", later)},
	} {
		c, err := connect(certs...)
		if err == nil { // the client has ended its part of the handshake first
			_, err = c.Send(payloads(0, 1))
			c.Close()
		}
		require.Error(t, err, name)
		sends()
	}
	plain, err := lumber.SyncDial(r.addr, lumber.Timeout(30*time.Second))
	require.NoError(t, err)
	_, err = plain.Send(payloads(0, 1))
	require.Error(t, err, "without TLS")
	plain.Close()
	sends()
	r.until("counts those refused", func(s pushsource.Stats) bool { return s.Failed == 4 })
	exactly(t, sent, r.ends())
}
