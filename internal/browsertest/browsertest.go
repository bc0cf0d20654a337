// Package browsertest shows pages to a real browser, Debian's headless Chromium. It
// speaks the DevTools protocol over a pipe: https://chromedevtools.github.io/devtools-protocol.
package browsertest

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A Browser is a process with one page.
type Browser struct {
	t       testing.TB
	in      io.Writer
	session string

	mu       sync.Mutex
	last     int
	answers  map[int]chan answer
	loaded   chan struct{}
	troubles []string // errors in the console, requests that failed or were forbidden
	requests []string // the addresses that were asked for
}

type answer struct {
	Result jsontext.Value `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// Start starts a browser, which ends with the test. The test is skipped where there is
// none, and fails where FRESHET_REQUIRE_SERVERS is set.
func Start(t testing.TB) *Browser {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium-headless-shell", "chromium"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		if os.Getenv("FRESHET_REQUIRE_SERVERS") != "" {
			t.Fatal("there is no chromium-headless-shell")
		}
		t.Skip("there is no chromium-headless-shell: apt-get install chromium-headless-shell")
	}
	toRead, in, err := os.Pipe()
	require.NoError(t, err)
	out, toWrite, err := os.Pipe()
	require.NoError(t, err)
	// Chromium's own sandbox does not work for root, nor in most containers.
	c := exec.Command(program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir())
	c.ExtraFiles = []*os.File{toRead, toWrite}
	require.NoError(t, c.Start())
	toRead.Close()
	toWrite.Close()
	b := &Browser{t: t, in: in, answers: map[int]chan answer{}, loaded: make(chan struct{}, 1)}
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		b.hear(out)
	}()
	t.Cleanup(func() {
		// Asked to close it leaves nothing behind that writes to its folder.
		_, _ = in.Write([]byte("{\"id\":0,\"method\":\"Browser.close\"}\x00"))
		kill := time.AfterFunc(10*time.Second, func() { _ = c.Process.Kill() })
		_ = c.Wait()
		kill.Stop()
		in.Close()
		<-heard
		out.Close()
	})
	var target struct {
		ID string `json:"targetId"`
	}
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var session struct {
		ID string `json:"sessionId"`
	}
	b.call("Target.attachToTarget", map[string]any{"targetId": target.ID, "flatten": true}, &session)
	b.session = session.ID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// hear takes answers and events until the browser ends.
func (b *Browser) hear(r io.Reader) {
	for s := bufio.NewReader(r); ; {
		message, err := s.ReadBytes(0)
		if err != nil {
			return
		}
		var m struct {
			answer
			ID     int            `json:"id"`
			Method string         `json:"method"`
			Params jsontext.Value `json:"params"`
		}
		if json.Unmarshal(bytes.TrimSuffix(message, []byte{0}), &m) != nil {
			continue
		}
		b.mu.Lock()
		switch m.Method {
		case "":
			if a := b.answers[m.ID]; a != nil {
				a <- m.answer
				delete(b.answers, m.ID)
			}
		case "Page.loadEventFired":
			select {
			case b.loaded <- struct{}{}:
			default:
			}
		case "Network.requestWillBeSent":
			var p struct {
				Request struct {
					URL string `json:"url"`
				} `json:"request"`
			}
			_ = json.Unmarshal(m.Params, &p)
			b.requests = append(b.requests, p.Request.URL)
		case "Runtime.exceptionThrown", "Log.entryAdded":
			b.troubles = append(b.troubles, string(m.Params))
		case "Runtime.consoleAPICalled":
			if bytes.Contains(m.Params, []byte(`"type":"error"`)) {
				b.troubles = append(b.troubles, string(m.Params))
			}
		}
		b.mu.Unlock()
	}
}

// call sends a command and waits for its result.
func (b *Browser) call(method string, params, result any) {
	b.t.Helper()
	got := make(chan answer, 1)
	b.mu.Lock()
	b.last++
	command := map[string]any{"id": b.last, "method": method}
	b.answers[b.last] = got
	b.mu.Unlock()
	if params != nil {
		command["params"] = params
	}
	if b.session != "" {
		command["sessionId"] = b.session
	}
	bytes, err := json.Marshal(command)
	require.NoError(b.t, err)
	_, err = b.in.Write(append(bytes, 0))
	require.NoError(b.t, err)
	select {
	case a := <-got:
		if a.Error != nil {
			b.t.Fatalf("browsertest: %s: %s", method, a.Error.Message)
		}
		if result != nil {
			require.NoError(b.t, json.Unmarshal(a.Result, result))
		}
	case <-time.After(30 * time.Second):
		b.t.Fatalf("browsertest: %s: no answer in 30 s", method)
	}
}

// View sets the size of the window in pixels, and whether dark colours are preferred.
func (b *Browser) View(width, height int, dark bool) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	b.call("Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// Open opens an address and returns when it has been loaded.
func (b *Browser) Open(url string) {
	b.t.Helper()
	select {
	case <-b.loaded:
	default:
	}
	b.call("Page.navigate", map[string]any{"url": url}, nil)
	select {
	case <-b.loaded:
	case <-time.After(30 * time.Second):
		b.t.Fatalf("browsertest: %s was not loaded in 30 s", url)
	}
}

// Eval returns the value of an expression of JavaScript in the page.
func (b *Browser) Eval(expression string) any {
	b.t.Helper()
	var r struct {
		Result struct {
			Value any `json:"value"`
		} `json:"result"`
		Exception jsontext.Value `json:"exceptionDetails"`
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &r)
	if r.Exception != nil {
		b.t.Fatalf("browsertest: %s: %s", expression, r.Exception)
	}
	return r.Result.Value
}

// Accessible returns what a screen reader is told of the page, in its order: "heading Results".
// What has no name is left out.
func (b *Browser) Accessible() (all []string) {
	b.t.Helper()
	type value struct {
		Value any `json:"value"`
	}
	var tree struct {
		Nodes []struct {
			Ignored bool  `json:"ignored"`
			Role    value `json:"role"`
			Name    value `json:"name"`
		} `json:"nodes"`
	}
	b.call("Accessibility.getFullAXTree", nil, &tree)
	for _, n := range tree.Nodes {
		if name, _ := n.Name.Value.(string); !n.Ignored && name != "" {
			all = append(all, fmt.Sprint(n.Role.Value, " ", name))
		}
	}
	return all
}

// Press presses a key, "Tab" say.
func (b *Browser) Press(key string, code int) {
	b.t.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		b.call("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code}, nil)
	}
}

// Screenshot writes what the page looks like to a PNG file.
func (b *Browser) Screenshot(file string) {
	b.t.Helper()
	var shot struct {
		Data string `json:"data"`
	}
	b.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &shot)
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	require.NoError(b.t, err)
	require.NoError(b.t, os.WriteFile(file, png, 0o666))
}

// Troubles returns what the console has of errors.
func (b *Browser) Troubles() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.troubles...)
}

// Requests returns the addresses that were asked for.
func (b *Browser) Requests() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.requests...)
}
