package httpguard

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
)

// A Guard is a handler in front of another one. It may be used by any number of requests at a time.
type Guard struct {
	inside    http.Handler
	passwords func(user string) (password string, known bool)
	tokens    func() []string
	certs     func(*x509.Certificate) bool
	networks  []netip.Prefix
	perAddr   int

	admitted, refused atomic.Int64

	mu   sync.Mutex
	from map[netip.Addr]int // requests under way
}

// An Option says who is let in.
type Option func(*Guard)

// Passwords lets in who has a password, by Basic authentication. Of returns that of a user, and false for nobody. An empty one lets in nobody. It panics if of is nil.
func Passwords(of func(user string) (password string, known bool)) Option {
	if of == nil {
		panic("httpguard: Passwords: the function is nil")
	}
	return func(g *Guard) { g.passwords = of }
}

// Tokens lets in who has one of the tokens, as "Authorization: Bearer". An empty token is nobody's. It panics if all is nil.
func Tokens(all func() []string) Option {
	if all == nil {
		panic("httpguard: Tokens: the function is nil")
	}
	return func(g *Guard) { g.tokens = all }
}

// Certificates lets in who has a client certificate that the server's TLS has verified, and that is one of those that known reports. It panics if known is nil.
func Certificates(known func(*x509.Certificate) bool) Option {
	if known == nil {
		panic("httpguard: Certificates: the function is nil")
	}
	return func(g *Guard) { g.certs = known }
}

// Networks lets in from these addresses only. It is the address of the connection that counts, and no header. It panics if there is none, or one is no network.
func Networks(all ...netip.Prefix) Option {
	if len(all) == 0 {
		panic("httpguard: Networks: there is none")
	}
	for _, n := range all {
		if !n.IsValid() {
			panic("httpguard: Networks: one is none")
		}
	}
	return func(g *Guard) { g.networks = all }
}

// PerAddr sets how many requests of one address are under way at most, for IPv6 of one /64. A viewer of a live page is one as long as they look. The default is
// 100. It panics if n is not positive.
func PerAddr(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("httpguard: PerAddr(%d): want at least 1", n))
	}
	return func(g *Guard) { g.perAddr = n }
}

// New returns a guard in front of h. It panics if h or an option is nil, or if none of Passwords, Tokens, Certificates and Networks is given: nobody is named then.
func New(h http.Handler, opts ...Option) *Guard {
	if h == nil {
		panic("httpguard: New: the handler is nil")
	}
	g := &Guard{inside: h, perAddr: 100, from: map[netip.Addr]int{}}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("httpguard: New: option %d of %d is nil", i+1, len(opts)))
		}
		o(g)
	}
	if g.passwords == nil && g.tokens == nil && g.certs == nil && len(g.networks) == 0 {
		panic("httpguard: New: it is not said who is let in")
	}
	return g
}

// Admitted returns how many requests were let in.
func (g *Guard) Admitted() int64 { return g.admitted.Load() }

// Refused returns how many requests were refused.
func (g *Guard) Refused() int64 { return g.refused.Load() }

func (g *Guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := addrOf(r.RemoteAddr)
	if !g.knows(at) {
		g.refuse(w, http.StatusForbidden)
		return
	}
	if !g.enter(at) {
		w.Header().Set("Retry-After", "1")
		g.refuse(w, http.StatusTooManyRequests)
		return
	}
	defer g.leave(at)
	shown := credentialsOf(r)
	if !g.proves(shown) {
		if g.passwords != nil {
			w.Header().Add("WWW-Authenticate", `Basic realm="freshet", charset="UTF-8"`)
		}
		if g.tokens != nil {
			w.Header().Add("WWW-Authenticate", "Bearer")
		}
		g.refuse(w, http.StatusUnauthorized)
		return
	}
	g.admitted.Add(1)
	ctx, end := context.WithCancel(r.Context())
	defer end()
	if g.asks() {
		g.askAgain(ctx, shown, end)
	}
	g.inside.ServeHTTP(w, r.WithContext(ctx))
}

// refuse answers without a word of why, and has the connection closed: the body is not read.
func (g *Guard) refuse(w http.ResponseWriter, status int) {
	g.refused.Add(1)
	w.Header().Set("Connection", "close")
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, http.StatusText(status), status)
}

// same compares in a time that depends on neither text: of texts of two lengths the hashes are compared, too.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// addrOf returns the address of a connection; the zero one where it has none, as of a unix socket.
func addrOf(remote string) netip.Addr {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	at, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return at.Unmap().WithZone("")
}

func (g *Guard) knows(at netip.Addr) bool {
	for _, n := range g.networks {
		if n.Contains(at) {
			return true
		}
	}
	return len(g.networks) == 0
}

// countedBy returns what requests are counted by: who has a network of IPv6 has as many addresses as they like.
func countedBy(at netip.Addr) netip.Addr {
	if at.Is6() {
		if p, err := at.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return at
}

func (g *Guard) enter(at netip.Addr) bool {
	at = countedBy(at)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.from[at] >= g.perAddr {
		return false
	}
	g.from[at]++
	return true
}

func (g *Guard) leave(at netip.Addr) {
	at = countedBy(at)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.from[at]--; g.from[at] == 0 {
		delete(g.from, at)
	}
}
