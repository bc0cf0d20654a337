package certs

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// ErrRevoked says that a certificate was revoked by the authority that has issued it, or that nobody can say whether it was.
var ErrRevoked = errors.New("the certificate is revoked")

// Server returns the configuration of a server. With Authorities, a client that has no certificate of theirs is refused. It panics where there is no
// certificate of its own.
//
// What the caller sets in it counts, before it is handed to a server: a higher MinVersion, NextProtos, a VerifyConnection that looks at whose certificate
// it is, behind the looking here. ClientAuth and ClientCAs count where there are no Authorities. What is set in a Clone of it does not, and http.Server.ServeTLS
// makes one: for HTTP/2 set NextProtos to h2 and http/1.1 in this one. Certificates, GetCertificate and SessionTicketsDisabled stay what they are.
func (f *Files) Server() *tls.Config {
	if f.paths.Certificate == "" {
		panic("certs: Server: Paths has no Certificate")
	}
	// The outer one is asked for one that holds for a connection.
	outer := &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.now().certificate, nil },
		// A ticket would let in for a week whom another configuration would not.
		SessionTicketsDisabled: true,
	}
	outer.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		s := f.now()
		c := outer.Clone()
		c.GetConfigForClient, c.GetCertificate, c.Certificates = nil, nil, []tls.Certificate{*s.certificate}
		c.MinVersion, c.SessionTicketsDisabled = max(c.MinVersion, tls.VersionTLS12), true
		c.VerifyConnection = f.verify
		if also := outer.VerifyConnection; also != nil {
			c.VerifyConnection = func(state tls.ConnectionState) error {
				if err := f.verify(state); err != nil {
					return err
				}
				return also(state)
			}
		}
		if s.pool != nil {
			c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, s.pool
		}
		return c, nil
	}
	return outer
}

// Client returns the configuration of a client, whose ServerName the caller sets where it is not the host that is dialed. It has the certificate of its own
// at hand, if there is one, for a server that asks. Its VerifyConnection looks at the lists: whoever sets another one calls it.
func (f *Files) Client() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, RootCAs: f.now().pool, VerifyConnection: f.verify,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if c := f.now().certificate; c != nil {
				return c, nil
			}
			return new(tls.Certificate), nil // none
		},
	}
}

// verify looks for the other side's certificates in the lists, once they have been verified otherwise.
func (f *Files) verify(c tls.ConnectionState) error {
	s := f.now()
	var last error
	for _, chain := range c.VerifiedChains {
		if last = s.revoked(chain, time.Now()); last == nil {
			return nil
		}
	}
	return last
}

// isSame reports whether two certificates are of one authority. One that is renewed has the name and the key that it had: a list of
// before holds for it, or whom that names would get in by the other one.
func isSame(a, b *x509.Certificate) bool {
	return bytes.Equal(a.RawSubject, b.RawSubject) && bytes.Equal(a.RawSubjectPublicKeyInfo, b.RawSubjectPublicKeyInfo)
}

// revoked reports whether a certificate of a chain is.
func (s *state) revoked(chain []*x509.Certificate, now time.Time) error {
	for i := range len(chain) - 1 {
		c, issuer := chain[i], chain[i+1]
		for k, list := range s.lists {
			if !isSame(s.issuers[k], issuer) {
				continue
			}
			if !list.NextUpdate.IsZero() && now.After(list.NextUpdate) {
				return fmt.Errorf("%w, or may be: the list of %q was to be replaced by %v", ErrRevoked, list.Issuer, list.NextUpdate.UTC())
			}
			for _, entry := range list.RevokedCertificateEntries {
				if entry.SerialNumber.Cmp(c.SerialNumber) == 0 {
					return fmt.Errorf("%w: number %v of %q", ErrRevoked, c.SerialNumber, issuer.Subject)
				}
			}
		}
	}
	return nil
}
