package fluentsource

import (
	"testing"

	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/forward"
)

// BenchmarkByHand is the floor of BenchmarkDecode: what somebody would write by hand with msgp for the one
// type, which has the whole message in memory and no limits.
func BenchmarkByHand(b *testing.B) {
	msg := benchMessage("forward")
	values := make([]access, 0, benchEntries)
	b.ReportAllocs()
	for b.Loop() {
		values = values[:0]
		rest, err := byHand(msg, func() *access {
			values = append(values, access{})
			return &values[len(values)-1]
		})
		if err != nil || len(values) != benchEntries {
			b.Fatal(len(rest), err)
		}
	}
	perEvent(b)
}

func byHand(msg []byte, next func() *access) (rest []byte, err error) {
	_, msg, err = msgp.ReadArrayHeaderBytes(msg)
	if err != nil {
		return nil, err
	}
	if _, msg, err = msgp.ReadStringZC(msg); err != nil {
		return nil, err
	}
	n, msg, err := msgp.ReadArrayHeaderBytes(msg)
	for ; err == nil && n > 0; n-- {
		if _, msg, err = msgp.ReadArrayHeaderBytes(msg); err != nil {
			return nil, err
		}
		v := next()
		v.Time, _ = forward.EventTime(msg[2:10])
		msg, err = recordByHand(msg[10:], v)
	}
	return msg, err
}

func recordByHand(b []byte, v *access) (_ []byte, err error) {
	n, b, err := msgp.ReadMapHeaderBytes(b)
	for ; err == nil && n > 0; n-- {
		var key []byte
		if key, b, err = msgp.ReadMapKeyZC(b); err != nil {
			return nil, err
		}
		switch string(key) {
		case "host":
			v.Host, b, err = msgp.ReadStringBytes(b)
		case "method":
			v.Method, b, err = msgp.ReadStringBytes(b)
		case "path":
			v.Path, b, err = msgp.ReadStringBytes(b)
		case "code":
			v.Code, b, err = msgp.ReadIntBytes(b)
		case "size":
			v.Size, b, err = msgp.ReadInt64Bytes(b)
		case "agent":
			v.Agent, b, err = msgp.ReadStringBytes(b)
		case "kubernetes":
			b, err = podByHand(b, v)
		default:
			b, err = msgp.Skip(b)
		}
	}
	return b, err
}

func podByHand(b []byte, v *access) (_ []byte, err error) {
	n, b, err := msgp.ReadMapHeaderBytes(b)
	for ; err == nil && n > 0; n-- {
		var key []byte
		if key, b, err = msgp.ReadMapKeyZC(b); err != nil {
			return nil, err
		}
		if string(key) == "pod_name" {
			v.Pod, b, err = msgp.ReadStringBytes(b)
		} else {
			b, err = msgp.Skip(b)
		}
	}
	return b, err
}
