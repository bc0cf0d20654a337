package fluentsource

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/source/pushsource"
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

const benchEntries = 1000

func accessEntry(i int) list {
	return list{noon.Add(time.Duration(i) * time.Millisecond), object{
		"host", fmt.Sprintf("10.0.%d.%d", i/256%256, i%256), "user", "-", "method", "GET",
		"path", fmt.Sprintf("/products/%d", i*7919%100_000), "code", 200, "size", 1000 + i,
		"referer", "https://shop.example.com/", "agent", "Mozilla/5.0 (X11; Linux x86_64)",
		"kubernetes", object{"pod_name", "web-1", "namespace", "shop"},
	}}
}

func benchMessage(mode string) []byte {
	var es list
	for i := range benchEntries {
		es = append(es, accessEntry(i))
	}
	switch mode {
	case "message": // as many as there are entries
		var b []byte
		for _, e := range es {
			b = append(b, pack(append(list{"web.access"}, e.(list)...))...)
		}
		return b
	case "forward":
		return pack(list{"web.access", es, object{"size", benchEntries}})
	case "packed":
		return pack(list{"web.access", entries(es...), object{"size", benchEntries}})
	}
	return pack(list{"web.access", zipped(entries(es...)), object{"size", benchEntries, "compressed", "gzip"}})
}

func perEvent(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*benchEntries), "ns/event")
	b.ReportMetric(float64(b.N*benchEntries)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkDecode is a message in memory, and what comes of it.
func BenchmarkDecode(b *testing.B) {
	for _, mode := range []string{"message", "forward", "packed", "compressed"} {
		msg := benchMessage(mode)
		b.Run(mode, func(b *testing.B) { benchDecode[access](b, msg) })
		b.Run(mode+", Event", func(b *testing.B) { benchDecode[Event](b, msg) })
	}
	b.Run("floor: msgp.Skip", func(b *testing.B) {
		msg := benchMessage("forward")
		for b.Loop() {
			if rest, err := msgp.Skip(msg); err != nil || len(rest) > 0 {
				b.Fatal(err)
			}
		}
		perEvent(b)
	})
	b.Run("floor: msgp into maps", func(b *testing.B) {
		msg := benchMessage("forward")
		b.ReportAllocs()
		for b.Loop() {
			if _, rest, err := msgp.ReadIntfBytes(msg); err != nil || len(rest) > 0 {
				b.Fatal(err)
			}
		}
		perEvent(b)
	})
}

func benchDecode[T any](b *testing.B, msg []byte) {
	f := newServer[T](mustCompile[T](), budget, nil)
	r := bytes.NewReader(nil)
	br := bufio.NewReaderSize(r, 32<<10)
	p := new(pushsource.Parcel[T])
	b.ReportAllocs()
	for b.Loop() {
		r.Reset(msg)
		br.Reset(io.Reader(r))
		clear(p.Values)
		p.Values = p.Values[:0]
		for _, err := br.Peek(1); err == nil; _, err = br.Peek(1) {
			if err := f.read(reading(f, br, p, func(int) error { return nil })); err != nil {
				b.Fatal(err)
			}
		}
		if len(p.Values) != benchEntries {
			b.Fatal(len(p.Values))
		}
	}
	perEvent(b)
}
