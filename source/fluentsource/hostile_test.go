package fluentsource_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/forwardtest"
	"github.com/freshet-go/freshet/internal/hostiletest"
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

// hostileSuite has clients that throw bombs, and halves of them, and one beside them that waits until each of its chunks is acknowledged. A
// connection has its buffer and what it is allowed before it has to ask, 64 KiB; its decoder, 32 KiB of strings that recur and
// the places of keys; stacks.
func hostileSuite() *hostiletest.Suite {
	var clients []hostiletest.Client
	for _, b := range bombs() {
		clients = append(clients, hostiletest.Says(string(b)), hostiletest.Says(string(b[:len(b)/2])), hostiletest.Repeats(string(b), 50*time.Millisecond))
	}
	return &hostiletest.Suite{
		Name: "fluent",
		Serve: hostiletest.Serve(func(s pushsource.Server) *pushsource.Source[fluentsource.Event] {
			return fluentsource.Listen[fluentsource.Event](s)
		}, func(e fluentsource.Event) hostiletest.Kind {
			n, _ := e.Record["n"].(int64)
			return map[int64]hostiletest.Kind{1: hostiletest.Good, 2: hostiletest.Last}[n]
		}),
		Clients: clients,
		Good: func(addr string, more func() bool) (sent int, err error) {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				return 0, err
			}
			defer c.Close()
			answers := msgp.NewReader(c)
			says := func(id string, v count) error {
				if _, err := c.Write(chunk(id, v)); err != nil {
					return err
				}
				_, err := answers.ReadIntf()
				return err
			}
			for ; more(); sent++ {
				if err := says(fmt.Sprint("good", sent), count{1}); err != nil {
					return sent, err
				}
			}
			return sent, says("last", count{2})
		},
		PerClient: (64 + 40 + 24) << 10,
	}
}

func TestMain(m *testing.M) {
	if !hostiletest.Served(hostileSuite()) {
		os.Exit(m.Run())
	}
}

// TestThousandHostile: they take no more memory than is stated, and another client gets through.
func TestThousandHostile(t *testing.T) { hostileSuite().Run(t) }
