package syslogsource

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream/codec"
)

// What logger of util-linux sends.
func TestLogger(t *testing.T) {
	logger := servertest.Program(t, "logger", "apt-get install bsdutils")
	host, err := os.Hostname()
	require.NoError(t, err)
	host, _, _ = strings.Cut(host, ".")
	for _, test := range []struct {
		listen listen
		args   string
	}{
		{ListenUDP, "--udp --rfc3164"},
		{ListenUDP, "--udp --rfc5424"},
		{Listen, "--tcp --rfc3164"},
		{Listen, "--tcp --rfc5424"},
		{Listen, "--tcp --rfc3164 --octet-count"},
		{Listen, "--tcp --rfc5424 --octet-count --msgid access --sd-id shop@32473 --sd-param item=\"7\""},
		{Listen, "--tcp --rfc5424=notime,notq,nohost"},
	} {
		t.Run(test.args, func(t *testing.T) {
			r := start(t, test.listen, pushsource.Server{})
			_, port, err := net.SplitHostPort(r.addr.String())
			require.NoError(t, err)
			args := append(strings.Fields(test.args), "--server", "127.0.0.1", "--port", port, "--id=12", "-t", "shop", "-p", "local3.warning", "größer [x]")
			servertest.Output(t, logger, args...)
			r.read(1)
			r.ends()
			require.Empty(t, r.bad.Values())
			m := r.got.Values()[0]
			require.WithinDuration(t, time.Now(), m.Time, time.Minute)
			want := Message{Facility: Local3, Severity: Warning, Time: m.Time, Host: m.Host, App: "shop", ProcID: "12", Data: m.Data, Text: "größer [x]", Client: m.Client}
			if !strings.Contains(test.args, "nohost") {
				require.Equal(t, host, strings.Split(m.Host, ".")[0])
			}
			if strings.Contains(test.args, "msgid") {
				want.MsgID = "access"
				item, ok := m.Data.Get("shop@32473", "item")
				require.Equal(t, "7", item)
				require.True(t, ok)
			}
			require.Equal(t, want, m)
		})
	}
}

// What Python's standard library sends: behind each message a NUL, and no line end.
func TestPython(t *testing.T) {
	python := servertest.Program(t, "python3", "apt-get install python3")
	for _, test := range []struct {
		listen listen
		kind   string
	}{{ListenUDP, "SOCK_DGRAM"}, {Listen, "SOCK_STREAM"}} {
		r := start(t, test.listen, pushsource.Server{})
		_, port, err := net.SplitHostPort(r.addr.String())
		require.NoError(t, err)
		servertest.Output(t, python, "-c", fmt.Sprintf(`
import logging, logging.handlers, socket
log = logging.getLogger("shop")
log.addHandler(logging.handlers.SysLogHandler(("127.0.0.1", %s), "local3", socket.%s))
log.error("one")
log.error("two\nlines")
log.error("x" * 50000)
`, port, test.kind))
		r.read(3)
		want := []string{"one", "two\nlines", strings.Repeat("x", 50_000)}
		if test.kind == "SOCK_STREAM" { // which has no way to send two lines
			r.read(4)
			want = []string{"one", "two", strings.Repeat("x", 50_000)}
		}
		require.Equal(t, want, r.ends())
		require.Equal(t, Message{Facility: Local3, Severity: Error, Time: r.got.Values()[0].Time, Text: "one", Client: r.got.Values()[0].Client}, r.got.Values()[0])
	}
}

// What nginx sends as its access log.
func TestNginx(t *testing.T) {
	program := servertest.Program(t, "nginx", "apt-get install nginx-light")
	r := start(t, ListenUDP, pushsource.Server{})
	port := servertest.FreePort(t)
	dir := t.TempDir()
	conf := filepath.Join(dir, "nginx.conf")
	require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil, `
pid %[1]s/pid;
error_log syslog:server=%[2]s,tag=startup info;
events {}
http {
	access_log syslog:server=%[2]s,facility=local5,tag=shop,severity=notice combined;
	server {
		listen 127.0.0.1:%[3]d;
		location / { return 204; }
		location /nohost { access_log syslog:server=%[2]s,nohostname combined; return 204; }
	}
}`, dir, r.addr, port), 0o600))
	p := servertest.Start(t, exec.Command(program, "-c", conf, "-p", dir, "-e", "stderr", "-g", "daemon off; master_process off;"))
	p.Listens(fmt.Sprintf("127.0.0.1:%d", port))
	get := func(path string) {
		req, err := http.NewRequest("GET", fmt.Sprintf("http://127.0.0.1:%d%s", port, path), nil)
		require.NoError(t, err)
		req.Header.Set("User-Agent", `curl "8"`)
		answer, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		answer.Body.Close()
	}
	defer http.DefaultClient.CloseIdleConnections()
	get("/item/7")
	get("/nohost")
	access := func() (found []Message) {
		for _, m := range r.got.Values() {
			if m.App != "startup" {
				found = append(found, m)
			}
		}
		return found
	}
	until(t, func() bool { return len(access()) == 2 })
	p.Stop()
	r.ends()
	require.Empty(t, r.bad.Values())

	type hit struct {
		Path   string `log:"request_uri"`
		Status int    `log:"status"`
		Agent  string `log:"http_user_agent"`
	}
	combined := codec.Message(codec.NginxLog[hit](`$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"`))
	for i, m := range access() {
		var line hit
		require.NoError(t, combined.Decode([]byte(m.Text), &line), m.Text)
		require.Equal(t, hit{[]string{"/item/7", "/nohost"}[i], 204, `curl "8"`}, line)
		if i == 0 {
			require.Equal(t, Local5, m.Facility)
			require.Equal(t, Notice, m.Severity)
			require.Equal(t, "shop", m.App)
			require.NotEmpty(t, m.Host)
		} else {
			require.Equal(t, "nginx", m.App)
			require.Empty(t, m.Host)
		}
		// nginx writes the time in the zone of its machine.
		require.WithinDuration(t, time.Now(), m.Time, 24*time.Hour)
	}
}
