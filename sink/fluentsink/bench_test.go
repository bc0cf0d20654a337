package fluentsink

import (
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/forward"
)

type hit struct {
	At     time.Time `fluent:"@time"`
	Host   string    `fluent:"host"`
	Method string    `fluent:"method"`
	Path   string    `fluent:"path"`
	Status int       `fluent:"status"`
	Pod    string    `fluent:"kubernetes.pod_name"`
}

// BenchmarkEncode makes entries of events, by tags and by hand.
func BenchmarkEncode(b *testing.B) {
	p, err := compile(reflect.TypeFor[hit]())
	if err != nil {
		b.Fatal(err)
	}
	h := hit{time.Unix(1e9, 5), "10.0.0.1", "GET", "/products/1", 200, "web-1"}
	b.Run("tags", func(b *testing.B) {
		b.ReportAllocs()
		var out []byte
		for b.Loop() {
			if out, err = p.append(out[:0], unsafe.Pointer(&h), time.Time{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("floor: by hand", func(b *testing.B) {
		b.ReportAllocs()
		var out []byte
		for b.Loop() {
			out, _ = forward.AppendEventTime(msgp.AppendArrayHeader(out[:0], 2), h.At)
			out = msgp.AppendMapHeader(out, 5)
			out = msgp.AppendString(msgp.AppendString(out, "host"), h.Host)
			out = msgp.AppendString(msgp.AppendString(out, "method"), h.Method)
			out = msgp.AppendString(msgp.AppendString(out, "path"), h.Path)
			out = msgp.AppendInt(msgp.AppendString(out, "status"), h.Status)
			out = msgp.AppendMapHeader(msgp.AppendString(out, "kubernetes"), 1)
			out = msgp.AppendString(msgp.AppendString(out, "pod_name"), h.Pod)
		}
	})
}
