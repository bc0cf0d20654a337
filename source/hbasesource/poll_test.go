package hbasesource_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hbasetest"
	"github.com/freshet-go/freshet/sink/hbasesink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/hbasesource"
	"github.com/freshet-go/freshet/stream"
)

// A poll reads what a Poll gives until nothing comes any more, and its offset.
type poll struct {
	t      *testing.T
	g      *hbasetest.Gateway
	offset map[string]string
	opts   []hbasesource.Option
	looks  atomic.Int64 // that have begun
}

func polling(t *testing.T, g *hbasetest.Gateway, opts ...hbasesource.Option) *poll {
	p := &poll{t: t, g: g, opts: opts}
	g.Seen = func(r *http.Request) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/scanner") {
			p.looks.Add(1)
		}
	}
	return p
}

// next opens the source at its offset, and reads until it has found n rows and looked again.
func (p *poll) next(n, room int) (all []item) {
	p.t.Helper()
	readers, err := hbasesource.Poll[item](p.g.Client(), p.g.URL, "t", append(p.opts, hbasesource.Every(time.Millisecond), hbasesource.AnswerCells(7))...).
		Open(&stream.SourceContext{Context: p.t.Context(), Offsets: p.offset})
	require.NoError(p.t, err)
	r := readers[0]
	defer r.Close()
	enough := int64(-1) // looks, behind which no more comes
	for deadline := time.Now().Add(time.Minute); ; {
		looks := p.looks.Load()
		if len(all) >= n && enough < 0 {
			enough = looks + 3 // this one may be on its way, and two whole ones follow
		}
		ctx, cancel := context.WithTimeout(p.t.Context(), 10*time.Millisecond)
		in := stream.NewIntake[item](room)
		err := r.Read(ctx, in)
		cancel()
		for _, v := range in.Batch().All() {
			all = append(all, v)
		}
		p.offset = map[string]string{"t": r.Offset()}
		switch {
		case err == nil && room < 512 && len(all) >= n:
			return all
		case err != nil && !errors.Is(err, context.DeadlineExceeded):
			require.NoError(p.t, err)
		case err != nil && enough >= 0 && looks >= enough:
			return all
		}
		require.True(p.t, time.Now().Before(deadline), "in a minute it has looked %d times and found %d rows of %d", looks, len(all), n)
	}
}

// What is written between looks is given, once for each state that is found; also across restarts in the midst of a look.
func TestPoll(t *testing.T) {
	now := time.Now().UnixMilli()
	all := items(40, "k%03d")
	for i := range all {
		all[i].At = now - int64(i%3)*100_000 // some are settled, others are found again
	}
	g := started(t, all)
	p := polling(t, g, hbasesource.Overlap(50*time.Second))
	var got []item
	for len(got) < 40 {
		got = append(got, p.next(1, 3)...)
	}
	require.Equal(t, all, got)
	require.Empty(t, p.next(0, 512))

	change := all[7]
	change.N, change.At = 700, time.Now().UnixMilli()
	late := item{"k0071", 71, "late", time.Now().UnixMilli() - 30_000}
	future := item{"k9", 9, "future", time.Now().UnixMilli() + 3_600_000}
	put(t, g, []item{change, late, future})
	require.Equal(t, []item{change, late, future}, p.next(3, 512))
	require.Empty(t, p.next(0, 512))

	missed := item{"k0072", 72, "too late", time.Now().UnixMilli() - 500_000}
	put(t, g, []item{missed})
	require.Empty(t, p.next(0, 512), "it is older than Overlap: the documentation says so")
}

// A change of one column gives the row whole.
func TestPollWhole(t *testing.T) {
	g := started(t, []item{{"k", 1, "m", 1000}})
	p := polling(t, g)
	require.Len(t, p.next(1, 512), 1)
	type half struct {
		Key string `hbase:"@row"`
		N   int    `hbase:"d:n"`
		At  int64  `hbase:"@time"`
	}
	now := time.Now().UnixMilli()
	fill := stream.New("half")
	fill.From(source.Slice([]half{{"k", 2, now}})).To(hbasesink.Puts(g.Client(), g.URL, "t", func(h half) string { return h.Key }))
	require.NoError(t, fill.Run(t.Context()))
	require.Equal(t, []item{{"k", 2, "m", now}}, p.next(1, 512))
}

func TestPollSince(t *testing.T) {
	g := started(t, items(10, "k%03d"))
	p := polling(t, g, hbasesource.Since(time.UnixMilli(1007)))
	require.Equal(t, items(10, "k%03d")[7:], p.next(3, 512))
}

func TestPollDamaged(t *testing.T) {
	g := started(t, nil)
	for _, offset := range []string{"", "{", `{"seen":"AAA="}`, `{"seen":"!"}`} {
		_, err := hbasesource.Poll[item](g.Client(), g.URL, "t").Open(&stream.SourceContext{Offsets: map[string]string{"t": offset}})
		require.ErrorContains(t, err, fmt.Sprintf("the offset %q", offset))
	}
	_, err := hbasesource.Table[item](g.Client(), g.URL, "t").Open(&stream.SourceContext{Offsets: map[string]string{"t 1/2": "{"}})
	require.Error(t, err)
}
