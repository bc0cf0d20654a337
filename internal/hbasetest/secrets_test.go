package hbasetest_test

import (
	"testing"

	"github.com/freshet-go/freshet/internal/hbasetest"
	"github.com/freshet-go/freshet/internal/secretstest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/hbasesink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/hbasesource"
	"github.com/freshet-go/freshet/stream"
)

// The keys of rows, which name places and offsets, and cells that are no numbers, are in nothing that a run with Redact writes; nor is a row that the gateway refuses.
func TestSecrets(t *testing.T) {
	const secret = secretstest.Secret
	s := hbasetest.Start(t)
	h := client(t)
	table := s.Table("m")
	type name struct {
		Key  string `hbase:"@row"`
		Shop string `hbase:"a:shop"`
	}
	key := func(n name) string { return n.Key }
	run(t, hbasesink.Puts(h, s.URL, table, key, hbasesink.ServerTime()), []name{{secret, "is " + secret}, {"other", "2"}})
	type number struct {
		Key  string `hbase:"@row"`
		Shop int    `hbase:"a:shop"`
	}
	secretstest.Try[[]byte](t, "a cell", false, func(p *stream.Pipeline, opts ...stream.Option) {
		p.From(hbasesource.Table[number](h, s.URL, table), opts...).To(sink.Discard[number]())
	})
	secretstest.Try[name](t, "a place", false, func(p *stream.Pipeline, opts ...stream.Option) {
		p.From(hbasesource.Table[name](h, s.URL, table)).Map(func(name) name { panic("nothing is said here") }, opts...).To(sink.Discard[name]())
	})
	type bad struct {
		Key string `hbase:"@row"`
		Bad string `hbase:"a:bad"`
	}
	secretstest.Refuses[bad](t, "a row", false, func(p *stream.Pipeline, opts ...stream.Option) {
		long := make([]byte, 40_000) // longer than a key may be
		copy(long, secret)
		p.From(source.Slice([]bad{{secret, secret}})).To(hbasesink.Puts(h, s.URL, table, func(bad) string { return string(long) }, hbasesink.ServerTime()), opts...)
	})
}
