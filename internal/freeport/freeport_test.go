package freeport

import (
	"fmt"
	"net"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Ports differ, also between goroutines, and none is one that somebody listens on.
func TestFind(t *testing.T) {
	taken := first + many - 2
	for ; ; taken-- { // some may be other processes'
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", taken)); err == nil {
			defer l.Close()
			break
		}
	}
	looked.Store(uint32(taken - first - 3)) // and over the end
	var wg sync.WaitGroup
	var mu sync.Mutex
	all := map[int]bool{}
	for range 10 {
		wg.Go(func() {
			ports, err := Find(10)
			assert.NoError(t, err)
			mu.Lock()
			defer mu.Unlock()
			for _, p := range ports {
				all[p] = true
			}
		})
	}
	wg.Wait()
	require.Len(t, all, 100)
	require.NotContains(t, all, taken)
	for port := range all {
		require.GreaterOrEqual(t, port, first)
		require.Less(t, port, first+many)
	}
}

// The system does not give these ports to clients, nor those 10,000 above.
func TestNotForClients(t *testing.T) {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		t.Logf("this system does not tell which ports it gives to clients: %v", err)
		return
	}
	var least, most int
	_, err = fmt.Sscan(string(text), &least, &most)
	require.NoError(t, err)
	if least < 32_768 {
		t.Logf("this machine was set to give ports to clients from %d on", least)
		return
	}
	require.LessOrEqual(t, first+many+10_000, least)
}
