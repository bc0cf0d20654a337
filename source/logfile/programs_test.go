package logfile_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/source/logfile"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// linesIn returns the lines of all files that match, decompressed.
func linesIn(t testing.TB, glob string) (lines []string) {
	paths, err := filepath.Glob(glob)
	require.NoError(t, err)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		if filepath.Ext(path) == ".gz" {
			z, err := gzip.NewReader(bytes.NewReader(data))
			require.NoError(t, err)
			data, err = io.ReadAll(z)
			require.NoError(t, err)
		}
		for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
			lines = append(lines, s.Text())
		}
	}
	slices.Sort(lines)
	return lines
}

// cutLines parts lines of a writer's into those that are cut short, and the others.
func cutLines(lines []string) (cut, whole []string) {
	for _, line := range lines {
		if strings.HasSuffix(line, "rotated while it is read") {
			whole = append(whole, line)
		} else {
			cut = append(cut, line)
		}
	}
	return cut, whole
}

// A gathering is a sink that keeps all lines.
type gathering struct {
	numbers
	lines []string
}

func (g *gathering) Open(*stream.SinkContext) (stream.Writer[string], error) { return g, nil }

func (g *gathering) Write(_ context.Context, b *stream.Batch[string]) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, line := range b.All() {
		g.lines = append(g.lines, line)
	}
	return nil
}

func (g *gathering) all() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.lines)
}

// The real logrotate rotates a log while a writer writes to it.
func TestLogrotate(t *testing.T) {
	logrotate := servertest.Program(t, "logrotate", "apt-get install logrotate")
	for name, directives := range map[string]string{
		"create":                    "create",
		"copytruncate":              "copytruncate",
		"compress":                  "create\ncompress",
		"copytruncate and compress": "copytruncate\ncompress",
		"delaycompress":             "create\ncompress\ndelaycompress",
		"dateext":                   "create\ndateext\ndateformat -%Y%m%d-%s",
		"extension":                 "create\nextension .log",
		"nocreate":                  "nocreate",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "app.log")
			conf := filepath.Join(dir, "logrotate.conf")
			// The writer is told by a file, and compression waits until it has done so.
			told := filepath.Join(dir, "reopen")
			require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil,
				"%s {\nrotate 100\nmissingok\n%s\npostrotate\ntouch %[3]s; while [ -e %[3]s ]; do sleep 0.01; done\nendscript\n}\n", path, directives, told), 0o644))
			w := newWriter(t, path)
			got := &gathering{}
			p := stream.New("log")
			p.From(logfile.Follow(filepath.Join(dir, "*.log"), codec.Lines(), logfile.Poll(10*time.Millisecond), logfile.RotateWait(300*time.Millisecond))).To(got)
			started(t, p)
			ctx, stop := context.WithCancel(t.Context())
			var writing sync.WaitGroup
			writing.Go(func() {
				for ctx.Err() == nil {
					if os.Remove(told) == nil {
						w.reopen()
					}
					w.write(20)
					time.Sleep(200 * time.Microsecond) // as real writers do; without it logrotate never comes to the end of a copy
				}
			})
			for range 6 {
				time.Sleep(30 * time.Millisecond) // rotations with something between them
				out, err := exec.CommandContext(t.Context(), logrotate, "-f", "-s", filepath.Join(dir, "state"), conf).CombinedOutput()
				if !strings.Contains(string(out), "already exists, skipping rotation") { // within one second
					require.NoError(t, err, "%s", out)
				}
			}
			stop()
			writing.Wait()
			copies := strings.Contains(directives, "copytruncate")
			want := linesIn(t, filepath.Join(dir, "app*log*"))
			if !copies {
				require.Len(t, want, w.n)
			}
			defer func() {
				if t.Failed() {
					all := got.all()
					t.Logf("%d lines, %d in files\n%s", len(all), len(want), all[len(all)-1])
					out, _ := exec.Command("ls", "-li", "--time-style=full-iso", dir).Output()
					t.Logf("%s", out)
				}
			}()
			until(t, "all lines have come", func() bool {
				all := got.all()
				return len(all) >= len(want) && all[len(all)-1] == want[len(want)-1]
			})
			cutGot, stopped := cutLines(got.all())
			require.True(t, slices.IsSorted(stopped), "the lines are in order")
			require.Len(t, slices.Compact(slices.Clone(stopped)), len(stopped), "no line comes twice")
			if !copies {
				require.Empty(t, cutGot)
				require.Equal(t, want, stopped)
				return
			}
			// What was written between copying and truncating is in no file, and may have been read.
			cut, whole := cutLines(want)
			for _, line := range whole {
				_, ok := slices.BinarySearch(stopped, line)
				require.True(t, ok, "%q is lost", line)
			}
			// The system writes a page at a time, so a copy may end in the middle of a line. That is what is
			// given then, or, where the log was read before it was truncated, the whole line.
			for _, begun := range cut {
				at, _ := slices.BinarySearch(stopped, begun)
				given := at < len(stopped) && strings.HasPrefix(stopped[at], begun)
				require.True(t, given || slices.Contains(cutGot, begun), "%q is lost", begun)
			}
			for _, begun := range cutGot {
				require.Contains(t, cut, begun)
			}
		})
	}
}

// The real nginx writes its access log under load, and is told of rotations by USR1, as its manual
// has it.
func TestNginx(t *testing.T) {
	nginx := servertest.Program(t, "nginx", "apt-get install nginx-light")
	dir := t.TempDir()
	port := servertest.FreePort(t)
	path := filepath.Join(dir, "access.log")
	conf := filepath.Join(dir, "nginx.conf")
	user := ""
	if os.Getuid() == 0 {
		user = "user root;"
	}
	require.NoError(t, os.WriteFile(conf, fmt.Appendf(nil, `
daemon off; worker_processes 2; pid %[1]s/pid; error_log %[1]s/error.log; %[3]s
events { worker_connections 100; }
http {
	log_format short '$request_uri $status';
	access_log %[1]s/access.log short;
	client_body_temp_path %[1]s/a; proxy_temp_path %[1]s/b; fastcgi_temp_path %[1]s/c; uwsgi_temp_path %[1]s/d; scgi_temp_path %[1]s/e;
	server { listen 127.0.0.1:%[2]d; location / { return 204; } }
}`, dir, port, user), 0o644))
	server := servertest.Start(t, exec.Command(nginx, "-p", dir, "-c", conf, "-e", filepath.Join(dir, "error.log")))
	server.Listens(fmt.Sprintf("127.0.0.1:%d", port))

	got := &gathering{}
	p := stream.New("access log")
	p.From(logfile.Follow(path, codec.Lines(), logfile.Poll(10*time.Millisecond), logfile.RotateWait(500*time.Millisecond))).To(got)
	started(t, p)

	var asked atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	var load sync.WaitGroup
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	for range 4 {
		load.Go(func() {
			for ctx.Err() == nil {
				n := asked.Add(1)
				resp, err := client.Get(fmt.Sprintf("http://127.0.0.1:%d/%07d", port, n))
				if err != nil {
					t.Errorf("request %d: %v", n, err)
					return
				}
				resp.Body.Close()
			}
		})
	}
	for n := range 4 {
		until(t, "requests are answered", func() bool { return asked.Load() > int64(300*(n+1)) })
		for i := n; i > 0; i-- {
			require.NoError(t, os.Rename(fmt.Sprint(path, ".", i), fmt.Sprint(path, ".", i+1)))
		}
		require.NoError(t, os.Rename(path, path+".1"))
		time.Sleep(20 * time.Millisecond) // nginx goes on writing to what it has open
		server.Signal(syscall.SIGUSR1)
		until(t, "nginx has a new log", func() bool { _, err := os.Stat(path); return err == nil })
	}
	stop()
	load.Wait()
	client.CloseIdleConnections()
	var want []string
	for n := range asked.Load() {
		want = append(want, fmt.Sprintf("/%07d 204", n+1))
	}
	until(t, "all lines have come", func() bool { return len(got.all()) >= len(want) })
	all := got.all()
	slices.Sort(all)
	require.Equal(t, want, all)
}
