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
	d = webhdfsfs.New([]string{"http://" + l.Addr().String()}, webhdfsfs.Timeout(time.Minute), webhdfsfs.Patience(0)).Dir("/")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = d.Stat(ctx, "a")
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// A token that is refused is asked for again, once for each call, and so is what Authorize puts in; nobody else is.
func TestAskedAgain(t *testing.T) {
	var good atomic.Value // the token, or what stands in the header
	good.Store("one")
	var calls atomic.Int64
	refuse := func(w http.ResponseWriter, class string) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"RemoteException":{"exception":"x","javaClassName":%q,"message":"token (owner=shop) can't be found in cache"}}`, class)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		switch {
		case r.Header.Get("X-Who") == good.Load() || r.FormValue("delegation") == good.Load():
			fmt.Fprint(w, `{"FileStatus":{"type":"FILE","length":10,"fileId":1}}`)
		case r.FormValue("delegation") == "":
			w.WriteHeader(http.StatusUnauthorized)
		case r.FormValue("delegation") == "not allowed":
			refuse(w, "org.apache.hadoop.security.AccessControlException")
		default:
			refuse(w, "org.apache.hadoop.security.token.SecretManager$InvalidToken")
		}
	}))
	defer server.Close()
	says := []string{"one"}
	next := func() string {
		s := says[0]
		says = says[min(1, len(says)-1):]
		return s
	}
	for name, option := range map[string]webhdfsfs.Option{
		"tokens": webhdfsfs.Tokens(func(context.Context) (string, error) {
			if s := next(); s != "away" {
				return s, nil
			}
			return "", errors.New("the vault is shut")
		}),
		"authorize": webhdfsfs.Authorize(func(r *http.Request) error {
			r.Header.Set("X-Who", next())
			return nil
		}),
	} {
		t.Run(name, func(t *testing.T) {
			stat := func(patience time.Duration) error {
				_, err := webhdfsfs.New([]string{server.URL}, option, webhdfsfs.Patience(patience)).Dir("/").Stat(t.Context(), "a")
				return err
			}
			says, _ = []string{"old", "one"}, calls.Swap(0)
			require.NoError(t, stat(0))
			require.EqualValues(t, 2, calls.Load())
			says, _ = []string{"old", "older", "one"}, calls.Swap(0)
			require.Error(t, stat(time.Minute), "once, and no more")
			require.EqualValues(t, 2, calls.Load())
			if name == "authorize" {
				return
			}
			d := webhdfsfs.New([]string{server.URL}, webhdfsfs.Tokens(func(context.Context) (string, error) { return next(), nil }), webhdfsfs.Patience(0)).Dir("/")
			for _, says = range [][]string{{"one"}, {"it is not asked for"}} {
				_, err := d.Stat(t.Context(), "a")
				require.NoError(t, err)
			}
			good.Store("two")
			says = []string{"two"}
			_, err := d.Stat(t.Context(), "a")
			require.NoError(t, err)
			good.Store("one")
			says, _ = []string{"not allowed", "one"}, calls.Swap(0)
			require.ErrorIs(t, stat(time.Minute), fs.ErrPermission, "who is known and may not is not asked")
			require.EqualValues(t, 1, calls.Load())
			says = []string{"away", "one"}
			require.NoError(t, stat(time.Minute))
			says = []string{"away"}
			require.ErrorContains(t, stat(0), "the vault is shut")
		})
	}
	says = []string{"old", "one"}
	_, err := webhdfsfs.New([]string{server.URL}, webhdfsfs.Token("old"), webhdfsfs.Patience(0)).Dir("/").Stat(t.Context(), "a")
	require.ErrorContains(t, err, "InvalidToken")
	require.Panics(t, func() { webhdfsfs.Tokens(nil) })
	asked := false
	_, _ = webhdfsfs.New([]string{server.URL}, webhdfsfs.Authorize(func(*http.Request) error { asked = true; return nil }), webhdfsfs.Token(""), webhdfsfs.Patience(0)).Dir("/").Stat(t.Context(), "a")
	require.True(t, asked, "an empty token is none")
}

// A gateway sends to itself, and wants to know again who that is.
func TestRedirectToItself(t *testing.T) {
	files := map[string]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/webhdfs/v1/")
		switch op := r.FormValue("op"); {
		case r.Header.Get("X-Who") != "shop":
			w.WriteHeader(http.StatusUnauthorized)
		case op == "GETFILESTATUS":
			fmt.Fprintf(w, `{"FileStatus":{"type":"DIRECTORY","fileId":1}}`)
		case r.FormValue("data") == "":
			w.Header().Set("Location", "http://"+r.Host+r.URL.String()+"&data=true")
			w.WriteHeader(http.StatusTemporaryRedirect)
		default:
			data, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			files[name] += string(data)
			w.WriteHeader(http.StatusCreated)
		}
	}))
	defer server.Close()
	who := webhdfsfs.Authorize(func(r *http.Request) error {
		r.Header.Set("X-Who", "shop")
		return nil
	})
	f, err := webhdfsfs.New([]string{server.URL}, who, webhdfsfs.HttpFS(), webhdfsfs.Patience(0)).Dir("/").Create(t.Context(), "a")
	require.NoError(t, err)
	require.NoError(t, f.Write(t.Context(), []byte("data")))
	require.NoError(t, f.Close(t.Context()))
	require.Equal(t, map[string]string{"a": "data"}, files)
}

// What a gateway says of a connection to the NameNode that broke is no end of a file, and no answer of the NameNode's.
func TestBrokenBehindGateway(t *testing.T) {
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch op := r.FormValue("op"); {
		case op == "GETFILESTATUS":
			fmt.Fprint(w, `{"FileStatus":{"type":"FILE","length":10,"fileId":1}}`)
		case op == "GET_BLOCK_LOCATIONS":
			fmt.Fprint(w, `{"LocatedBlocks":{"isUnderConstruction":false}}`)
		case calls.Add(1) == 1:
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, `{"RemoteException":{"exception":"EOFException","javaClassName":"java.io.EOFException","message":"End of File Exception between local host is: \"a\"; destination host is: \"b\""}}`)
		case op == "RENAME":
			fmt.Fprint(w, `{"boolean":true}`)
		default:
			io.WriteString(w, "56789")
		}
	}))
	defer server.Close()
	d := webhdfsfs.New([]string{server.URL}, webhdfsfs.HttpFS()).Dir("/")
	r, _, err := d.Open(t.Context(), "a", 5)
	require.NoError(t, err)
	data, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, "56789", string(data))
	require.NoError(t, r.Close())
	calls.Store(0)
	require.NoError(t, d.Rename(t.Context(), "a", "b"))
}
