package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/freshet-go/freshet/examples/internal/programs"
	"github.com/freshet-go/freshet/sink/fluentsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// A send function has hits come by its way, and returns when no more is to be done.
type send func(ctx context.Context, hits iter.Seq[hit]) error

// A sender starts what hits of a way are sent by, and names it and its door; its error says why it cannot.
type sender struct {
	way   string
	start func(dir string, d *doors) (s send, with string, err error)
}

var senders = []sender{{"file", nginx}, {"forward", freshet}, {"beats", pylogbeat}, {"syslog", rsyslog}}

// background starts a program that ends with ctx, and returns a function that waits for that.
func background(ctx context.Context, name string, args ...string) (*exec.Cmd, func() error, error) {
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	return cmd, func() error {
		if err := cmd.Wait(); err != nil && ctx.Err() == nil {
			return fmt.Errorf("%s: %w: %s", name, err, &said)
		}
		return nil
	}, nil
}

const nginxConf = `daemon off;
worker_processes 1;
pid DIR/nginx.pid;
error_log DIR/nginx-error.log;
events { worker_connections 64; }
http {
	log_format collect '` + lineFormat + `';
	access_log DIR/access.log collect;
	keepalive_requests 1000000;
	server {
		listen unix:DIR/nginx.sock;
		location /200 { return 200; }
		location /304 { return 304; }
		location /404 { return 404; }
		location /503 { return 503; }
	}
}
`

// nginx logs into the file, which is rotated each 300 ms.
func nginx(dir string, d *doors) (send, string, error) {
	path, err := programs.Find("nginx", "apt-get install nginx-light")
	if err != nil {
		return nil, "", err
	}
	conf := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(conf, []byte(strings.ReplaceAll(nginxConf, "DIR", dir)), 0o644); err != nil {
		return nil, "", err
	}
	rotate, with, err := rotator(dir)
	if err != nil {
		return nil, "", err
	}
	d.Log = filepath.Join(dir, "access.log")
	return func(ctx context.Context, hits iter.Seq[hit]) error {
		ctx, cancel := context.WithCancel(ctx)
		server, wait, err := background(ctx, path, "-e", dir+"/nginx-error.log", "-c", conf)
		if err != nil {
			cancel()
			return err
		}
		defer wait()
		defer cancel()
		socket := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", dir+"/nginx.sock")
		}}
		defer socket.CloseIdleConnections()
		client := &http.Client{Transport: socket}
		for started := false; !started; { // it may take a moment
			c, err := net.Dial("unix", dir+"/nginx.sock")
			if started = err == nil; started {
				c.Close()
			} else if time.Sleep(10 * time.Millisecond); ctx.Err() != nil {
				return err
			}
		}
		rotated := time.Now()
		for h := range hits {
			if err := get(ctx, client, h); err != nil {
				return err
			}
			if now := time.Now(); now.Sub(rotated) > 300*time.Millisecond {
				rotated = now
				if err := rotate(server.Process.Pid); err != nil {
					return err
				}
			}
		}
		<-ctx.Done() // it is followed to its end first
		return nil
	}, "nginx, and rotated by " + with, nil
}

func get(ctx context.Context, client *http.Client, h hit) error {
	query := url.Values{"id": {h.ID}, "at": {strconv.FormatInt(h.At, 10)}}
	r, err := http.NewRequestWithContext(ctx, "GET", fmt.Sprintf("http://nginx/%d?%s", h.Status, query.Encode()), nil)
	if err != nil {
		return err
	}
	r.Host = h.Host
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// rotator returns what rotates the log of the nginx of a process id: logrotate, if it is there.
func rotator(dir string) (rotate func(pid int) error, with string, err error) {
	log := filepath.Join(dir, "access.log")
	path, err := programs.Find("logrotate", "")
	if err != nil {
		return func(pid int) error {
			if err := os.Rename(log, log+"-"+time.Now().Format("20060102-150405.000")); err != nil {
				return err
			}
			return syscall.Kill(pid, syscall.SIGUSR1)
		}, "renaming", nil
	}
	conf := filepath.Join(dir, "logrotate.conf")
	err = os.WriteFile(conf, []byte(log+` {
	su root root
	rotate 1000
	create 0644
	compress
	delaycompress
	postrotate
		kill -USR1 $(cat `+dir+`/nginx.pid)
	endscript
}
`), 0o600)
	return func(int) error {
		out, err := exec.Command(path, "-f", "-s", dir+"/logrotate.state", conf).CombinedOutput()
		if err != nil {
			return fmt.Errorf("logrotate: %w: %s", err, out)
		}
		return nil
	}, "logrotate", err
}

// freshet forwards by a pipeline of its own, and waits for acknowledgements.
func freshet(_ string, d *doors) (send, string, error) {
	d.Forward = programs.FreeAddr()
	return func(ctx context.Context, hits iter.Seq[hit]) error {
		p := stream.New("forward")
		p.From(source.Seq(paced(ctx, hits))).
			To(fluentsink.New[hit](d.Forward, "access"))
		return p.Run(ctx)
	}, "sink/fluentsink", nil
}

// pace is how many hits a second a sender sends that could send more.
const pace = 4000

// paced gives hits at that pace.
func paced(ctx context.Context, hits iter.Seq[hit]) iter.Seq[hit] {
	return func(yield func(hit) bool) {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		n := 0
		for h := range hits {
			if n++; n%(pace/10) == 0 {
				select {
				case <-tick.C:
				case <-ctx.Done():
					return
				}
			}
			if !yield(h) {
				return
			}
		}
	}
}

//go:embed send.py
var sendPy string

// pylogbeat sends by Python's client of Lumberjack.
func pylogbeat(dir string, d *doors) (send, string, error) {
	python, err := programs.Find("python3", "apt-get install python3")
	if err != nil {
		return nil, "", err
	}
	env := append(os.Environ(), "PYTHONPATH="+os.Getenv("FRESHET_PYTHON"))
	look := exec.Command(python, "-c", "import pylogbeat")
	if look.Env = env; look.Run() != nil {
		return nil, "", errors.New("pylogbeat is not installed: pip install pylogbeat")
	}
	script := filepath.Join(dir, "send.py")
	if err := os.WriteFile(script, []byte(sendPy), 0o644); err != nil {
		return nil, "", err
	}
	d.Beats = programs.FreeAddr()
	host, port, err := net.SplitHostPort(d.Beats)
	if err != nil {
		return nil, "", err
	}
	return func(ctx context.Context, hits iter.Seq[hit]) error {
		events, lines := io.Pipe()
		defer events.Close()
		go func() { // ends with its reader, or with hits
			for h := range paced(ctx, hits) {
				if json.NewEncoder(lines).Encode(h) != nil {
					return
				}
			}
			lines.Close()
		}()
		cmd := exec.CommandContext(ctx, python, script, host, port)
		cmd.Env, cmd.Stdin = env, events
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}, "pylogbeat", nil
}
