package webhdfsfs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/webhdfsfs"
)

// The tests against a real HDFS are in internal/hdfstest; these have what it does not do on demand.

func TestMistakes(t *testing.T) {
	for what, f := range map[string]func(){
		"no address":    func() { webhdfsfs.New(nil) },
		"no scheme":     func() { webhdfsfs.New([]string{"namenode:9870"}) },
		"password":      func() { webhdfsfs.New([]string{"http://me:secret@namenode:9870"}) },
		"relative path": func() { webhdfsfs.New([]string{"http://x:1"}).Dir("orders") },
		"client":        func() { webhdfsfs.HTTP(&http.Client{Timeout: time.Second}) },
		"timeout":       func() { webhdfsfs.Timeout(0) },
		"patience":      func() { webhdfsfs.Patience(-1) },
	} {
		func() {
			defer func() {
				caught := recover()
				assert.NotNil(t, caught, what)
				assert.NotContains(t, fmt.Sprint(caught), "secret")
			}()
			f()
		}()
	}
}

// calls makes each call of a directory, and returns their errors.
func calls(ctx context.Context, d filesystem.Truncater) map[string]error {
	_, stat := d.Stat(ctx, "a")
	_, create := d.Create(ctx, "a")
	r, _, open := d.Open(ctx, "a", 0)
	if open == nil {
		_, open = io.ReadAll(r)
		r.Close()
	}
	all := map[string]error{
		"stat": stat, "create": create, "open": open, "put": d.Put(ctx, "a", []byte("x")), "rename": d.Rename(ctx, "a", "b"),
		"remove": d.Remove(ctx, "a"), "mkdir": d.Mkdir(ctx, "a"), "sync": d.Sync(ctx, "."), "truncate": d.Truncate(ctx, "a", 1),
	}
	for _, err := range d.List(ctx, ".") {
		all["list"] = err
	}
	return all
}

// Whatever fails, and wherever, no error has a token in it.
func TestTokensAreNotShown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	nobody := l.Addr().String()
	require.NoError(t, l.Close())
	var redirect atomic.Value
	redirect.Store("http://" + nobody + "/webhdfs/v1/a?delegation=SECRET&op=OPEN")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "TOKEN", r.FormValue("delegation"))
		switch op := r.FormValue("op"); {
		case op == "GETFILESTATUS" && strings.HasSuffix(r.URL.Path, "/a"):
			fmt.Fprint(w, `{"FileStatus":{"type":"FILE","length":10,"fileId":1}}`)
		case op == "GETFILESTATUS":
			fmt.Fprint(w, `{"FileStatus":{"type":"DIRECTORY","fileId":2}}`)
		case op == "OPEN" || op == "CREATE" || op == "APPEND":
			w.Header().Set("Location", redirect.Load().(string))
			w.WriteHeader(http.StatusTemporaryRedirect)
		default:
			hijacked, _, err := w.(http.Hijacker).Hijack()
			if assert.NoError(t, err) {
				hijacked.Close()
			}
		}
	}))
	defer server.Close()
	d := webhdfsfs.New([]string{server.URL}, webhdfsfs.Token("TOKEN"), webhdfsfs.Patience(0)).Dir("/")
	for _, to := range []string{redirect.Load().(string), "http://%zz/?delegation=SECRET", "ftp://" + nobody + "/?delegation=SECRET"} {
		redirect.Store(to)
		failed := 0
		for what, err := range calls(t.Context(), d) {
			if err == nil {
				continue
			}
			failed++
			assert.NotContains(t, err.Error(), "SECRET", what)
			assert.NotContains(t, err.Error(), "TOKEN", what)
			_, ok := errors.AsType[*fs.PathError](err)
			assert.True(t, ok, "%s: %T", what, err)
		}
		assert.Greater(t, failed, 5)
	}
}

// Answers that are none are errors, and say what was asked for.
func TestNoWebHDFS(t *testing.T) {
	for _, answer := range []struct {
		status int
		body   string
	}{{200, "<html>"}, {200, "{}"}, {200, ""}, {401, ""}, {404, "not found"}, {500, strings.Repeat("x", 2<<20)}, {307, ""}, {403, `{"RemoteException":{}}`}} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(answer.status)
			io.WriteString(w, answer.body)
		}))
		d := webhdfsfs.New([]string{server.URL}, webhdfsfs.Patience(0), webhdfsfs.User("shop")).Dir("/")
		_, err := d.Stat(t.Context(), "a")
		require.Error(t, err, answer)
		require.ErrorContains(t, err, "/a: ")
		require.False(t, errors.Is(err, fs.ErrNotExist), "%v: %v", answer, err)
		require.Less(t, len(err.Error()), 500)
		server.Close()
	}
}

// A server that says nothing is given up, and a call ends with its context.
func TestSilent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	d := webhdfsfs.New([]string{"http://" + l.Addr().String()}, webhdfsfs.Timeout(100*time.Millisecond), webhdfsfs.Patience(0)).Dir("/")
	_, err = d.Stat(t.Context(), "a")
	require.ErrorContains(t, err, "has not answered in 100ms")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = d.Stat(ctx, "a")
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
