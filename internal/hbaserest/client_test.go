package hbaserest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// gateway answers everything alike.
func gateway(t *testing.T, answer http.HandlerFunc) *Client {
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	c, err := New(server.Client(), strings.Replace(server.URL, "http://", "http://user:hunter2@", 1), "t", nil, 2*time.Second, 1<<16)
	require.NoError(t, err)
	return c
}

// asked asks in all ways, and returns the errors.
func asked(t *testing.T, c *Client) map[string]error {
	all := map[string]error{}
	_, all["open"] = c.Open(t.Context(), Scan{Cells: 1, Versions: 1})
	s := &Scanner{c, "/scanner/1"}
	b, err := s.Next(t.Context())
	if err == nil && b != nil {
		err = ParseCells(b, func([]byte, Cell) error { return nil })
	}
	all["next"] = err
	_, all["rows"] = c.Rows(t.Context(), [][]byte{[]byte("k")}, nil, 1)
	_, all["regions"] = c.Regions(t.Context())
	all["schema"] = c.Check(t.Context(), [][]byte{[]byte("a:x")})
	all["ended"] = c.Ended(t.Context(), Scan{})
	all["ended, binary"] = c.Ended(t.Context(), Scan{From: []byte{255}})
	return all
}

// Whatever a gateway answers, or something that is in its place, is an error that ends soon and is short.
func TestHostile(t *testing.T) {
	big := strings.Repeat("x", 1<<17)
	for name, answer := range map[string]http.HandlerFunc{
		"too large, as announced": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "131072")
			io.WriteString(w, big)
		},
		"without an end": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				io.WriteString(w, big)
			}
		},
		"HTML":    func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<html>") },
		"nothing": func(http.ResponseWriter, *http.Request) {},
		"cut short": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "\n\x18")
		},
		"an error of a megabyte": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			for range 8 {
				io.WriteString(w, big)
			}
		},
		"a connection that breaks": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"another status":           func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(418) },
		"a redirect to itself": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"?token=hunter2", http.StatusFound)
		},
		"a location of nowhere": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://evil/t/scanner/..")
			w.WriteHeader(201)
		},
		"a page with all it was asked": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(403)
			user, password, _ := r.BasicAuth()
			io.WriteString(w, "Forbidden: "+user+" "+password+" \x1b[31m")
		},
		"a page with the headers": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(400)
			io.WriteString(w, "Bad: Authorization: "+r.Header.Get("Authorization"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for what, err := range asked(t, gateway(t, answer)) {
				if err == nil && name == "nothing" && (what == "regions" || what == "rows" || strings.HasPrefix(what, "ended, ")) {
					continue // a table without regions, and no rows, are empty messages
				}
				require.Error(t, err, what)
				require.Less(t, len(err.Error()), 500)
				require.NotContains(t, err.Error(), "hunter2", what)
				require.NotContains(t, err.Error(), "dXNlcjpodW50ZXIy", what) // the same in base64
				require.NotContains(t, err.Error(), "\x1b", what)
				require.False(t, errors.Is(err, io.EOF), "%s: %v looks like the end of the data", what, err)
			}
		})
	}
}

// Nobody who does not answer is waited for longer than that, and a context that ends ends it.
func TestNoAnswer(t *testing.T) {
	end := make(chan struct{})
	t.Cleanup(func() { close(end) })
	c := gateway(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-end:
		case <-r.Context().Done():
		}
	})
	c.timeout = 20 * time.Millisecond
	_, err := c.Regions(t.Context())
	require.EqualError(t, err, "GET of table t: no answer in 20ms")
	require.True(t, Passes(err))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Regions(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

// Net/http sends a GET again where a connection that was used before breaks. A scanner's is not: its answer would be passed over.
func TestSentOnce(t *testing.T) {
	var asked atomic.Int64
	var broken atomic.Bool
	c := gateway(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/scanner/") {
			if asked.Add(1); broken.Load() {
				panic(http.ErrAbortHandler)
			}
		}
		w.Write(answered)
	})
	s := &Scanner{c, "/scanner/1"}
	_, err := s.Next(t.Context())
	require.NoError(t, err)
	broken.Store(true)
	_, err = s.Next(t.Context())
	require.Error(t, err)
	require.True(t, Passes(err))
	require.EqualValues(t, 2, asked.Load())
}

func TestNew(t *testing.T) {
	for _, c := range []struct{ gateway, table, want string }{
		{"http://user:hunter2@host:%zz", "t", "is no URL"},
		{"host:8080", "t", "is not http://host:8080"},
		{"ftp://host", "t", "is not http://host:8080"},
		{"http://host/?token=hunter2", "t", "is not http://host:8080"},
		{"http://host", "", "is no table"},
		{"http://host", "a/b", "is no table"},
	} {
		_, err := New(http.DefaultClient, c.gateway, c.table, nil, 0, 0)
		require.ErrorContains(t, err, c.want)
		require.NotContains(t, err.Error(), "hunter2")
	}
	_, err := New(nil, "http://host", "t", nil, 0, 0)
	require.Error(t, err)
	c, err := New(http.DefaultClient, "https://host/gateway/", "shop:t", nil, 0, 0)
	require.NoError(t, err)
	require.Equal(t, "https://host/gateway/shop:t", c.base)
}

func TestFaults(t *testing.T) {
	c := &Client{}
	for _, x := range []struct {
		status      int
		text        string
		row, passes bool
		said        string
	}{
		{404, "Not found\r\norg.apache.hadoop.hbase.regionserver.NoSuchColumnFamilyException: org.apache.Other: Column family zz does not exist\n\tat x", true, false, "NoSuchColumnFamilyException"},
		{404, "Not found\r\norg.apache.hadoop.hbase.TableNotFoundException: nope\n\tat x", false, false, "TableNotFoundException"},
		{404, "Not found\r\n", false, false, "Not found"},
		{400, "Bad request\r\njava.lang.IllegalArgumentException: KeyValue size too large\n\tat x", true, false, "KeyValue size too large"},
		{400, "Bad request\r\n", true, false, "Bad request"},
		{503, "Unavailable\r\njava.net.ConnectException: Call to localhost\n", false, true, "ConnectException"},
		{500, `{"message":"Request failed."}`, false, true, "500: Request failed."},
		{500, "{\n\"servlet\":\"a.B-2f\",\n\"cause1\":\"java.net.ConnectException: refused\",\n\"cause0\":\"a.C: java.net.ConnectException: refused\",\n\"message\":\"a.C\"}", false, true, "500: java.net.ConnectException: refused"},
		{500, `{"message":7}`, false, true, "500"},
		{403, "Forbidden\r\n", false, false, "403"},
		{429, "", false, true, "429"},
	} {
		err := c.said(answer{status: x.status, body: []byte(x.text)})
		require.Equal(t, x.row, RowFault(err), "%v", err)
		require.Equal(t, x.passes, Passes(err), "%v", err)
		require.ErrorContains(t, err, x.said)
	}
}
