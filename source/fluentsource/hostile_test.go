package fluentsource_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/forwardtest"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
)

// bombs are messages that want more than they should get.
func bombs() [][]byte {
	var zeros bytes.Buffer
	z := gzip.NewWriter(&zeros)
	text := msgp.AppendString(msgp.AppendString(msgp.AppendMapHeader(msgp.AppendInt(msgp.AppendArrayHeader(nil, 2), 1), 1), "k"), strings.Repeat("x", 1<<20-100))
	for range 20 {
		z.Write(text)
	}
	z.Close()
	head := []byte{0x92, 0xa1, 't'}
	entry := append(bytes.Clone(head), 0xdd, 0, 0x0f, 0, 0, 0x92, 1) // a million entries, and the first one's time
	return [][]byte{
		append(bytes.Clone(head), 0xdd, 0xff, 0xff, 0xff, 0xff),                                                     // entries
		append(bytes.Clone(entry), 0xdf, 0xff, 0xff, 0xff, 0xff),                                                    // keys
		append(bytes.Clone(entry), 0x81, 0xa1, 'n', 0xdd, 0xff, 0xff, 0xff, 0xff),                                   // items
		append(bytes.Clone(entry), 0x81, 0xa1, 'n', 0xdb, 0xff, 0xff, 0xff, 0xff),                                   // bytes
		append(bytes.Clone(head), bytes.Repeat([]byte{0x91}, 1<<16)...),                                             // levels
		append(bytes.Clone(entry), bytes.Repeat([]byte{0x81, 0xa1, 'n'}, 1<<16)...),                                 // levels of maps
		append(append(bytes.Clone(head), 0xc6, 0, 0xff, 0xff, 0xff), zeros.Bytes()...),                              // a payload that inflates
		msgp.AppendBytes(bytes.Clone(head), zeros.Bytes()),                                                          // the whole of it
		append(append(bytes.Clone(head), 0xc6, 0, 0xff, 0xff, 0xff), bytes.Repeat([]byte{0x92, 1, 0x80}, 1<<18)...), // the smallest entries
		append(append(bytes.Clone(head), 0xc6, 0, 0xff, 0xff, 0xff), make([]byte, 1<<16)...),                        // what are none
		bytes.Repeat([]byte("x"), 1<<16),
		{0x92, 0xdb, 0xff, 0xff, 0xff, 0xff},
	}
}

// TestBombs: each ends its client alone.
func TestBombs(t *testing.T) {
	var log bytes.Buffer
	r := forwardtest.Start[fluentsource.Event](t, pushsource.Server{AckWithin: time.Millisecond, FrameTimeout: 300 * time.Millisecond, Memory: 16 << 20}, nil,
		stream.Logger(slog.New(slog.NewTextHandler(&log, nil))))
	good := dial(t, r.Addr)
	require.NoError(t, good.SetDeadline(time.Now().Add(time.Minute)))
	for i, b := range bombs() {
		c := dial(t, r.Addr)
		go c.Write(b)
		c.ends()
		good.says(chunk(fmt.Sprint(i), count{i}))
		require.Equal(t, map[string]any{"ack": fmt.Sprint(i)}, good.hears())
	}
	r.End()
	require.EqualValues(t, len(bombs()), r.Source.Stats().Failed)
	require.Equal(t, 2, strings.Count(log.String(), "clients have failed"), "once a minute, and at the end:\n%s", &log)
	t.Log(&log)
}

// TestSlowClients: who is too slow is hung up on, also where bytes come all the time.
func TestSlowClients(t *testing.T) {
	r := forwardtest.Start[count](t, pushsource.Server{AckWithin: time.Millisecond, FrameTimeout: 200 * time.Millisecond}, nil)
	half, drip, good := dial(t, r.Addr), dial(t, r.Addr), dial(t, r.Addr)
	half.says(chunk("a", count{1})[:9])
	go func() {
		for _, b := range chunk("b", make([]count, 1000)...) {
			if _, err := drip.Write([]byte{b}); err != nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	half.ends()
	drip.ends()
	good.says(chunk("c", count{3}))
	require.Equal(t, map[string]any{"ack": "c"}, good.hears())
	require.Equal(t, []count{{3}}, r.End())
	require.EqualValues(t, 2, r.Source.Stats().Failed)
}

// TestThousandHostileClients has them throw bombs, stop in the middle and come again, as fast as they
// can. Memory stays in its bound, and another client gets through.
func TestThousandHostileClients(t *testing.T) {
	const clients, memory = 1000, 32 << 20
	r := forwardtest.Start[fluentsource.Event](t, pushsource.Server{
		MaxClients: clients + 1, Memory: memory, FrameTimeout: 500 * time.Millisecond, AckWithin: time.Millisecond, IdleTimeout: time.Minute,
	}, nil)
	thrown := bombs()
	debug.FreeOSMemory()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(i)))
			for {
				select {
				case <-stop:
					return
				case <-time.After(time.Duration(rnd.IntN(5000)) * time.Millisecond):
				}
				c, err := net.Dial("tcp", r.Addr)
				if err != nil {
					continue
				}
				b := thrown[rnd.IntN(len(thrown))]
				if rnd.IntN(3) == 0 {
					b = b[:rnd.IntN(len(b))]
				}
				_ = c.SetDeadline(time.Now().Add(time.Second))
				_, _ = c.Write(b)
				_, _ = io.Copy(io.Discard, c)
				c.Close()
			}
		})
	}
	most, through := uint64(0), 0
	for deadline, least := time.Now().Add(time.Minute), time.Now().Add(time.Second); time.Now().Before(least) || through < 4 && time.Now().Before(deadline); {
		if c, err := net.Dial("tcp", r.Addr); err == nil {
			_ = c.SetDeadline(time.Now().Add(30 * time.Second))
			_, _ = c.Write(chunk(fmt.Sprint("good", through), count{through}))
			if _, err := c.Read(make([]byte, 1)); err == nil {
				through++
			}
			c.Close()
		}
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		most = max(most, now.HeapInuse+now.StackInuse)
	}
	close(stop)
	wg.Wait()
	r.End()
	// A connection has its buffer and what it is allowed before it has to ask, 64 KiB; its decoder, 32 KiB of
	// strings that recur and the places of keys; stacks. The garbage collector may have twice of it.
	bound := before.HeapInuse + before.StackInuse + 2*(memory+clients*(64+40+24)<<10)
	t.Logf("%d messages got through, %d clients failed; at most %d MiB of %d", through, r.Source.Stats().Failed, most>>20, bound>>20)
	require.GreaterOrEqual(t, through, 4)
	require.Less(t, most, bound)
}
