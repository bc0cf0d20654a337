package webhdfsfs_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/filesystem/webhdfsfs"
)

// A file gets its name when nobody writes to it any more. Who holds its lease is asked by cutting it to more than it has, which the NameNode
// refuses, and behind a lease that has run out by having it recovered.
func TestRecover(t *testing.T) {
	const (
		busy       = "org.apache.hadoop.hdfs.protocol.AlreadyBeingCreatedException"
		recovering = "org.apache.hadoop.hdfs.protocol.RecoveryInProgressException"
		larger     = "Cannot truncate to a larger file size. Current size: 10, truncate size: 4611686018427387904."
	)
	for name, c := range map[string]struct {
		open     int    // how many times it is said to be open
		says     string // what the cut is refused by while it is
		patience time.Duration
		err      string
	}{
		"closed":                       {},
		"another one writes":           {open: 3, says: busy, patience: time.Minute},
		"its lease is being recovered": {open: 3, says: recovering, patience: time.Minute},
		"it is closed in between":      {open: 1, patience: time.Minute},
		"through a gateway":            {open: 3, says: "org.apache.hadoop.ipc.RemoteException", patience: time.Minute},
		"nobody waits":                 {open: 3, says: busy, err: "another process writes to the file"},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			open := c.open
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				op := r.FormValue("op")
				asked = append(asked, op)
				switch {
				case op == "GET_BLOCK_LOCATIONS":
					fmt.Fprintf(w, `{"LocatedBlocks":{"fileLength":10,"isUnderConstruction":%t}}`, open > 0)
				case op == "TRUNCATE" && r.FormValue("newlength") == "4611686018427387904":
					open--
					w.WriteHeader(http.StatusForbidden)
					class, message := c.says, "it is open"
					if class == "" {
						class, message = "org.apache.hadoop.HadoopIllegalArgumentException", larger
					}
					fmt.Fprintf(w, `{"RemoteException":{"exception":"x","javaClassName":%q,"message":%q}}`, class, message)
				case op == "RENAME":
					fmt.Fprint(w, `{"boolean":true}`)
				default:
					fmt.Fprint(w, `{"FileStatus":{"type":"FILE","length":10,"fileId":1}}`)
				}
			}))
			err := webhdfsfs.New([]string{server.URL}, webhdfsfs.Patience(c.patience)).Dir("/").Rename(t.Context(), "a", "b")
			server.Close() // and who writes asked has ended
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				require.NotContains(t, asked, "RENAME")
				return
			}
			require.NoError(t, err)
			at := slices.Index(asked, "RENAME")
			require.Positive(t, at)
			require.NotContains(t, asked[at:], "TRUNCATE")
			require.LessOrEqual(t, open, 0)
		})
	}
}

// A gateway that does not tell of blocks is asked whether the file is there, and for its new name. That a user may not read the file is no such answer, and a
// NameNode gives none.
func TestRecoverBehindAGateway(t *testing.T) {
	const unknown = `{"RemoteException":{"exception":"QueryParamException","javaClassName":"com.sun.jersey.api.ParamException$QueryParamException","message":"op: no such"}}`
	const refused = `{"RemoteException":{"exception":"AccessControlException","javaClassName":"org.apache.hadoop.security.AccessControlException","message":"Permission denied"}}`
	for name, c := range map[string]struct {
		opts    []webhdfsfs.Option
		says    string
		renames bool
		err     string
	}{
		"no such call":             {[]webhdfsfs.Option{webhdfsfs.HttpFS()}, unknown, true, ""},
		"it may not be read":       {[]webhdfsfs.Option{webhdfsfs.HttpFS()}, refused, false, "Permission denied"},
		"it gives no reason":       {[]webhdfsfs.Option{webhdfsfs.HttpFS()}, "no", false, "400 Bad Request to GET_BLOCK_LOCATIONS, and no reason: a gateway"},
		"a NameNode has that call": {nil, unknown, false, "no such"},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				op := r.FormValue("op")
				asked = append(asked, op)
				switch op {
				case "GET_BLOCK_LOCATIONS":
					w.WriteHeader(http.StatusBadRequest)
					fmt.Fprint(w, c.says)
				case "RENAME":
					fmt.Fprint(w, `{"boolean":true}`)
				default:
					fmt.Fprint(w, `{"FileStatus":{"type":"FILE","length":10,"fileId":1}}`)
				}
			}))
			err := webhdfsfs.New([]string{server.URL}, append(c.opts, webhdfsfs.Patience(0))...).Dir("/").Rename(t.Context(), "a", "b")
			server.Close() // and who writes asked has ended
			if c.renames {
				require.NoError(t, err)
				require.Contains(t, asked, "RENAME")
			} else {
				require.ErrorContains(t, err, c.err)
				require.NotContains(t, asked, "RENAME")
			}
		})
	}
}
