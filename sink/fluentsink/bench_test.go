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
			out = byHand(out[:0], &h)
		}
	})
}

// byHand is what somebody would write for this one type.
func byHand(b []byte, h *hit) []byte {
	b, _ = forward.AppendEventTime(msgp.AppendArrayHeader(b, 2), h.At)
	b = msgp.AppendMapHeader(b, 5)
	b = msgp.AppendString(msgp.AppendString(b, "host"), h.Host)
	b = msgp.AppendString(msgp.AppendString(b, "method"), h.Method)
	b = msgp.AppendString(msgp.AppendString(b, "path"), h.Path)
	b = msgp.AppendInt(msgp.AppendString(b, "status"), h.Status)
	b = msgp.AppendMapHeader(msgp.AppendString(b, "kubernetes"), 1)
	return msgp.AppendString(msgp.AppendString(b, "pod_name"), h.Pod)
}
