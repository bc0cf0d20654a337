package fluentsource

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/forward"
)

func seeds(f *testing.F) {
	rec := object{"text", "x", "int", 7, "inner", object{"name", "n"}, "list", list{"a"}, "any", object{"k", list{1.5, nil, true}}, "other", ext{5, []byte("e")}, "time", noon}
	packed := entries(list{noon, rec}, list{list{1, object{"m", 1}}, rec})
	for _, v := range []any{
		list{"t", noon, rec, object{"chunk", "c"}}, list{"t", 1.5, rec}, list{"t", 1, rec, nil},
		list{"t", list{list{1, rec}, list{list{noon, nil}, rec}}, object{"chunk", "c", "size", 2}},
		list{"t", packed, object{"chunk", "c"}}, list{"t", string(packed)}, list{"t", zipped(packed, packed), object{"compressed", "gzip"}},
		list{"t", zipped(packed)[:40]}, list{"t", []byte{0x80}, object{"fluent_signal", 1, "chunk", "c"}}, nil,
		raw{0x92, 0xa1, 'w', 0xdd, 0xff, 0xff, 0xff, 0xff}, list{"t", 1, raw(bytes.Repeat([]byte{0x91}, 1000))},
		list{"t", list{list{1, object{"text", raw(append([]byte{0xda, 1, 0}, make([]byte, 256)...))}}}},
		list{"t", list{list{"x", rec}, list{1, object{"int", "x"}}}},
	} {
		f.Add(pack(v))
		f.Add(append(pack(v), pack(v)...))
	}
	f.Add([]byte(`["t",1,{}]`))
	f.Add([]byte{})
}

// FuzzMessage has messages come at once, and bit by bit through a small buffer: what comes of
// them is the same. Nothing panics, and what is used follows from what came.
func FuzzMessage(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		opts := []Option{RecordSize(600), Entries(100), Depth(10), Inflation(20)}
		got, used, err := parse[all](bytes.NewReader(b), 32<<10, 8<<20, opts...)
		slow, _, slowErr := parse[all](&slowly{b, rand.New(rand.NewPCG(uint64(len(b)), 1))}, 16, 8<<20, opts...)
		require.Equal(t, fmt.Sprintf("%+v", plain(got)), fmt.Sprintf("%+v", plain(slow)))
		require.Equal(t, kind(err), kind(slowErr), "%v, %v", err, slowErr)
		// A struct of a slice is the largest that comes of a byte. What is compressed may be
		// more, by its ratio or up to a MiB.
		if most := 1<<20 + 100*(len(b)+600*100); used > most && len(b) < 1<<10 {
			t.Errorf("%d bytes used for %d", used, len(b))
		}
	})
}

// plain has no pointers, which print as addresses.
func plain(ps []parcel[all]) (out []any) {
	for _, p := range ps {
		for i := range p.Values {
			v := &p.Values[i]
			if v.Maybe != nil {
				out = append(out, *v.Maybe)
				v.Maybe = nil
			}
			out = append(out, chain(&v.Inner))
			v.Inner = inner{}
			for j := range v.Inners {
				out = append(out, chain(&v.Inners[j]))
			}
			v.Inners = nil
		}
		out = append(out, p)
	}
	return out
}

func chain(i *inner) (names []string) {
	for ; i != nil; i = i.Next {
		names = append(names, i.Name)
	}
	return names
}

// kind tells the client's end from errors. Of several that a message has, a buffer that holds more may find
// another first.
func kind(err error) string {
	switch err {
	case io.EOF, io.ErrUnexpectedEOF:
		return err.Error()
	}
	return "refused"
}

// FuzzRecord has msgp read the same record.
func FuzzRecord(f *testing.F) {
	for _, v := range []any{
		object{}, object{"a", 1, "b", "x"}, object{"a", list{1, -1, 1.5, float32(1), nil, true, []byte("x"), uint64(1 << 63)}},
		object{"a", object{"b", object{"c", list{list{}}}}, "a", 2}, object{"a", raw{0xd3, 0, 0, 0, 0, 0, 0, 0, 1}},
	} {
		f.Add(pack(v))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if rest, err := skip(b, 100); err != nil || len(rest) > 0 {
			return // msgp would allocate what is announced
		}
		want, _, err := msgp.ReadMapStrIntfBytes(b, nil)
		if err != nil || extended(want) {
			return
		}
		got := one[Event](t, pack(list{"t", 1, raw(b)}), Depth(102))
		require.Len(t, got.Values, 1)
		if len(want) == 0 {
			want = nil
		}
		require.Equal(t, fmt.Sprintf("%#v", same(want)), fmt.Sprintf("%#v", same(got.Values[0].Record)))
	})
}

// extended reports whether v has extensions, which msgp has types of its own for.
func extended(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			if extended(e) {
				return true
			}
		}
	case []any:
		for _, e := range v {
			if extended(e) {
				return true
			}
		}
	case nil, bool, int64, uint64, float64, float32, string, []byte:
	default:
		return true
	}
	return false
}

// same has numbers as Event has them.
func same(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if v == nil {
			return map[string]any{}
		}
		for k, e := range v {
			v[k] = same(e)
		}
	case []any:
		for i, e := range v {
			v[i] = same(e)
		}
	case []byte:
		return append([]byte{}, v...)
	case uint64:
		if v <= 1<<63-1 {
			return int64(v)
		}
	case float32:
		return float64(v)
	}
	return v
}

// FuzzHandshake answers HELO with anything. A client is let in only with the right
// digests, and told so.
func FuzzHandshake(f *testing.F) {
	g := greeting{nonce: []byte("nonce"), salt: []byte("auth")}
	s := security{asks: true, key: "secret", users: map[string]string{"ann": "pw"}, hostname: "us"}
	right := list{"PING", "them", []byte("salt"), forward.KeyDigest([]byte("salt"), "them", g.nonce, "secret"), "ann", forward.PasswordDigest(g.salt, "ann", "pw")}
	f.Add(pack(right))
	f.Add(pack(list{"PING", "them", "salt", "digest", "", ""}))
	f.Add(pack(list{"PING", raw{0xdb, 0xff, 0xff, 0xff, 0xff}}))
	f.Add(pack(list{"web", list{}}))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := reading(newServer[hit](mustCompile[hit](), 1<<20, nil), newReader(bytes.NewReader(b), 16), nil, func(int) error { return nil })
		p, err := readPing(&r.in)
		if err != nil {
			return
		}
		refused := s.check(g, p)
		pong := s.pong(nil, g, p, refused)
		v, rest, err := msgp.ReadIntfBytes(pong)
		require.NoError(t, err)
		require.Empty(t, rest)
		require.Equal(t, refused == nil, v.([]any)[1])
		mine := p.digest == forward.KeyDigest([]byte(p.salt), p.hostname, g.nonce, "secret") && p.user == "ann" && p.password == forward.PasswordDigest(g.salt, "ann", "pw")
		require.Equal(t, mine, refused == nil)
		require.NotContains(t, string(pong), "secret")
	})
}
