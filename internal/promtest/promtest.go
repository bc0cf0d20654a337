// Package promtest starts Debian's Prometheus for tests and asks it, and runs promtool.
package promtest

import (
	"bytes"
	"encoding/json/v2"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/servertest"
)

const install = "apt-get install prometheus"

// A Server is a Prometheus of a test.
type Server struct {
	t       testing.TB
	Addr    string
	process *servertest.Process
}

// Start starts a server that scrapes /metrics of a target five times a second, native
// histograms too, and has the alerts of a file of rules. It ends with the test.
func Start(t testing.TB, target, rules string) *Server {
	t.Helper()
	program := servertest.Program(t, "prometheus", install)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "alerts.yml"), rules)
	write(t, filepath.Join(dir, "prometheus.yml"), fmt.Sprintf(`
global: {scrape_interval: 200ms, evaluation_interval: 200ms}
rule_files: [alerts.yml]
scrape_configs:
  - job_name: freshet
    static_configs: [{targets: [%q]}]
`, target))
	s := &Server{t: t, Addr: "127.0.0.1:" + strconv.Itoa(servertest.FreePort(t))}
	s.process = servertest.Start(t, exec.Command(program,
		"--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+s.Addr, "--enable-feature=native-histograms", "--log.level=warn"))
	s.process.Until("is ready", func() bool {
		r, err := http.Get("http://" + s.Addr + "/-/ready")
		if err != nil {
			return false
		}
		r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
	return s
}

// A Sample is a value of a query's result, with its labels.
type Sample struct {
	Labels map[string]string
	Value  float64
}

// Query asks for what an expression is now: a vector.
func (s *Server) Query(expr string) (all []Sample) {
	s.t.Helper()
	var vector struct {
		Result []struct {
			Metric map[string]string `json:"metric"`
			Value  [2]any            `json:"value"`
		} `json:"result"`
	}
	s.get("/api/v1/query?query="+url.QueryEscape(expr), &vector)
	for _, r := range vector.Result {
		text, _ := r.Value[1].(string)
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			s.t.Fatalf("prometheus: %s is %v: %v", expr, r.Value, err)
		}
		all = append(all, Sample{r.Metric, value})
	}
	return all
}

// Until asks until an expression has a result that is right, and returns it. It waits a
// minute at most.
func (s *Server) Until(expr string, right func([]Sample) bool) []Sample {
	s.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		got := s.Query(expr)
		if right(got) {
			return got
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("prometheus: %s is %v for a minute; targets: %s", expr, got, s.targets())
		}
	}
}

// Alerts returns the names of alerts that are firing, and of rules that cannot be evaluated.
func (s *Server) Alerts() (firing, broken []string) {
	s.t.Helper()
	var rules struct {
		Groups []struct {
			Rules []struct {
				Name      string `json:"name"`
				State     string `json:"state"`
				Health    string `json:"health"`
				LastError string `json:"lastError"`
			} `json:"rules"`
		} `json:"groups"`
	}
	s.get("/api/v1/rules", &rules)
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.State == "firing" {
				firing = append(firing, r.Name)
			}
			if r.Health == "err" {
				broken = append(broken, r.Name+": "+r.LastError)
			}
		}
	}
	return firing, broken
}

// targets says what became of the last scrape.
func (s *Server) targets() string {
	var targets struct {
		Active []struct {
			Health    string `json:"health"`
			LastError string `json:"lastError"`
		} `json:"activeTargets"`
	}
	s.get("/api/v1/targets", &targets)
	return fmt.Sprint(targets.Active)
}

func (s *Server) get(path string, data any) {
	s.t.Helper()
	r, err := http.Get("http://" + s.Addr + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Body.Close()
	answer := struct {
		Status string `json:"status"`
		Error  string `json:"error"`
		Data   any    `json:"data"`
	}{Data: data}
	if err := json.UnmarshalRead(r.Body, &answer); err != nil || answer.Status != "success" {
		s.t.Fatalf("prometheus: %s: %s %s %v", path, answer.Status, answer.Error, err)
	}
}

// Tool runs promtool and fails the test if that does.
func Tool(t testing.TB, stdin []byte, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), servertest.Program(t, "promtool", install), args...)
	cmd.Stdin = bytes.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("promtool %q: %v\n%s", args, err, out)
	}
	return string(out)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
