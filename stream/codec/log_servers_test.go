package codec_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/stream/codec"
)

// What nginx and Apache have logged of hostile requests is what was sent.

// A sent request, and what its line must have. A nil request or agent is not compared.
type sent struct {
	raw     string
	request string
	agent   string
	user    string
}

func hostileRequests() (all []sent) {
	for _, agent := range []string{
		"Mozilla/5.0", `a"b\c`, `\x41 \" \n`, "café", "\xff\xfe\xe9", "tab\there", "", "-", "] [", `", "`, "a  b", strings.Repeat("x", 6000), "%s %>s $status", "\u2028",
	} {
		all = append(all, sent{raw: "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nUser-Agent: " + agent + "\r\n\r\n", request: "GET /a HTTP/1.1", agent: agent})
	}
	for _, user := range []string{"frank", `a b [c] "d" \e`, "x [17/May/2015-10-05-03 +0000] ", "x [17/May/2015-10-05-03 +0000", "é\xff", `\x2d`} {
		all = append(all, sent{raw: "GET /u HTTP/1.0\r\nUser-Agent: u\r\nAuthorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":pw")) + "\r\n\r\n",
			request: "GET /u HTTP/1.0", agent: "u", user: user})
	}
	for _, line := range []string{`GET /"q"?\a HTTP/1.0`, "GET /caf\xe9?é HTTP/1.0", "GET /%22%00 HTTP/1.0", "get /", "HEAD / HTTP/1.0", "GET /a b HTTP/1.0", "G\x01T / HTTP/1.0"} {
		all = append(all, sent{raw: line + "\r\nUser-Agent: r\r\n\r\n", request: line})
	}
	return append(all, sent{raw: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\"\\\r\n\r\n", request: "\x16\x03\x01"})
}

// logsOf starts a server, sends all requests and returns the files that it logs to.
func logsOf(t *testing.T, config string, requests []sent, names []string, command func(dir string) *exec.Cmd) map[string][]byte {
	address := fmt.Sprintf("127.0.0.1:%d", servertest.FreePort(t))
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o755))
	config = strings.NewReplacer("DIR", dir, "ADDRESS", address).Replace(config)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "conf"), []byte(config), 0o644))
	server := servertest.Start(t, command(dir))
	defer server.Kill()

	dial := func() net.Conn {
		for until := time.Now().Add(time.Minute); ; {
			conn, err := net.Dial("tcp", address)
			if err == nil {
				return conn
			}
			if time.Now().After(until) {
				errors, _ := os.ReadFile(filepath.Join(dir, "error.log"))
				t.Fatalf("%v: %s", err, errors)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	logs := make(map[string][]byte)
	for i, r := range requests {
		conn := dial()
		_, err := io.WriteString(conn, r.raw)
		require.NoError(t, err)
		_, _ = io.ReadAll(conn)
		conn.Close()
		// A line is written when its request is over, which may be after the answer.
		for _, name := range names {
			require.Eventually(t, func() bool {
				logs[name], _ = os.ReadFile(filepath.Join(dir, name))
				return bytes.Count(logs[name], []byte("\n")) > i
			}, time.Minute, 5*time.Millisecond, "%q is not logged in %s", r.raw, name)
		}
	}
	return logs
}

type servedHit struct {
	Addr    string        `log:"remote_addr"`
	User    []byte        `log:"remote_user"`
	At      time.Time     `log:"time_local"`
	Request []byte        `log:"request"`
	Text    string        `log:"request_uri"`
	Status  int           `log:"status"`
	Agent   []byte        `log:"http_user_agent"`
	Took    time.Duration `log:"request_time"`
}

func checkLog(t *testing.T, hits []servedHit, requests []sent, escaped bool) {
	require.Len(t, hits, len(requests))
	for i, r := range requests {
		h := hits[i]
		require.Equal(t, "127.0.0.1", h.Addr)
		require.WithinDuration(t, time.Now(), h.At, time.Minute)
		require.Less(t, h.Took, time.Minute)
		if strings.HasPrefix(r.request, "\x16") {
			require.True(t, strings.HasPrefix(string(h.Request), r.request) || len(h.Request) == 0, "%q", h.Request)
			continue
		}
		if h.Status == 400 { // of what it refuses a server may keep a part
			require.True(t, strings.HasPrefix(r.request, string(h.Request)), "%q %q", r.request, h.Request)
			continue
		}
		require.Equal(t, r.request, string(h.Request))
		if want := r.agent; want != "" {
			require.Equal(t, dashless(want), string(h.Agent))
		}
		if r.user != "" && escaped {
			require.Equal(t, r.user, string(h.User))
		}
	}
}

func TestLogOfNginx(t *testing.T) {
	nginx := servertest.Program(t, "nginx", "apt-get install nginx-light")
	const line = `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_user_agent" $request_time`
	formats := map[string]string{
		"hex.log":  "log_format hex escape=default '" + line + "';",
		"json.log": "log_format json escape=json '" + line + "';",
		"none.log": "log_format none escape=none '$remote_addr\\t$remote_user\\t[$time_local]\\t$request|$status|$http_user_agent|$request_time';",
	}
	config := "daemon off; master_process off; pid DIR/pid; error_log DIR/error.log;\nevents {}\nhttp {\n" +
		"client_body_temp_path DIR/b; proxy_temp_path DIR/p; fastcgi_temp_path DIR/f; uwsgi_temp_path DIR/u; scgi_temp_path DIR/s;\n"
	var names []string
	for name, format := range formats {
		config += format + "\naccess_log DIR/" + name + " " + strings.TrimSuffix(name, ".log") + ";\n"
		names = append(names, name)
	}
	config += "large_client_header_buffers 4 64k; server { listen ADDRESS; location / { return 200 ok; } } }"
	requests := hostileRequests()
	logs := logsOf(t, config, requests, names, func(dir string) *exec.Cmd { return exec.Command(nginx, "-c", dir+"/conf", "-p", dir) })
	for name, format := range formats {
		t.Run(name, func(t *testing.T) {
			f := codec.NginxLog[servedHit](format)
			hits, err := decodeAll(f, logs[name], 1<<20)
			require.NoError(t, err, string(logs[name]))
			if name == "json.log" {
				// nginx makes no \uHHHH of bytes that are not UTF-8: they stand as they are.
				require.Contains(t, string(logs[name]), "\xff")
			}
			checkLog(t, hits, requests, name != "none.log")
		})
	}
}

func TestLogOfApache(t *testing.T) {
	apache := servertest.Program(t, "apache2", "apt-get install apache2")
	format := `LogFormat "%v:%p %h %l %u %t \"%r\" %>s %O \"%{User-Agent}i\" %{us}T %D %{%Y-%m-%dT%T}t.%{usec_frac}t" hostile`
	config := "DefaultRuntimeDir DIR\nServerRoot DIR\nServerName h\nPidFile DIR/pid\nListen ADDRESS\nErrorLog DIR/error.log\nDocumentRoot /usr/share\nUser www-data\nGroup www-data\n"
	for _, module := range []string{"mpm_event", "authz_core", "authn_core", "authz_user", "authn_file", "auth_basic"} {
		config += "LoadModule " + module + "_module /usr/lib/apache2/modules/mod_" + module + ".so\n"
	}
	config += format + "\nCustomLog DIR/access.log hostile\n<Location />\nRequire all granted\n</Location>\n" +
		"<Location /u>\nAuthType Basic\nAuthName x\nAuthUserFile /dev/null\nAuthBasicProvider file\nRequire valid-user\n</Location>\nHttpProtocolOptions Unsafe\n"
	requests := hostileRequests()
	logs := logsOf(t, config, requests, []string{"access.log"}, func(dir string) *exec.Cmd {
		return exec.Command(apache, "-X", "-f", dir+"/conf")
	})
	all, err := decodeAll(codec.ApacheLog[apacheHit](format), logs["access.log"], 1<<20)
	require.NoError(t, err, string(logs["access.log"]))
	var hits []servedHit
	for _, h := range all {
		require.Equal(t, "h", h.Site)
		require.Equal(t, h.Micro, h.Elapsed)
		hits = append(hits, servedHit{h.Addr, h.User, h.At, h.Request, h.Path, h.Status, h.Agent, h.Micro})
	}
	checkLog(t, hits, requests, true)
}

type apacheHit struct {
	Addr    string        `log:"%h"`
	User    []byte        `log:"%u"`
	At      time.Time     `log:"%t"`
	Request []byte        `log:"%r"`
	Path    string        `log:"request_uri"`
	Status  int           `log:"%>s"`
	Agent   []byte        `log:"%{User-Agent}i"`
	Site    string        `log:"%v"`
	Micro   time.Duration `log:"%D"`
	Elapsed time.Duration `log:"%{us}T"`
	Local   time.Time     `log:"%{%Y-%m-%dT%T}t"`
	Frac    int           `log:"%{usec_frac}t"`
}
