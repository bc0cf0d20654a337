package fluentsource

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"
	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/forward"
	"github.com/freshet-go/freshet/source/pushsource"
)

// list builds an array, object a map, and so on, as a sender would.
type (
	list   []any
	object []any // key, value, key, value: in this order
	ext    struct {
		kind int8
		body []byte
	}
	raw []byte
)

func pack(v any) []byte { return appendAny(nil, v) }

func appendAny(b []byte, v any) []byte {
	switch v := v.(type) {
	case raw:
		return append(b, v...)
	case list:
		b = msgp.AppendArrayHeader(b, uint32(len(v)))
		for _, e := range v {
			b = appendAny(b, e)
		}
		return b
	case object:
		b = msgp.AppendMapHeader(b, uint32(len(v)/2))
		for _, e := range v {
			b = appendAny(b, e)
		}
		return b
	case ext:
		b, err := msgp.AppendExtension(b, &msgp.RawExtension{Data: v.body, Type: v.kind})
		if err != nil {
			panic(err)
		}
		return b
	case time.Time:
		b, ok := forward.AppendEventTime(b, v)
		if !ok {
			panic("no event time")
		}
		return b
	}
	b, err := msgp.AppendIntf(b, v)
	if err != nil {
		panic(err)
	}
	return b
}

// entries builds what is packed.
func entries(vs ...any) (b []byte) {
	for _, v := range vs {
		b = appendAny(b, v)
	}
	return b
}

func zipped(parts ...[]byte) []byte {
	var b bytes.Buffer
	for _, p := range parts {
		z := gzip.NewWriter(&b)
		_, _ = z.Write(p)
		_ = z.Close()
	}
	return b.Bytes()
}

// parcel is what came of a message, to be compared.
type parcel[T any] struct {
	Values   []T
	Rejected []string
	ID       string
	Silent   bool
}

// parse reads messages until one fails, or all have been.
func parse[T any](r io.Reader, size, budget int, opts ...Option) (got []parcel[T], used int, err error) {
	plan, err := compile(reflect.TypeFor[T]())
	if err != nil {
		panic(err)
	}
	f := newServer[T](plan, budget, opts)
	br := bufio.NewReaderSize(r, size)
	for {
		if _, err := br.Peek(1); err != nil {
			return got, used, err
		}
		p := new(pushsource.Parcel[T])
		message := 0
		m := reading(f, br, p, func(n int) error {
			used += n
			if message += n; message > budget {
				return fmt.Errorf("%w: %d bytes", pushsource.ErrTooLarge, message)
			}
			return nil
		})
		if err := f.read(m); err == errNothing {
			continue
		} else if err != nil {
			return got, used, err
		}
		out := parcel[T]{Values: p.Values, ID: p.ID, Silent: p.Silent}
		for _, r := range p.Rejected {
			why := r.Err
			if e, ok := why.(*pushsource.ClientError); ok {
				why = e.Err
			}
			out.Rejected = append(out.Rejected, why.Error())
		}
		got = append(got, out)
	}
}

func reading[T any](f *server[T], br *bufio.Reader, p *pushsource.Parcel[T], reserve func(int) error) *message[T] {
	return &message[T]{
		server: f, parcel: p,
		in: input{r: br, left: uint64(f.most.message), reserve: reserve, scan: scan{depth: f.most.depth}},
	}
}

const budget = 64 << 20

// one is the parcel of a single message.
func one[T any](t testing.TB, msg []byte, opts ...Option) parcel[T] {
	t.Helper()
	got, _, err := parse[T](bytes.NewReader(msg), 32<<10, budget, opts...)
	require.Equal(t, io.EOF, err)
	require.Len(t, got, 1)
	return got[0]
}

// slowly reads a random number of bytes at a time.
type slowly struct {
	b   []byte
	rnd *rand.Rand
}

func (s *slowly) Read(b []byte) (int, error) {
	if len(s.b) == 0 {
		return 0, io.EOF
	}
	n := copy(b, s.b[:min(len(s.b), 1+s.rnd.IntN(7))])
	s.b = s.b[n:]
	return n, nil
}

func pointer[T any](v *T) unsafe.Pointer { return unsafe.Pointer(v) }

func mustCompile[T any]() *plan {
	p, err := compile(reflect.TypeFor[T]())
	if err != nil {
		panic(err)
	}
	return p
}

func newReader(r io.Reader, size int) *bufio.Reader { return bufio.NewReaderSize(r, size) }
