package httpguard_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/httpguard"
)

// How long a refusal takes does not tell how much of a guess is right. The token is so long that a comparison which ends with the first byte that
// differs takes many times as long for a guess that is right up to its last byte. The least of requests in turn bears a busy machine.
func TestTiming(t *testing.T) {
	token := strings.Repeat("x", 512<<10)
	g := httpguard.New(http.NotFoundHandler(), httpguard.Tokens(func() []string { return []string{token} }), httpguard.Passwords(func(user string) (string, bool) {
		return token, user == "known"
	}))
	ask := func(set func(*http.Request)) func() time.Duration {
		r := httptest.NewRequest("GET", "/", nil)
		set(r)
		return func() time.Duration {
			begun := time.Now()
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			took := time.Since(begun)
			require.Equal(t, http.StatusUnauthorized, w.Code)
			return took
		}
	}
	bearer := func(guess string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+guess) }
	}
	basic := func(user, guess string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(user, guess) }
	}
	nearly, wrong := token[1:]+"y", "y"+token[1:]
	for what, two := range map[string][2]func() time.Duration{
		"token":    {ask(bearer(wrong)), ask(bearer(nearly))},
		"password": {ask(basic("known", wrong)), ask(basic("known", nearly))},
		"user":     {ask(basic("nobody", token)), ask(basic("known", nearly))},
	} {
		took := [2]time.Duration{time.Hour, time.Hour}
		for tries := 0; tries < 300 && (tries < 15 || max(took[0], took[1]) >= 2*min(took[0], took[1])); tries++ {
			for i, f := range two {
				took[i] = min(took[i], f())
			}
		}
		require.Less(t, max(took[0], took[1]), 2*min(took[0], took[1]), "%s: %v", what, took)
	}
}

// An empty password is nobody's, as an empty token is: a table of users that has lost them lets in no one.
func TestEmptyPassword(t *testing.T) {
	g := httpguard.New(http.NotFoundHandler(), httpguard.Passwords(func(string) (string, bool) { return "", true }))
	r := httptest.NewRequest("GET", "/", nil)
	r.SetBasicAuth("shop", "")
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	require.Equal(t, http.StatusUnauthorized, w.Code)
}
