package tcpsource_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/source/tcpsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

var errBroken = errors.New("broken")

// A quitting format is one of lines, of which a line "bad" has a function of the decoder quit.
type quitting struct {
	codec.Format[string]
	split, decode func()
}

func (q quitting) Textual() bool { return true }

func (q quitting) NewDecoder() codec.Decoder[string] { return quitter{q.Format.NewDecoder(), q} }

type quitter struct {
	codec.Decoder[string]
	quits quitting
}

func (q quitter) Split(data []byte, atEOF bool) (int, []byte, error) {
	if bytes.HasPrefix(data, []byte("bad")) && q.quits.split != nil {
		q.quits.split()
	}
	return q.Decoder.Split(data, atEOF)
}

func (q quitter) Decode(record []byte, v *string) error {
	if string(record) == "bad" && q.quits.decode != nil {
		q.quits.decode()
	}
	return q.Decoder.Decode(record, v)
}

// A user's decoder that panics or ends its goroutine ends the run, with an error that names the operator and the
// the partition.
func TestDecoderThatQuits(t *testing.T) {
	for way, quit := range map[string]func(){"panic": func() { panic(errBroken) }, "Goexit": runtime.Goexit} {
		for name, format := range map[string]quitting{
			"Decode": {codec.Lines(), nil, quit},
			"Split":  {codec.Lines(), quit, nil},
		} {
			t.Run(way+"/"+name, func(t *testing.T) {
				bound := make(chan net.Addr, 1)
				src := tcpsource.Listen(pushsource.Server{Addr: "127.0.0.1:0", Bound: func(a net.Addr) { bound <- a }}, format)
				p := stream.New("quits")
				p.From(src, stream.Name("lines of clients")).To(sink.Discard[string]())
				done := make(chan error, 1)
				go func() { done <- p.Run(context.Background()) }()
				var addr net.Addr
				select {
				case addr = <-bound:
				case err := <-done:
					t.Fatalf("the run has ended before it listens: %v", err)
				}
				c, err := net.Dial("tcp", addr.String())
				require.NoError(t, err)
				defer c.Close()
				_, err = c.Write([]byte("good\nbad\ngood\n"))
				require.NoError(t, err)
				select {
				case err = <-done:
				case <-time.After(30 * time.Second):
					t.Fatal("the run does not end")
				}
				var at *stream.OperatorError
				require.ErrorAs(t, err, &at)
				require.Equal(t, "lines of clients", at.Operator)
				require.Equal(t, "tcp", at.Position)
				if way == "panic" {
					require.ErrorIs(t, err, errBroken)
				} else {
					require.ErrorContains(t, err, "runtime.Goexit")
				}
			})
		}
	}
}
