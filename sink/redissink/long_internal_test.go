package redissink

import (
	"errors"
	"log/slog"
	"testing"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/stream"
)

// A command that is too long in a checkpoint of an earlier version is named as it is, and can be left out; what came before
// it takes effect once.
func TestLongCommandPrepared(t *testing.T) {
	t.Parallel()
	client := redistest.Start(t).Client()
	c := new(commands)
	for _, key := range []string{"before", "long", "behind"} {
		c.begin("HINCRBY", key)
		c.string("n")
		c.int(1)
		for range map[string]int{"long": 9000}[key] {
			c.string("x")
		}
	}
	prepared := [][]byte{appendPrepared(nil, 0, 0, false, nil, c)}
	s := ExactlyOnce(Commands(client, func(int, func(string, string, ...any)) {}))
	m, err := s.OpenCommitter(&stream.SinkContext{Context: t.Context(), Pipeline: "shop", Name: "sums", Count: 1, Transactional: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		err := m.Commit(t.Context(), 1, prepared)
		if e, ok := errors.AsType[*WriteError](err); !ok || e.Key != "long" {
			t.Errorf("the error is %v", err)
		}
	}
	refused, err := m.(stream.SkippingCommitter).CommitSkipping(t.Context(), 1, prepared)
	if err != nil || len(refused) != 1 {
		t.Errorf("%d are refused, %v", len(refused), err)
	}
	for _, key := range []string{"before", "behind"} {
		if got := client.HGet(t.Context(), key, "n").Val(); got != "1" {
			t.Errorf("%s is %q, want 1", key, got)
		}
	}
}
