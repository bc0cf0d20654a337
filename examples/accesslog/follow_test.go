package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/servertest"
)

// A screen is what follow has printed last.
type screen struct {
	mu   sync.Mutex
	page bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if bytes.HasPrefix(b, []byte(toTop)) {
		s.page.Reset()
	}
	return s.page.Write(b)
}

// words returns the page with one space between words.
func (s *screen) words() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(strings.Fields(s.page.String()), " ")
}

// shows waits until the page has all figures.
func (s *screen) shows(t *testing.T, figures ...string) {
	t.Helper()
	var page string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		page = s.words()
		missing := 0
		for _, f := range figures {
			if !strings.Contains(page, f) {
				missing++
			}
		}
		if missing == 0 {
			return
		}
	}
	t.Fatalf("the page lacks some of %q:\n%s", figures, page)
}

// following runs follow until the function that it returns is called.
func following(t *testing.T, file, state string) (*screen, func()) {
	s := &screen{}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- follow(ctx, s, []string{file}, state) }()
	return s, sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// The page is right while the log is rotated, and after a stop.
func TestFollow(t *testing.T) {
	t.Parallel() // it waits
	dir := t.TempDir()
	log, state := filepath.Join(dir, "access.log"), filepath.Join(dir, "state")
	made := newLog(5, 400)
	var text [][]byte
	for _, e := range made.lines {
		line, err := e.text()
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, line)
	}
	write := func(lines [][]byte, rotated int) {
		for n := rotated; n > 0; n-- { // as rotators do: the oldest has the highest number
			newer := log
			if n > 1 {
				newer = fmt.Sprintf("%s.%d", log, n-1)
			}
			if err := os.Rename(newer, fmt.Sprintf("%s.%d", log, n)); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(log, bytes.Join(lines, nil), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	third := len(text) / 3
	write(text[:third], 0)
	page, stop := following(t, log, state)
	defer stop()
	page.shows(t, log, "requests")
	write(text[third:2*third], 1)
	time.Sleep(300 * time.Millisecond) // it may have seen that or not
	stop()
	write(text[2*third:], 2)
	page, stop = following(t, log, state)
	defer stop()
	page.shows(t, "requests "+count(made.traffic.Requests), "bytes "+count(made.traffic.Bytes), "clients "+count(made.traffic.Clients),
		"late lines "+count(made.late.Lines))
}

// A run that goes on from a checkpoint shows all that was found before it, though nothing new has come.
func TestFollowAgain(t *testing.T) {
	t.Parallel() // it waits
	dir := t.TempDir()
	log, state := filepath.Join(dir, "access.log"), filepath.Join(dir, "state")
	line := func(status, day int) string {
		return fmt.Sprintf("192.0.2.1 - - [%d/Oct/2026:13:55:36 +0000] \"GET /p%d HTTP/1.1\" %[2]d 5 \"-\" \"-\"\n", day, status)
	}
	text := strings.Repeat(line(404, 10), 10) + "junk\n" + strings.Repeat(line(200, 12), 10) // the first day is over
	if err := os.WriteFile(log, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	figures := []string{"requests 20", "200 10", "404 10", "GET 20", "/p404 10", "2026-10-10 10", "2026-10-12 10", "unreadable lines 1", "access.log line 11"}
	for range 3 {
		page, stop := following(t, log, state)
		page.shows(t, figures...)
		stop() // with a last checkpoint
	}
	f, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = f.WriteString(line(200, 12) + "junk\n"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	page, stop := following(t, log, state)
	defer stop()
	page.shows(t, "404 10", "2026-10-10 10", "requests 21", "200 11", "2026-10-12 11", "unreadable lines 2")
}

const nginxConf = `daemon off;
user root;
worker_processes 1;
pid DIR/nginx.pid;
error_log DIR/error.log;
events { worker_connections 64; }
http {
	access_log DIR/access.log;
	keepalive_requests 1000000;
	server {
		listen 127.0.0.1:PORT;
		location / { return 200; }
		location /gone { return 410; }
	}
}
`

const logrotateConf = `DIR/access.log {
	su root root
	rotate 100
	create 0644
	compress
	delaycompress
	postrotate
		kill -USR1 $(cat DIR/nginx.pid)
	endscript
}
`

// So it is while nginx writes the log and logrotate rotates it.
func TestFollowNginx(t *testing.T) {
	t.Parallel() // it waits
	nginx := servertest.Program(t, "nginx", "apt-get install nginx-light")
	logrotate := servertest.Program(t, "logrotate", "apt-get install logrotate")
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", servertest.FreePort(t))
	_, port, _ := net.SplitHostPort(addr)
	fill := strings.NewReplacer("DIR", dir, "PORT", port)
	for name, text := range map[string]string{"nginx.conf": nginxConf, "logrotate.conf": logrotateConf} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(fill.Replace(text)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	servertest.Start(t, exec.Command(nginx, "-e", dir+"/error.log", "-c", dir+"/nginx.conf")).Listens(addr)
	page, stop := following(t, filepath.Join(dir, "access.log"), "")
	defer stop()
	const requests, gone = 3000, 300
	for i := range requests {
		path := "/"
		if i%10 == 0 {
			path = "/gone"
		}
		answer, err := http.Get("http://" + addr + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if i%500 == 499 {
			servertest.Output(t, logrotate, "-f", "-s", dir+"/state", dir+"/logrotate.conf")
		}
	}
	page.shows(t, "requests "+count(requests), "200 "+count(requests-gone), "410 "+count(gone), "unreadable lines 0")
}
