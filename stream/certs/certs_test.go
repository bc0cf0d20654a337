package certs_test

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/stream/certs"
)

var later = time.Now().Add(time.Hour)

// A place has the files of one side.
type place struct {
	t     *testing.T
	paths certs.Paths
}

func placeOf(t *testing.T, a *servertest.Authority, own tls.Certificate, revoked []byte) *place {
	t.Helper()
	p := &place{t: t}
	p.paths.Certificate, p.paths.Key = a.Write(own)
	p.paths.Authorities, _ = a.Write(a.Certificate())
	if revoked != nil {
		p.paths.Revoked = filepath.Join(t.TempDir(), "crl.pem")
		require.NoError(t, os.WriteFile(p.paths.Revoked, revoked, 0o600))
	}
	return p
}

func (p *place) open() *certs.Files {
	p.t.Helper()
	f, err := certs.Open(p.paths)
	require.NoError(p.t, err)
	return f
}

// renew puts another certificate and its key where those of the place were.
func (p *place) renew(a *servertest.Authority, own tls.Certificate) {
	certificate, key := a.Write(own)
	require.NoError(p.t, os.Rename(certificate, p.paths.Certificate))
	require.NoError(p.t, os.Rename(key, p.paths.Key))
}

// meet has a client and a server shake hands and say a word, and returns what each says of it.
func meet(t *testing.T, server, client *tls.Config) (ofServer, ofClient error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") // a pipe has no room for what both say at once
	require.NoError(t, err)
	defer l.Close()
	b, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	a, err := l.Accept()
	require.NoError(t, err)
	for _, c := range []net.Conn{a, b} {
		require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	}
	done := make(chan error, 1)
	go func() {
		s := tls.Server(a, server)
		err := s.Handshake()
		if err == nil {
			_, err = s.Write([]byte("x"))
		}
		done <- err
		a.Close()
	}()
	c := tls.Client(b, client)
	ofClient = c.Handshake()
	if ofClient == nil {
		_, ofClient = io.ReadFull(c, make([]byte, 1)) // in TLS 1.3 a client learns late that it is refused
	}
	b.Close()
	return <-done, ofClient
}

func named(c *tls.Config, name string) *tls.Config {
	c = c.Clone()
	c.ServerName = name
	return c
}

const host = "127.0.0.1"

// Each way in which a certificate can be wrong is refused, by servers and by clients.
func TestRefused(t *testing.T) {
	shop, other := servertest.NewAuthority(t), servertest.NewAuthority(t)
	server, client, lost := shop.Signs("server", later), shop.Signs("client", later), shop.Signs("lost", later)
	list := shop.Revokes(later, lost)
	ours, theirs := placeOf(t, shop, server, list).open(), placeOf(t, shop, client, list).open()
	s, c := meet(t, ours.Server(), named(theirs.Client(), host))
	require.NoError(t, errors.Join(s, c))

	for what, wrong := range map[string]tls.Certificate{
		"expired": shop.Signs("x", time.Now().Add(-time.Hour)), "another's": other.Signs("x", later), "revoked": lost, "self-signed": other.SelfSigned(),
	} {
		paths := placeOf(t, shop, client, list)
		asClient := paths.open().Client()
		asClient.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &wrong, nil }
		s, _ := meet(t, ours.Server(), named(asClient, host))
		require.Error(t, s, "a client that is %s", what)
		if what == "revoked" {
			require.ErrorIs(t, s, certs.ErrRevoked)
		}
		asServer := &tls.Config{Certificates: []tls.Certificate{wrong}}
		_, c := meet(t, asServer, named(theirs.Client(), host))
		require.Error(t, c, "a server that is %s", what)
		if what == "revoked" {
			require.ErrorIs(t, c, certs.ErrRevoked)
		}
	}
	_, c = meet(t, ours.Server(), named(theirs.Client(), "elsewhere.example"))
	require.ErrorContains(t, c, "elsewhere.example")
	s, _ = meet(t, ours.Server(), &tls.Config{RootCAs: shop.Pool(), ServerName: host})
	require.Error(t, s, "a client without a certificate")
	_, c = meet(t, ours.Server(), &tls.Config{RootCAs: shop.Pool(), ServerName: host, MaxVersion: tls.VersionTLS11, Certificates: []tls.Certificate{client}})
	require.Error(t, c, "TLS 1.1")
	_, c = meet(t, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11, Certificates: []tls.Certificate{server}}, named(theirs.Client(), host))
	require.Error(t, c, "a server of TLS 1.1")

	stale := placeOf(t, shop, server, shop.Revokes(time.Now().Add(-time.Minute))).open()
	s, _ = meet(t, stale.Server(), named(theirs.Client(), host))
	require.ErrorIs(t, s, certs.ErrRevoked, "a list that should have been replaced")
}

// An authority whose own certificate is renewed, with the key that it had, has two for a while. Who is revoked gets in by neither, whichever
// of them comes first.
func TestRevokedBehindRenewedAuthority(t *testing.T) {
	shop := servertest.NewAuthority(t)
	lost := shop.Signs("lost", later)
	own := shop.SelfSigned()
	old, err := x509.ParseCertificate(own.Certificate[0])
	require.NoError(t, err)
	template := *old
	template.SerialNumber, template.NotAfter = big.NewInt(2), later.Add(time.Hour)
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, old.PublicKey, own.PrivateKey)
	require.NoError(t, err)
	for _, both := range [][][]byte{{old.Raw, der}, {der, old.Raw}} {
		p := placeOf(t, shop, shop.Signs("server", later), shop.Revokes(later, lost))
		var text []byte
		for _, raw := range both {
			text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})...)
		}
		require.NoError(t, os.WriteFile(p.paths.Authorities, text, 0o600))
		server := p.open().Server()
		as := func(c tls.Certificate) error {
			s, _ := meet(t, server, &tls.Config{RootCAs: shop.Pool(), ServerName: host, Certificates: []tls.Certificate{c}})
			return s
		}
		require.ErrorIs(t, as(lost), certs.ErrRevoked)
		require.NoError(t, as(shop.Signs("good", later)))
	}
}

// Files that change are read again; those that do not fit leave what there was.
func TestRenewed(t *testing.T) {
	t.Parallel() // it waits, as files are looked at once a second
	shop := servertest.NewAuthority(t)
	client := shop.Signs("client", later)
	place := placeOf(t, shop, shop.Signs("server", later), shop.Revokes(later))
	files := place.open()
	server, theirs := files.Server(), named(placeOf(t, shop, client, nil).open().Client(), host)
	seen := func() (number string) {
		theirs.VerifyConnection = func(c tls.ConnectionState) error {
			number = c.PeerCertificates[0].SerialNumber.String()
			return nil
		}
		s, c := meet(t, server, theirs)
		require.NoError(t, errors.Join(s, c))
		return number
	}
	replace := func(path string, data []byte) {
		t.Helper()
		require.NoError(t, os.WriteFile(path+".new", data, 0o600))
		require.NoError(t, os.Rename(path+".new", path))
	}
	copied := func(from, to string) {
		t.Helper()
		b, err := os.ReadFile(from)
		require.NoError(t, err)
		replace(to, b)
	}
	until := func(what string, f func() bool) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); !f(); time.Sleep(20 * time.Millisecond) {
			require.True(t, time.Now().Before(deadline), what)
		}
	}
	first := seen()
	cert, key := shop.Write(shop.Signs("server again", later))
	copied(key, place.paths.Key)
	until("half of a renewal is an error", func() bool { return files.Err() != nil })
	require.Equal(t, first, seen(), "and what there was is in use")
	copied(cert, place.paths.Certificate)
	until("it is renewed", func() bool { return files.Err() == nil && seen() != first })

	replace(place.paths.Revoked, shop.Revokes(later, client))
	until("the client is revoked", func() bool {
		s, _ := meet(t, server, theirs)
		return errors.Is(s, certs.ErrRevoked)
	})
	forged := servertest.NewAuthority(t).Revokes(later)
	replace(place.paths.Revoked, forged)
	until("a list of somebody else's is an error", func() bool { return files.Err() != nil })
	s, _ := meet(t, server, theirs)
	require.ErrorIs(t, s, certs.ErrRevoked, "and lets nobody in")
	require.NoError(t, os.Remove(place.paths.Revoked))
	until("a list that is gone is one", func() bool {
		return files.Err() != nil && bytes.Contains([]byte(files.Err().Error()), []byte("no such file"))
	})
	s, _ = meet(t, server, theirs)
	require.ErrorIs(t, s, certs.ErrRevoked)
}

func TestOpen(t *testing.T) {
	shop := servertest.NewAuthority(t)
	cert, key := shop.Write(shop.Signs("server", later))
	_, otherKey := shop.Write(shop.Signs("server", later))
	ca, _ := shop.Write(shop.Certificate())
	crl := filepath.Join(t.TempDir(), "crl")
	require.NoError(t, os.WriteFile(crl, servertest.NewAuthority(t).Revokes(later), 0o600))
	for what, paths := range map[string]certs.Paths{
		"needed both":                {Certificate: cert},
		"signed by nobody":           {Revoked: crl},
		"private key does not match": {Certificate: cert, Key: otherKey},
		"no such file":               {Authorities: "none"},
		"has no CERTIFICATE":         {Authorities: key},
		"signed by none":             {Authorities: ca, Revoked: crl},
		"has no X509 CRL":            {Authorities: ca, Revoked: ca},
	} {
		_, err := certs.Open(paths)
		require.ErrorContains(t, err, what)
	}
	f, err := certs.Open(certs.Paths{Authorities: ca})
	require.NoError(t, err)
	require.Panics(t, func() { f.Server() })
	require.NoError(t, f.Err())
	require.NotNil(t, f.Client().RootCAs)
}

// What a caller sets in the configuration of a server holds for each connection: a floor above 1.2, and whose certificates are let in.
func TestServerIsAsItWasSet(t *testing.T) {
	shop := servertest.NewAuthority(t)
	ours, theirs := placeOf(t, shop, shop.Signs("server", later), nil).open(), placeOf(t, shop, shop.Signs("client", later), nil).open()
	client := named(theirs.Client(), host)

	floor := ours.Server()
	floor.MinVersion = tls.VersionTLS13
	older := client.Clone()
	older.MaxVersion = tls.VersionTLS12
	s, _ := meet(t, floor, older)
	require.Error(t, s, "TLS 1.2 where 1.3 is the least")
	s, c := meet(t, floor, client)
	require.NoError(t, errors.Join(s, c))

	lower := ours.Server()
	lower.MinVersion = tls.VersionTLS10
	oldest := client.Clone()
	oldest.MinVersion, oldest.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	s, _ = meet(t, lower, oldest)
	require.Error(t, s, "TLS 1.1, whatever MinVersion says")

	picky, stranger := ours.Server(), errors.New("a stranger")
	picky.VerifyConnection = func(s tls.ConnectionState) error {
		if name := s.PeerCertificates[0].Subject.CommonName; name != "nobody" {
			return stranger
		}
		return nil
	}
	s, _ = meet(t, picky, client)
	require.ErrorIs(t, s, stranger)

	lost := shop.Signs("nobody", later) // whom the caller knows, and the authority has revoked
	revoking := placeOf(t, shop, shop.Signs("server", later), shop.Revokes(later, lost)).open().Server()
	revoking.VerifyConnection = picky.VerifyConnection
	asLost := client.Clone()
	asLost.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &lost, nil }
	s, _ = meet(t, revoking, asLost)
	require.ErrorIs(t, s, certs.ErrRevoked)

	speaks := ours.Server()
	speaks.NextProtos = []string{"h2"}
	asks := client.Clone()
	asks.NextProtos = []string{"other"}
	s, _ = meet(t, speaks, asks)
	require.Error(t, s, "no protocol in common")
}

// Whoever puts back an older list, or takes it away, does not get in whom the newer one has revoked.
func TestOlderList(t *testing.T) {
	t.Parallel() // in real time, as files are looked at once a second
	shop := servertest.NewAuthority(t)
	lost := shop.Signs("lost", later)
	older := shop.Revokes(later)
	p := placeOf(t, shop, shop.Signs("server", later), shop.Revokes(later, lost))
	ours := p.open()
	client := named(placeOf(t, shop, lost, nil).open().Client(), host)
	s, _ := meet(t, ours.Server(), client)
	require.ErrorIs(t, s, certs.ErrRevoked)
	put := func(list []byte) {
		require.NoError(t, os.WriteFile(p.paths.Revoked+".new", list, 0o600))
		require.NoError(t, os.Rename(p.paths.Revoked+".new", p.paths.Revoked))
	}
	put(older)
	require.Eventually(t, func() bool { return ours.Err() != nil }, time.Minute, 50*time.Millisecond)
	require.ErrorContains(t, ours.Err(), "is not there any more")
	s, _ = meet(t, ours.Server(), client)
	require.ErrorIs(t, s, certs.ErrRevoked)
	p.renew(shop, shop.Signs("renewed", later))
	renewed := named(placeOf(t, shop, shop.Signs("good", later), nil).open().Client(), host)
	require.Eventually(t, func() bool {
		number := ""
		renewed.VerifyConnection = func(c tls.ConnectionState) error { number = c.PeerCertificates[0].Subject.CommonName; return nil }
		s, c := meet(t, ours.Server(), renewed)
		return s == nil && c == nil && number == "renewed"
	}, time.Minute, 100*time.Millisecond, "a certificate that was renewed does not wait for the list")
	s, _ = meet(t, ours.Server(), client)
	require.ErrorIs(t, s, certs.ErrRevoked)
	put(shop.Revokes(later))
	require.Eventually(t, func() bool { return ours.Err() == nil }, time.Minute, 50*time.Millisecond)
	s, c := meet(t, ours.Server(), client)
	require.NoError(t, errors.Join(s, c), "the authority has thought better of it")
}
