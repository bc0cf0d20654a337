package tcpsource

import (
	"cmp"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/internal/option"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream/codec"
)

// Listen returns a source of the records that clients send to server in a format whose
// records are lines of text: [codec.JSON], [codec.NginxLog], [codec.Logfmt], [codec.Lines].
// A connection is to the format what a file is: where records need a header, each begins with
// one. A record that is none is rejected, and those beside it are kept. The source has one
// partition, "tcp". server.IdleTimeout is 24 h by default: who never reads loses what it sends next on a
// connection that has been closed.
//
// It panics if format is nil or not textual, an option is nil, a limit of server is
// negative, or server.MaxMessage is set and less than [MaxLine] and 64 KiB.
func Listen[T any](server pushsource.Server, format codec.Format[T], opts ...Option) *pushsource.Source[T] {
	switch {
	case format == nil:
		panic("tcpsource: Listen: the Format is nil")
	case !codec.IsText(format):
		panic(fmt.Sprintf("tcpsource: Listen of %T: its records are no lines of text", format))
	}
	conf := config{maxLine: 1 << 20}
	option.Apply("tcpsource: Listen", &conf, opts)
	if most := cmp.Or(server.MaxMessage, 16<<20); most >= 0 && most < conf.maxLine+64<<10 {
		panic(fmt.Sprintf("tcpsource: Listen: MaxLine of %d, and Server.MaxMessage of %d: it has to be 64 KiB more", conf.maxLine, most))
	}
	server.IdleTimeout = cmp.Or(server.IdleTimeout, 24*time.Hour)
	return pushsource.New(server, pushsource.Protocol[T]{
		Name: "tcp",
		Serve: func(conn *pushsource.Conn[T]) error {
			conn.Ready() // there is no handshake but that of TLS
			s := &session[T]{conn: conn, dec: format.NewDecoder()}
			return (&splitter{in: conn.Reader(), to: s, most: conf.maxLine}).serve()
		},
	})
}

// An Option changes what Listen does.
type Option func(*config)

type config struct{ maxLine int }

// MaxLine sets how many bytes a record may have. The default is 1 MiB. A longer one is
// rejected with its first KiB, and what follows up to the next line end is passed over. It
// panics if n is not positive.
func MaxLine(n int) Option {
	if n <= 0 {
		panic(fmt.Sprintf("tcpsource: MaxLine of %d", n))
	}
	return func(c *config) { c.maxLine = n }
}
