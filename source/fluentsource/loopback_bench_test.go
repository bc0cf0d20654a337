package fluentsource_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/fluent/fluent-logger-golang/fluent"
	"github.com/stretchr/testify/require"
	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
)

// access is a line of an access log as Fluent Bit parses it: 10 keys, of which 7 are wanted.
type access struct {
	Time   time.Time `fluent:"@time"`
	Host   string    `fluent:"host"`
	Method string    `fluent:"method"`
	Path   string    `fluent:"path"`
	Code   int       `fluent:"code"`
	Size   int64     `fluent:"size"`
	Agent  string    `fluent:"agent"`
	Pod    string    `fluent:"kubernetes.pod_name"`
}

const inMessage = 1000

func accessLog(packed bool) []byte {
	var entries []byte
	for i := range inMessage {
		b := msgp.AppendArrayHeader(entries, 2)
		b = append(b, 0xd7, 0, 0x6a, 0x22, 0, 0, 0, 0, byte(i>>8), byte(i))
		b = msgp.AppendMapHeader(b, 9)
		for _, kv := range [][2]any{
			{"host", fmt.Sprintf("10.0.0.%d", i%256)}, {"user", "-"}, {"method", "GET"}, {"path", fmt.Sprintf("/products/%d", i*7919%100_000)},
			{"code", 200}, {"size", 1000 + i}, {"referer", "https://shop.example.com/"}, {"agent", "Mozilla/5.0 (X11; Linux x86_64)"},
			{"kubernetes", map[string]any{"pod_name": "web-1"}},
		} {
			b = msgp.AppendString(b, kv[0].(string))
			b, _ = msgp.AppendIntf(b, kv[1])
		}
		entries = b
	}
	b := msgp.AppendString(msgp.AppendArrayHeader(nil, 2), "web.access")
	if packed {
		return msgp.AppendBytes(b, entries)
	}
	return append(msgp.AppendArrayHeader(b, inMessage), entries...)
}

// BenchmarkLoopback is all that happens between a client's bytes and the pipeline, with the client and
// the network beside it. The floors read the same bytes, into the same type by hand, or skip what is in them.
func BenchmarkLoopback(b *testing.B) {
	for name, packed := range map[string]bool{"forward": false, "packed": true} {
		msg := accessLog(packed)
		b.Run(name, func(b *testing.B) {
			bound := make(chan net.Addr, 1)
			src := fluentsource.Listen[access](pushsource.Server{Addr: "127.0.0.1:0", Bound: func(a net.Addr) { bound <- a }})
			p := stream.New("bench")
			p.From(src).To(sink.Discard[access]())
			done := make(chan error, 1)
			go func() { done <- p.Run(b.Context()) }()
			c, err := net.Dial("tcp", (<-bound).String())
			require.NoError(b, err)
			defer c.Close()
			b.ReportAllocs()
			n := int64(0)
			for b.Loop() {
				if _, err := c.Write(msg); err != nil {
					b.Fatal(err)
				}
				n += inMessage
			}
			for src.Stats().Events < n {
				time.Sleep(time.Millisecond)
			}
			perEvent(b)
		})
	}
	for name, packed := range map[string]bool{"forward": false, "packed": true} {
		msg := accessLog(packed)
		b.Run("floor: "+name+" by hand", func(b *testing.B) { floor(b, msg, func(r *msgp.Reader) error { return readByHand(r, packed) }) })
	}
	b.Run("floor: read and skip", func(b *testing.B) { floor(b, accessLog(false), (*msgp.Reader).Skip) })
}

// floor has one message after the other read from a connection.
func floor(b *testing.B, msg []byte, read func(*msgp.Reader) error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	defer l.Close()
	done := make(chan error, 1)
	go func() { done <- readAll(l, read) }()
	c, err := net.Dial("tcp", l.Addr().String())
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Write(msg); err != nil {
			b.Fatal(err)
		}
	}
	c.Close()
	require.NoError(b, <-done)
	perEvent(b)
}

func readAll(l net.Listener, read func(*msgp.Reader) error) error {
	c, err := l.Accept()
	if err != nil {
		return err
	}
	defer c.Close()
	r := msgp.NewReaderSize(c, 32<<10)
	for {
		switch err := read(r); err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}

// readByHand reads a message into one value after the other, as somebody would who has this type alone, and no limits. What is packed lies in the message as bytes, whose head is passed over.
func readByHand(r *msgp.Reader, packed bool) error {
	if _, err := r.ReadArrayHeader(); err != nil {
		return err
	}
	if err := r.Skip(); err != nil { // the tag
		return err
	}
	n := uint32(inMessage)
	var err error
	if packed {
		_, err = r.ReadBytesHeader()
	} else {
		n, err = r.ReadArrayHeader()
	}
	var v access
	for ; err == nil && n > 0; n-- {
		if _, err = r.ReadArrayHeader(); err != nil {
			break
		}
		var at [10]byte
		if _, err = io.ReadFull(r, at[:]); err != nil {
			break
		}
		v.Time = time.Unix(int64(binary.BigEndian.Uint32(at[2:])), int64(binary.BigEndian.Uint32(at[6:])))
		err = recordByHand(r, &v)
	}
	return err
}

func recordByHand(r *msgp.Reader, v *access) error {
	n, err := r.ReadMapHeader()
	for ; err == nil && n > 0; n-- {
		var key []byte
		if key, err = r.ReadMapKeyPtr(); err != nil {
			break
		}
		switch string(key) {
		case "host":
			v.Host, err = r.ReadString()
		case "method":
			v.Method, err = r.ReadString()
		case "path":
			v.Path, err = r.ReadString()
		case "code":
			v.Code, err = r.ReadInt()
		case "size":
			v.Size, err = r.ReadInt64()
		case "agent":
			v.Agent, err = r.ReadString()
		case "kubernetes":
			var m uint32
			for m, err = r.ReadMapHeader(); err == nil && m > 0; m-- {
				if key, err = r.ReadMapKeyPtr(); err == nil && string(key) == "pod_name" {
					v.Pod, err = r.ReadString()
				} else if err == nil {
					err = r.Skip()
				}
			}
		default:
			err = r.Skip()
		}
	}
	return err
}

func perEvent(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*inMessage), "ns/event")
	b.ReportMetric(float64(b.N*inMessage)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkClient is how fast fluent-logger-golang sends, to somebody who reads and throws away.
func BenchmarkClient(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	defer l.Close()
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			go io.Copy(io.Discard, c)
		}
	}()
	f, err := fluent.New(fluent.Config{FluentHost: "127.0.0.1", FluentPort: l.Addr().(*net.TCPAddr).Port})
	require.NoError(b, err)
	defer f.Close()
	record := map[string]any{
		"host": "10.0.0.1", "user": "-", "method": "GET", "path": "/products/1", "code": 200, "size": 1000,
		"referer": "https://shop.example.com/", "agent": "Mozilla/5.0 (X11; Linux x86_64)",
	}
	for b.Loop() {
		if err := f.PostWithTime("web.access", time.Unix(1, 0), record); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
