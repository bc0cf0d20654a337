package certs

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"
)

// Paths says where the files are. One that is empty is of no use here.
type Paths struct {
	Certificate string // PEM, the leaf first; needed for Server
	Key         string // PEM, of the certificate
	Authorities string // PEM, of those who vouch for the other side; without it Client trusts whom the system does, and Server asks for no certificates
	Revoked     string // revocation lists of these authorities; with it, Authorities is needed
}

// Files are read again when they change. Any number of goroutines may use it.
type Files struct {
	paths Paths

	mu     sync.Mutex
	looked time.Time
	seen   [4]stamp
	state  *state
	err    error
}

// A stamp tells one content of a file from another.
type stamp struct {
	size int64
	at   time.Time
}

// A state is what the files have held together.
type state struct {
	certificate *tls.Certificate // nil for none
	pool        *x509.CertPool   // nil for none
	authorities []*x509.Certificate
	lists       []*x509.RevocationList
	issuers     []*x509.Certificate // of each list
}

const lookEvery = time.Second

// Open reads the files. It is an error where one cannot be read, holds nothing, or does not belong to the others.
func Open(paths Paths) (*Files, error) {
	if (paths.Certificate == "") != (paths.Key == "") {
		return nil, errors.New("certs: a certificate and its key are needed both")
	}
	if paths.Revoked != "" && paths.Authorities == "" {
		return nil, errors.New("certs: revocation lists without authorities are signed by nobody")
	}
	f := &Files{paths: paths, looked: time.Now()}
	f.seen = f.stamps()
	s, err := f.read()
	if err != nil {
		return nil, fmt.Errorf("certs: %w", err)
	}
	f.state = s
	return f, nil
}

// Err returns why the files as they are now are not used; nil if they are.
func (f *Files) Err() error {
	f.now()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

func (f *Files) stamps() (all [4]stamp) {
	for i, path := range []string{f.paths.Certificate, f.paths.Key, f.paths.Authorities, f.paths.Revoked} {
		if info, err := os.Stat(path); path != "" && err == nil {
			all[i] = stamp{info.Size(), info.ModTime()}
		}
	}
	return all
}

// now returns what the files hold, or what they held when it was last of use.
func (f *Files) now() *state {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := time.Now(); now.Sub(f.looked) >= lookEvery {
		f.looked = now
		if seen := f.stamps(); seen != f.seen || f.err != nil {
			s, err := f.read()
			if err == nil {
				if err = s.follows(f.state); err != nil {
					s.lists, s.issuers = f.state.lists, f.state.issuers // and the rest counts: a certificate that was renewed must not wait for a list
				}
				f.state = s
			}
			if err != nil {
				err = fmt.Errorf("certs: %w", err)
			}
			f.seen, f.err = seen, err
		}
	}
	return f.state
}

// follows returns an error where a list is older than the one before it, or has gone though its authority has not: whoever puts back an older one
// wants somebody let in.
func (s *state) follows(before *state) error {
	for i, old := range before.lists {
		for k, now := range s.lists {
			if isSame(s.issuers[k], before.issuers[i]) && (old.Number == nil || now.Number == nil || now.Number.Cmp(old.Number) >= 0) {
				old = nil
				break
			}
		}
		if old != nil && slices.ContainsFunc(s.authorities, func(a *x509.Certificate) bool { return isSame(a, before.issuers[i]) }) {
			return fmt.Errorf("the revocation list of %q, number %v, is not there any more, nor one that follows it", old.Issuer, old.Number)
		}
	}
	return nil
}

func (f *Files) read() (*state, error) {
	s := &state{}
	if f.paths.Certificate != "" {
		c, err := tls.LoadX509KeyPair(f.paths.Certificate, f.paths.Key)
		if err != nil {
			return nil, err
		}
		s.certificate = &c
	}
	if f.paths.Authorities == "" {
		return s, nil
	}
	authorities, err := readAll(f.paths.Authorities, "CERTIFICATE", x509.ParseCertificate)
	if err != nil {
		return nil, err
	}
	s.pool, s.authorities = x509.NewCertPool(), authorities
	for _, a := range authorities {
		s.pool.AddCert(a)
	}
	if f.paths.Revoked == "" {
		return s, nil
	}
	if s.lists, err = readAll(f.paths.Revoked, "X509 CRL", x509.ParseRevocationList); err != nil {
		return nil, err
	}
	for _, list := range s.lists {
		issuer := issuerOf(list, authorities)
		if issuer == nil {
			return nil, fmt.Errorf("%s: a revocation list of %q is signed by none of the authorities", f.paths.Revoked, list.Issuer)
		}
		s.issuers = append(s.issuers, issuer)
	}
	return s, nil
}

func issuerOf(list *x509.RevocationList, authorities []*x509.Certificate) *x509.Certificate {
	for _, a := range authorities {
		if bytes.Equal(a.RawSubject, list.RawIssuer) && list.CheckSignatureFrom(a) == nil {
			return a
		}
	}
	return nil
}

// readAll reads what a file has of a kind, in PEM or one in DER.
func readAll[V any](path, kind string, parse func([]byte) (V, error)) (all []V, err error) {
	rest, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if !bytes.Contains(rest, []byte("-----BEGIN")) {
		v, err := parse(rest)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return []V{v}, nil
	}
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != kind {
			continue
		}
		v, err := parse(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, v)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no %s", path, kind)
	}
	return all, nil
}
