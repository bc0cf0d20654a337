package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/browsertest"
)

// While the day is replayed the page has the plan and pictures with sales, and it
// ends when it is told to.
func TestServe(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- serve(ctx, in, "127.0.0.1:0", newDay(1, 2_000), time.Second) }()
	address, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	address = strings.TrimSpace(address)
	get := func(path string) string {
		r, err := http.Get(address + path)
		require.NoError(t, err)
		defer r.Body.Close()
		b, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		return string(b)
	}
	assert.Contains(t, get("events"), `"Name":"replay"`) // returns when the run is over
	for _, path := range []string{"panels/0", "panels/1", "panels/2"} {
		picture := get(path)
		assert.Contains(t, picture, "books", path)
		assert.NotContains(t, picture, "no data", path)
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	select {
	case err := <-done:
		require.NoError(t, err)
	case <-time.After(time.Minute):
		t.Fatal("it does not end")
	}
}

// In a browser the pictures are shown, and the page stays when the run is over.
func TestServeInBrowser(t *testing.T) {
	b := browsertest.Start(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- serve(ctx, in, "127.0.0.1:0", newDay(1, 20_000), 4*time.Second) }()
	address, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	b.View(1300, 900, false)
	b.Open(strings.TrimSpace(address))
	shown := "document.querySelectorAll('#panels img, #panels canvas, #panels td:nth-child(3)').length" // an image, a plot of 5 lines with their values, and 24 rows
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if b.Eval(shown) == 31.0 && b.Eval("document.getElementById('status').textContent") == "the run is over" {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	assert.Equal(t, 31.0, b.Eval(shown))
	assert.Equal(t, "the run is over", b.Eval("document.getElementById('status').textContent"))
	assert.Equal(t, "20,000", b.Eval("[...document.querySelectorAll('#operators tbody tr')].find(r => r.cells[0].textContent === 'files').cells[4].textContent"))
	assert.Empty(t, b.Troubles())
	if dir := os.Getenv("FRESHET_SCREENSHOTS"); dir != "" {
		b.Screenshot(filepath.Join(dir, "sales.png"))
	}
	cancel()
	require.NoError(t, <-done)
}
