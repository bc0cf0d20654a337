package redistest_test

import (
	"context"
	"crypto/tls"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/redissource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A server that asks for certificates is read and written, each sale exactly once, while connections are cut.
func TestTLS(t *testing.T) {
	t.Parallel()
	shop := servertest.NewAuthority(t)
	server := redistest.StartTLS(t, shop)
	proxy := redistest.StartProxy(t, server.Addr)
	secured := func(o *redis.Options) {
		o.TLSConfig = &tls.Config{RootCAs: shop.Pool(), Certificates: []tls.Certificate{shop.Signs("books", time.Now().Add(time.Hour))}}
	}
	direct := server.Client(secured)
	c := server.Client(secured, func(o *redis.Options) { o.Addr = proxy.Addr })
	for _, what := range []string{"streams", "group", "lists"} {
		if err := direct.FlushDB(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		produce(t, direct, 0, 1000)
		stop := running(t, pipeline(sourceOf(what, c), c, time.Millisecond))
		until(t, "begin with "+what, func() bool { return length(t, direct, "out") > 0 })
		proxy.Cut()
		produce(t, direct, 1000, 2000)
		until(t, "copy all "+what, func() bool { return length(t, direct, "out") >= 2000 })
		stop()
		check(t, direct, 2000)
	}
}

// A certificate that one side does not trust ends the run at once, with an error that says why: it will be
// the same certificate in half a minute. So does a server that speaks TLS where the client does not.
func TestTLSRefused(t *testing.T) {
	t.Parallel()
	shop, other := servertest.NewAuthority(t), servertest.NewAuthority(t)
	server := redistest.StartTLS(t, shop)
	later := time.Now().Add(time.Hour)
	mine := []tls.Certificate{shop.Signs("books", later)}
	for what, x := range map[string]struct {
		config *tls.Config
		says   string
	}{
		"another authority":   {&tls.Config{RootCAs: other.Pool(), Certificates: mine}, "unknown authority"},
		"another name":        {&tls.Config{RootCAs: shop.Pool(), Certificates: mine, ServerName: "redis.example.com"}, "redis.example.com"},
		"no certificate":      {&tls.Config{RootCAs: shop.Pool()}, "certificate required"},
		"another's":           {&tls.Config{RootCAs: shop.Pool(), Certificates: []tls.Certificate{other.Signs("books", later)}}, "unknown certificate authority"},
		"expired":             {&tls.Config{RootCAs: shop.Pool(), Certificates: []tls.Certificate{shop.Signs("books", time.Now().Add(-time.Hour))}}, "certificate"},
		"too old a version":   {&tls.Config{RootCAs: shop.Pool(), Certificates: mine, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}, "version"},
		"1.2, no certificate": {&tls.Config{RootCAs: shop.Pool(), MaxVersion: tls.VersionTLS12}, "handshake failure"},
	} {
		c := server.Client(func(o *redis.Options) { o.TLSConfig = x.config })
		for _, dir := range []string{"streams", "group", "lists", "hashes", "sink", "exactly once"} {
			t.Run(what+"/"+dir, func(t *testing.T) {
				t.Parallel()
				p := stream.New("shop")
				out := redissink.Streams(c, func(sale) string { return "out" }, redissink.Tags[sale]())
				switch dir {
				case "sink":
					p.From(source.Slice([]sale{{1, 2}})).To(out)
				case "exactly once":
					p.From(source.Slice([]sale{{1, 2}})).To(redissink.ExactlyOnce(out))
				case "hashes":
					p.From(redissource.Hashes(c, "sale:*", redissource.Tags[sale]())).To(sink.Discard[stream.Change[sale]]())
				default:
					p.From(sourceOf(dir, c)).To(sink.Discard[sale]())
				}
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				start := time.Now()
				err := p.Run(ctx, stream.Checkpoints(checkpoint.Memory(), 50*time.Millisecond))
				if err == nil || !strings.Contains(err.Error(), x.says) || !strings.Contains(err.Error(), "TLSConfig") {
					t.Errorf("the error is %v", err)
				}
				if d := time.Since(start); d > 15*time.Second { // RetryFor is 30
					t.Errorf("it took %v", d)
				}
			})
		}
	}
	t.Run("without TLS", func(t *testing.T) {
		t.Parallel()
		c := server.Client()
		p := stream.New("shop")
		p.From(sourceOf("streams", c, redissource.RetryFor(200*time.Millisecond))).To(sink.Discard[sale]())
		start := time.Now()
		err := p.Run(t.Context())
		if err == nil || time.Since(start) > 15*time.Second {
			t.Errorf("the error is %v, after %v", err, time.Since(start))
		}
	})
}
