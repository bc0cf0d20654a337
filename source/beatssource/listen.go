package beatssource

import (
	"cmp"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/internal/option"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream/codec"
)

// Listen returns a source of what Beats send to server. Each event is a JSON object,
// which c decodes: codec.Message(codec.JSON[T]()) into a T with json tags. One that c
// refuses is rejected, and those beside it are kept. The source has one partition, "beats".
//
// It panics if c or an option is nil, and if a limit of server is negative.
func Listen[T any](server pushsource.Server, c codec.Codec[T], opts ...Option) *pushsource.Source[T] {
	if c == nil {
		panic("beatssource: Listen: the Codec is nil")
	}
	conf := config{keepAlive: 3 * time.Second, limits: limits{window: 16 << 10, ratio: 250}}
	option.Apply("beatssource: Listen", &conf, opts)
	conf.message = cmp.Or(server.MaxMessage, 16<<20) // its default
	return pushsource.New(server, pushsource.Protocol[T]{
		Name: "beats",
		Serve: func(conn *pushsource.Conn[T]) error {
			conn.Ready() // there is no handshake but that of TLS
			s := &session[T]{conn: conn, codec: c}
			return (&frames{limits: conf.limits, in: conn.Reader(), to: s}).serve()
		},
		Ack:       acknowledge[T],
		Waiting:   keepAlive[T],
		KeepAlive: conf.keepAlive,
	})
}

// An Option changes what Listen does.
type Option func(*config)

type config struct {
	limits
	keepAlive time.Duration
}

// MaxWindow sets how many events a client may announce as its window, and send without
// an acknowledgement. The default is 16,384; Beats have at most bulk_max_size, which
// is 2,048. It panics if n is not positive.
func MaxWindow(n int) Option {
	positive("MaxWindow", n)
	return func(c *config) { c.window = n }
}

// MaxRatio sets how many times as large a compressed frame may become, once that is more
// than 1 MiB. The default is 250: 2,048 times the same event of some KiB become 110 times
// as large, and a bomb 1,000 times. It panics if n is not positive.
func MaxRatio(n int) Option {
	positive("MaxRatio", n)
	return func(c *config) { c.ratio = n }
}

// KeepAlive sets how often a client is told that its events are not forgotten, while they
// wait for their checkpoint. The default is 3 s; Beats give up after 30 s of silence.
// It panics if d is not positive.
func KeepAlive(d time.Duration) Option {
	positive("KeepAlive", d)
	return func(c *config) { c.keepAlive = d }
}

func positive[N int | time.Duration](option string, n N) {
	if n <= 0 {
		panic(fmt.Sprintf("beatssource: %s of %v", option, n))
	}
}
