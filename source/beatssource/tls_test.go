package beatssource_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	lumber "github.com/elastic/go-lumber/client/v2"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/pushsource"
)

// An authority signs certificates.
type authority struct {
	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t testing.TB) *authority {
	a := &authority{t: t, key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "the shop"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	require.NoError(t, err)
	a.cert, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	return a
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}

// signs returns a certificate for 127.0.0.1 that is good until then.
func (a *authority) signs(name string, until time.Time) tls.Certificate {
	key := newKey(a.t)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: until, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}, a.cert, key.Public(), a.key)
	require.NoError(a.t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// server returns what a server that asks clients for certificates of a is secured with.
func (a *authority) server() *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{a.signs("server", time.Now().Add(time.Hour))},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: a.pool(),
	}
}

// write writes a certificate and its key as PEM files, and returns their paths.
func (a *authority) write(c tls.Certificate) (cert, key string) {
	dir := a.t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	require.NoError(a.t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]}), 0o600))
	if c.PrivateKey != nil {
		der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
		require.NoError(a.t, err)
		require.NoError(a.t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	}
	return cert, key
}

// Clients whose certificate is missing, has expired or is another's are refused, and
// those that have a good one go on.
func TestTLS(t *testing.T) {
	shop, other := newAuthority(t), newAuthority(t)
	r := start(t, pushsource.Server{TLS: shop.server()})
	later := time.Now().Add(time.Hour)
	connect := func(certs ...tls.Certificate) (*lumber.SyncClient, error) {
		d := &tls.Dialer{Config: &tls.Config{RootCAs: shop.pool(), Certificates: certs}}
		return lumber.SyncDialWith(d.Dial, r.addr, lumber.CompressionLevel(3), lumber.Timeout(30*time.Second))
	}
	good, err := connect(shop.signs("web-1", later))
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
		"expired":   {shop.signs("web-1", time.Now().Add(-time.Hour))},
		"another's": {other.signs("web-1", later)},
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
