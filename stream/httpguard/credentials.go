package httpguard

import (
	"context"
	"crypto/x509"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Credentials are what a request has shown.
type credentials struct {
	user, password string
	basic          bool // there are these two
	token          string
	bearer         bool              // there is one
	certificate    *x509.Certificate // that was verified; nil for none
}

func credentialsOf(r *http.Request) (c credentials) {
	c.user, c.password, c.basic = r.BasicAuth()
	c.token, c.bearer = strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
		c.certificate = r.TLS.VerifiedChains[0][0]
	}
	return c
}

// asks reports whether credentials are asked for.
func (g *Guard) asks() bool { return g.passwords != nil || g.tokens != nil || g.certs != nil }

// proves reports whether a request has one of the credentials that are asked for.
func (g *Guard) proves(c credentials) bool {
	if !g.asks() {
		return true
	}
	if g.certs != nil && c.certificate != nil && g.certs(c.certificate) {
		return true
	}
	if g.passwords != nil && c.basic {
		password, known := g.passwords(c.user)
		if same(c.password, password) && known && password != "" { // as long for nobody as for a wrong password
			return true
		}
	}
	if g.tokens == nil {
		return false
	}
	found := false
	for _, token := range g.tokens() { // all of them, whichever it is
		found = same(c.token, token) && token != "" || found
	}
	return c.bearer && found
}

// lasting is after how long a request that is under way is asked for again, and again.
const lasting = time.Minute

// askAgain ends a request that lasts, as that of a viewer of a live page does, once its credentials are not good any more.
func (g *Guard) askAgain(ctx context.Context, shown credentials, end func()) {
	var mu sync.Mutex
	var timer *time.Timer
	mu.Lock()
	defer mu.Unlock()
	timer = time.AfterFunc(lasting, func() {
		if ctx.Err() != nil {
			return
		}
		still := false
		defer func() {
			_ = recover() // of a function of the caller's: nobody is above this one, as net/http is above a handler
			if !still {
				g.refused.Add(1)
				end()
			}
		}()
		if still = g.proves(shown); still {
			mu.Lock()
			defer mu.Unlock()
			if ctx.Err() == nil {
				timer.Reset(lasting)
			}
		}
	})
	context.AfterFunc(ctx, func() {
		mu.Lock()
		defer mu.Unlock()
		timer.Stop()
	})
}
