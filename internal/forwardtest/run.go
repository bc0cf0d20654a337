// Package forwardtest is what tests of the Forward protocol's two ends share: a pipeline that collects
// what is forwarded to it.
//
// Its own tests have the client github.com/IBM/fluent-forward-go, which cannot be in one program with
// github.com/fluent/fluent-logger-golang: each registers msgp's extension 0 for itself.
package forwardtest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
)

// A Run is a pipeline under way that collects what is forwarded to it.
type Run[T any] struct {
	Addr   string
	Port   int // of Addr
	Got    *sink.Collector[T]
	Source *pushsource.Source[T]

	t    testing.TB
	stop context.CancelFunc
	done chan error
}

// Start starts one, which ends with the test at the latest.
func Start[T any](t testing.TB, s pushsource.Server, opts []fluentsource.Option, how ...stream.RunOption) *Run[T] {
	t.Helper()
	bound := make(chan net.Addr, 1)
	s.Bound = func(a net.Addr) { bound <- a }
	if s.Addr == "" {
		s.Addr = "127.0.0.1:0"
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &Run[T]{t: t, Got: sink.Collect[T](), Source: fluentsource.Listen[T](s, opts...), stop: stop, done: make(chan error, 1)}
	p := stream.New("forward")
	p.From(r.Source, stream.SkipFailures()).To(r.Got)
	go func() { r.done <- p.Run(ctx, how...) }()
	select {
	case a := <-bound:
		r.Addr = a.String()
		if _, port, err := net.SplitHostPort(r.Addr); err == nil {
			r.Port, _ = strconv.Atoi(port)
		}
	case err := <-r.done:
		require.NoError(t, err, "the run has ended")
	}
	t.Cleanup(stop)
	return r
}

// Has waits until so many events have been read.
func (r *Run[T]) Has(n int) {
	r.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); int(r.Source.Stats().Events) < n; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("%d events, not %d: %+v", r.Source.Stats().Events, n, r.Source.Stats())
		}
	}
}

// End stops the run and returns what it has collected.
func (r *Run[T]) End() []T {
	r.t.Helper()
	r.stop()
	require.ErrorIs(r.t, <-r.done, context.Canceled)
	return r.Got.Values()
}

// Numbered is what the clients of tests send.
type Numbered struct {
	Tag  string    `fluent:"@tag"`
	At   time.Time `fluent:"@time"`
	N    int       `fluent:"n"`
	Text string    `fluent:"text"`
}

// Once checks that each number came once, with what belongs to it.
func Once(t testing.TB, tag string, n int, got []Numbered) {
	t.Helper()
	require.Zero(t, AtLeastOnce(t, tag, n, got), "twice, of %d", n)
}

// AtLeastOnce checks that each number came, with what belongs to it, and returns how many came more
// than once.
func AtLeastOnce(t testing.TB, tag string, n int, got []Numbered) (twice int) {
	t.Helper()
	seen := make([]int, n)
	for _, e := range got {
		if e.N < 0 {
			continue // a client's way to try again
		}
		require.Less(t, e.N, n)
		seen[e.N]++
		require.Equal(t, tag, e.Tag)
		require.Equal(t, fmt.Sprintf("event %d", e.N), e.Text)
		require.EqualValues(t, e.N+1, e.At.Unix(), "%v", e.At) // 0 is no time for some
	}
	lost := 0
	for _, times := range seen {
		if times == 0 {
			lost++
		}
		if times > 1 {
			twice++
		}
	}
	require.Zero(t, lost, "lost of %d", n)
	return twice
}

// Certificate returns what a server has, and a client that trusts it.
func Certificate(t testing.TB) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, &tls.Config{RootCAs: pool}
}
