package hbaserest

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Who asks is asked for with each request, and once more when the gateway refuses it; an error of that passes.
func TestAskedAgain(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("Authorization") != "Bearer new" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	says := []string{}
	proves := func(q *http.Request) error {
		s := says[0]
		if says = says[1:]; s == "" {
			return errors.New("the vault is shut")
		}
		q.Header.Set("Authorization", "Bearer "+s)
		return nil
	}
	c, err := New(server.Client(), server.URL, "t", proves, 2*time.Second, 1<<16)
	require.NoError(t, err)
	ask := func(all ...string) (int64, error) {
		says, _ = all, asked.Swap(0)
		_, err := c.Regions(t.Context())
		return asked.Load(), err
	}
	n, err := ask("new")
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	n, err = ask("old", "new")
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	n, err = ask("old", "older", "new")
	require.ErrorContains(t, err, "401")
	require.False(t, Passes(err))
	require.EqualValues(t, 2, n)
	n, err = ask("old", "old")
	require.ErrorContains(t, err, "401")
	require.EqualValues(t, 1, n, "what is refused is not said again")
	_, err = ask("")
	require.ErrorContains(t, err, "the vault is shut")
	require.True(t, Passes(err))
}

// A token in a header of any name is shown by no error, be it as it is, by base64 or with the escapes of JSON, and goes to no other host.
func TestTokenInAnyHeader(t *testing.T) {
	var heard http.Header
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { heard = r.Header.Clone() }))
	defer other.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved/regions" {
			http.Redirect(w, r, strings.Replace(other.URL, "127.0.0.1", "localhost", 1), http.StatusTemporaryRedirect)
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprintf(w, `{"message":"X-Auth-Token: to\\ken\u003d was sent, or %s"}`, r.Header.Get("X-Auth-Token"))
	}))
	defer server.Close()
	proves := func(q *http.Request) error {
		q.Header.Set("X-Auth-Token", `to\ken=`)
		return nil
	}
	ask := func(table string) error {
		c, err := New(server.Client(), server.URL, table, proves, 2*time.Second, 1<<16)
		require.NoError(t, err)
		_, err = c.Regions(t.Context())
		return err
	}
	require.ErrorContains(t, ask("t"), "***")
	require.NotContains(t, ask("t").Error(), `to\ken`)
	_ = ask("moved") // the other host says nothing that is of use
	require.NotEmpty(t, heard)
	require.Empty(t, heard.Get("X-Auth-Token"))
}

// A gateway with TLS that sends elsewhere without is not followed: the password would go there in the clear.
func TestRedirectWithoutTLS(t *testing.T) {
	var heard atomic.Int64
	clear := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard.Add(1) }))
	defer clear.Close()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, clear.URL, http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	c, err := New(server.Client(), server.URL, "t", nil, 2*time.Second, 1<<16)
	require.NoError(t, err)
	_, err = c.Regions(t.Context())
	require.ErrorContains(t, err, "without TLS")
	require.Zero(t, heard.Load())
}
