package syslogsource

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/source/pushsource"
)

// An rsyslog is a real rsyslogd, with its work folder and a file that it reads.
type rsyslog struct {
	t    testing.TB
	dir  string
	exec string
	*servertest.Process
	lines int // that the file has
}

// newRsyslog writes the configuration of an rsyslogd that forwards what is added to a file.
func newRsyslog(t testing.TB, action string) *rsyslog {
	t.Helper()
	r := &rsyslog{t: t, dir: t.TempDir(), exec: servertest.Program(t, "rsyslogd", "apt-get install rsyslog rsyslog-relp rsyslog-gnutls")}
	conf := fmt.Sprintf(`
global(workDirectory=%[1]q maxMessageSize="64k" localHostname="web1")
module(load="imfile")
main_queue(queue.type="Direct")
input(type="imfile" file="%[1]s/in.log" tag="app[7]:" facility="local7" severity="info" persistStateInterval="1")
%[2]s
`, r.dir, action)
	require.NoError(t, os.WriteFile(filepath.Join(r.dir, "rsyslog.conf"), []byte(conf), 0o600))
	return r
}

// start starts it, or starts it again.
func (r *rsyslog) start() {
	r.t.Helper()
	pid := filepath.Join(r.dir, "pid")
	_ = os.Remove(pid) // one that was killed leaves it
	r.Process = servertest.Start(r.t, exec.Command(r.exec, "-n", "-f", filepath.Join(r.dir, "rsyslog.conf"), "-i", pid))
}

// add adds numbered lines to the file.
func (r *rsyslog) add(n int) {
	r.t.Helper()
	f, err := os.OpenFile(filepath.Join(r.dir, "in.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(r.t, err)
	var b strings.Builder
	for range n {
		fmt.Fprintf(&b, "line %d\n", r.lines)
		r.lines++
	}
	_, err = f.WriteString(b.String())
	require.NoError(r.t, err)
	require.NoError(r.t, f.Close())
}

// read returns how many lines of its file rsyslog has read, as it has noted.
func (r *rsyslog) read() int {
	r.t.Helper()
	states, err := filepath.Glob(filepath.Join(r.dir, "imfile-state*"))
	require.NoError(r.t, err)
	file, err := os.ReadFile(filepath.Join(r.dir, "in.log"))
	require.NoError(r.t, err)
	for _, state := range states {
		b, err := os.ReadFile(state)
		require.NoError(r.t, err)
		_, number, _ := strings.Cut(string(b), `"curr_offs": `)
		offset := 0
		_, _ = fmt.Sscan(number, &offset)
		return strings.Count(string(file[:offset]), "\n")
	}
	return 0
}

// numbered returns the texts of numbered lines.
func numbered(n int) []string {
	var texts []string
	for i := range n {
		texts = append(texts, fmt.Sprintf("line %d", i))
	}
	return texts
}

// forward is an action that rsyslog tries again until it works.
func forward(addr net.Addr, more string) string {
	host, port, _ := net.SplitHostPort(addr.String())
	return fmt.Sprintf(`action(target=%q port=%q action.resumeRetryCount="-1" action.resumeInterval="1" %s)`, host, port, more)
}

// What rsyslog sends over each of its transports, with each of its templates.
func TestRsyslog(t *testing.T) {
	const n = 500
	server, authority := certificates(t)
	relp := func(s pushsource.Server, opts ...Option) *pushsource.Source[Message] {
		s.AckWithin = time.Millisecond
		return ListenRELP(s, opts...)
	}
	secure := func(s pushsource.Server, opts ...Option) *pushsource.Source[Message] {
		s.TLS = server
		return Listen(s, opts...)
	}
	relpTLS := func(s pushsource.Server, opts ...Option) *pushsource.Source[Message] {
		s.TLS = server
		return relp(s, opts...)
	}
	transports := []struct {
		name   string
		listen listen
		action string
	}{
		{"tcp", Listen, `type="omfwd" protocol="tcp"`},
		{"counted", Listen, `type="omfwd" protocol="tcp" TCP_Framing="octet-counted"`},
		{"udp", ListenUDP, `type="omfwd" protocol="udp"`},
		{"tls", secure, `type="omfwd" protocol="tcp" StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="localhost" StreamDriver.CAFile="` + authority + `" TCP_Framing="octet-counted"`},
		{"relp", relp, `type="omrelp"`},
		{"relp tls", relpTLS, `type="omrelp" tls="on" tls.authMode="name" tls.permittedPeer="localhost" tls.caCert="` + authority + `" tls.myCert="` + authority + `" tls.myPrivKey="` + keyOf(authority) + `"`},
	}
	actions := `module(load="omrelp")` + "\n"
	runs := map[string]*run{}
	for _, transport := range transports {
		for _, template := range []string{"TraditionalForwardFormat", "ForwardFormat", "SyslogProtocol23Format"} {
			run := start(t, transport.listen, pushsource.Server{PacketBuffer: 1 << 20}) // none may be lost
			runs[transport.name+" "+template] = run
			actions += forward(run.addr, fmt.Sprintf(`%s template="RSYSLOG_%s"`, transport.action, template)) + "\n"
		}
	}
	r := newRsyslog(t, actions)
	r.start()
	r.add(n)
	for _, run := range runs {
		run.read(n)
	}
	r.Stop()
	for name, run := range runs {
		require.Equal(t, numbered(n), run.ends(), name)
		require.Empty(t, run.bad.Values(), name)
		for _, m := range run.got.Values() {
			require.WithinDuration(t, time.Now(), m.Time, time.Minute, name)
			want := Message{Facility: Local7, Severity: Info, Time: m.Time, Host: "web1", App: "app", ProcID: "7", Text: m.Text, Client: m.Client}
			require.Equal(t, want, m, name)
			require.True(t, m.Client.Addr().IsLoopback(), name)
		}
	}
}

// certificates returns what a server of the name localhost needs, and the file of the authority for its clients.
func certificates(t testing.TB) (server *tls.Config, authority string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	authority = filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(keyOf(authority), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, authority
}

// keyOf returns the file of its private key: omrelp offers no TLS that Go speaks unless it has a certificate of its own.
func keyOf(authority string) string { return authority + ".key" }
