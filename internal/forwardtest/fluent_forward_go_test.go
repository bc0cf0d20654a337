package forwardtest_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/IBM/fluent-forward-go/fluent/client"
	"github.com/IBM/fluent-forward-go/fluent/protocol"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/forwardtest"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/pushsource"
)

const n = 300

// building is held while messages are built. fluent-forward-go puts the buffer of a packed message back
// into its pool before it returns it, so that two clients of a process write over each other's events.
var building sync.Mutex

// modes are what fluent-forward-go sends ten events in.
var modes = map[string]func(protocol.EntryList) []protocol.ChunkEncoder{
	"Message": func(es protocol.EntryList) (msgs []protocol.ChunkEncoder) {
		for _, e := range es {
			m := protocol.NewMessageExt("ibm", e.Record)
			m.Timestamp = e.Timestamp
			msgs = append(msgs, m)
		}
		return msgs
	},
	"Forward": func(es protocol.EntryList) []protocol.ChunkEncoder {
		return []protocol.ChunkEncoder{protocol.NewForwardMessage("ibm", es)}
	},
	"PackedForward": func(es protocol.EntryList) []protocol.ChunkEncoder {
		m, err := protocol.NewPackedForwardMessage("ibm", es)
		must(err)
		m.EventStream = bytes.Clone(m.EventStream)
		return []protocol.ChunkEncoder{m}
	},
	"CompressedPackedForward": func(es protocol.EntryList) []protocol.ChunkEncoder {
		m, err := protocol.NewCompressedPackedForwardMessage("ibm", es)
		must(err)
		m.EventStream = bytes.Clone(m.EventStream)
		return []protocol.ChunkEncoder{m}
	},
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// TestForwardGo has it send without trouble, over TLS, and with a key.
func TestForwardGo(t *testing.T) {
	server, ours := forwardtest.Certificate(t)
	for mode, build := range modes {
		t.Run(mode, func(t *testing.T) {
			r := forwardtest.Start[forwardtest.Numbered](t, pushsource.Server{AckWithin: time.Millisecond}, nil)
			send(t, r.Port, n, &client.ConnFactory{}, build)
			forwardtest.Once(t, "ibm", n, r.End())
			require.EqualValues(t, r.Source.Stats().Parcels, r.Source.Stats().Acked)
		})
		t.Run(mode+" over TLS", func(t *testing.T) {
			r := forwardtest.Start[forwardtest.Numbered](t, pushsource.Server{AckWithin: time.Millisecond, TLS: server}, nil)
			send(t, r.Port, n, &client.ConnFactory{TLSConfig: ours}, build)
			forwardtest.Once(t, "ibm", n, r.End())
		})
	}
	t.Run("shared key", func(t *testing.T) {
		r := forwardtest.Start[forwardtest.Numbered](t, pushsource.Server{AckWithin: time.Millisecond}, []fluentsource.Option{fluentsource.SharedKey("secret")})
		for _, key := range []string{"secret", "guess"} {
			c := client.New(client.ConnectionOptions{
				RequireAck: true, ConnectionTimeout: 2 * time.Second, AuthInfo: client.AuthInfo{SharedKey: []byte(key)},
				Factory: &client.ConnFactory{Address: r.Addr},
			})
			c.Hostname = "client"
			require.NoError(t, c.Connect())
			if key == "guess" {
				require.Error(t, c.Handshake()) // it does not look whether PONG says yes, but at the digest
			} else {
				require.NoError(t, c.Handshake())
				require.NoError(t, c.Send(protocol.NewForwardMessage("ibm", list(0, n))))
			}
			require.NoError(t, c.Disconnect())
		}
		forwardtest.Once(t, "ibm", n, r.End())
		require.EqualValues(t, 1, r.Source.Stats().Failed)
	})
}

// TestRestarts has the server go away in the middle.
func TestRestarts(t *testing.T) {
	for mode, build := range modes {
		n := n // each message waits for a checkpoint
		if mode == "Message" {
			n = 60
		}
		t.Run(mode, func(t *testing.T) {
			t.Parallel() // it waits
			got := forwardtest.Restarts(t, 4, func(port int) { send(t, port, n, &client.ConnFactory{}, build) })
			forwardtest.Once(t, "ibm", n, got)
		})
	}
}

// send sends n events. The client has no way to try again, so that is done here: with the same
// message, and so the same id.
func send(t *testing.T, port, n int, f *client.ConnFactory, build func(protocol.EntryList) []protocol.ChunkEncoder) {
	f.Address = fmt.Sprintf("127.0.0.1:%d", port)
	c := client.New(client.ConnectionOptions{RequireAck: true, ConnectionTimeout: 2 * time.Second, Factory: f})
	require.NoError(t, c.Connect())
	defer c.Disconnect()
	for i := 0; i < n; i += 10 {
		building.Lock()
		messages := build(list(i, 10))
		building.Unlock()
		for _, m := range messages {
			deadline := time.Now().Add(20 * time.Second)
			for err := c.Send(m); err != nil; err = c.Send(m) {
				require.True(t, time.Now().Before(deadline), "%v", err)
				for c.Reconnect() != nil && time.Now().Before(deadline) {
					time.Sleep(20 * time.Millisecond)
				}
			}
		}
	}
}

func list(from, n int) (es protocol.EntryList) {
	for i := from; i < from+n; i++ {
		es = append(es, protocol.EntryExt{Timestamp: protocol.EventTime{Time: time.Unix(int64(i)+1, 7)}, Record: map[string]any{"n": i, "text": fmt.Sprintf("event %d", i)}})
	}
	return es
}
