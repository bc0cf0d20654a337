package redissink_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// What the server refuses of an event leaves somebody else's key alone, and the event is one failure.
func TestRefusedHash(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	note := 1
	for _, o := range []order{{Number: 1}, {Number: 1, Note: &note}} {
		for _, exactly := range []bool{true, false} {
			c.FlushDB(t.Context())
			c.Set(t.Context(), "order:1", "somebody else's text", 0)
			hashes := redissink.Hashes(c, order.key, redissink.Tags[order](), redissink.Expire(time.Hour))
			var bad stream.Failures[order]
			failed := sink.Collect[stream.Failed[order]]()
			p := stream.New("shop")
			in := p.From(source.Slice([]order{o, {Number: 2}}))
			if exactly {
				in.To(redissink.ExactlyOnce(hashes), stream.Name("hashes"), stream.Divert(&bad))
				bad.Stream().To(failed)
			} else {
				in.To(hashes, stream.Name("hashes"))
			}
			err := p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Hour))
			if exactly && err == nil && len(failed.Values()) == 1 {
				err = failed.Values()[0].Err
			}
			if e, ok := errors.AsType[*redissink.WriteError](err); !ok || e.Command != "HSET" || e.Key != "order:1" || !strings.Contains(e.Error(), "WRONGTYPE") {
				t.Errorf("exactly once %v: the error is %v, and %d events are diverted", exactly, err, len(failed.Values()))
			}
			if ttl := c.TTL(t.Context(), "order:1").Val(); ttl != -1 {
				t.Errorf("exactly once %v: the other's key expires in %v", exactly, ttl)
			}
			if ttl := c.TTL(t.Context(), "order:2").Val(); exactly && ttl <= 0 {
				t.Errorf("the good hash expires in %v", ttl)
			}
		}
	}
}

// An event of which two commands are refused is one failure, with both causes, and can be committed alone.
func TestRefusedTwice(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client()
	c.Set(t.Context(), "a", "text", 0)
	c.Set(t.Context(), "b", "text", 0)
	s := redissink.ExactlyOnce(redissink.Commands(c, func(s sold, do func(name, key string, args ...any)) {
		for _, key := range []string{"a", "good", "b"} {
			do("HINCRBY", key, "n", 1)
		}
	}))
	ctx := sinkContext(t, true)
	ctx.Diverts = true
	m, err := s.OpenCommitter(ctx)
	if err != nil {
		t.Fatal(err)
	}
	refused, err := m.(stream.SkippingCommitter).CommitSkipping(t.Context(), 1, [][]byte{prepared(t, s, ctx, sales(2))})
	if err != nil || len(refused) != 2 {
		t.Fatalf("%d refusals, %v", len(refused), err)
	}
	var rows [][]byte
	for _, r := range refused {
		if text := r.Err.Error(); !strings.Contains(text, "HINCRBY a: ") || !strings.Contains(text, "HINCRBY b: ") {
			t.Error(text)
		}
		rows = append(rows, r.Row)
	}
	c.Del(t.Context(), "a", "b")
	again, err := m.(stream.SkippingCommitter).CommitSkipping(t.Context(), 2, rows)
	got := fmt.Sprint(c.HGet(t.Context(), "a", "n").Val(), c.HGet(t.Context(), "good", "n").Val(), c.HGet(t.Context(), "b", "n").Val())
	if err != nil || len(again) != 0 || got != "222" {
		t.Errorf("%v, %d refused again, counted are %s", err, len(again), got)
	}
}
