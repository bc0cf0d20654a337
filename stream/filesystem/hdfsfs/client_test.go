package hdfsfs_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/stream/filesystem/hdfsfs"
)

// The tests against a real HDFS are in internal/hdfstest.

func TestMistakes(t *testing.T) {
	for what, f := range map[string]func(){
		"no address":    func() { hdfsfs.New(nil) },
		"relative path": func() { hdfsfs.New([]string{"x:1"}).Dir("orders") },
		"timeout":       func() { hdfsfs.Timeout(0) },
		"patience":      func() { hdfsfs.Patience(-1) },
	} {
		assert.Panics(t, f, what)
	}
}

// A NameNode that is not there is no answer, and is named.
func TestNobodyThere(t *testing.T) {
	addr := fmt.Sprintf("127.0.0.1:%d", servertest.FreePort(t))
	c := hdfsfs.New([]string{addr}, hdfsfs.Patience(50*time.Millisecond), hdfsfs.User("shop"))
	_, err := c.Dir("/orders").Stat(t.Context(), "a")
	require.ErrorContains(t, err, "stat hdfs://"+addr+"/orders/a: ")
	require.ErrorContains(t, err, "connection refused")
	require.False(t, errors.Is(err, fs.ErrNotExist))
	require.NoError(t, c.Close())
	_, err = c.Dir("/orders").Stat(t.Context(), "a")
	require.ErrorContains(t, err, "the client is closed")
}

// A server that says nothing is given up, and a call ends with its context.
func TestSilent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	c := hdfsfs.New([]string{l.Addr().String()}, hdfsfs.Timeout(100*time.Millisecond), hdfsfs.Patience(0), hdfsfs.User("shop"))
	defer c.Close()
	_, err = c.Dir("/").Stat(t.Context(), "a")
	require.ErrorContains(t, err, "timeout")
}
