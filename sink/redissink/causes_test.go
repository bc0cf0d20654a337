package redissink

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/freshet-go/freshet/internal/redisio"
	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/stream"
)

// A cause is one line that is not too long and not empty.
func TestCauseLine(t *testing.T) {
	for _, text := range []string{"", "\n \n", "WRONGTYPE a\nb", strings.Repeat("ж", 500), "a\xffb", strings.Repeat("x", mostCause)} {
		got := causeLine(errors.New(text))
		if got == "" || strings.Contains(got, "\n") || len(got) > mostCause+3 || !utf8.ValidString(got) {
			t.Errorf("of %q it is %q", text, got)
		}
	}
}

// Of many different causes the first 16 are noted; of the others it is known that the server has refused it.
func TestManyCauses(t *testing.T) {
	t.Parallel()
	client := redistest.Start(t).Client()
	const n = 40
	c := new(commands)
	for i := range n {
		c.begin("GET", fmt.Sprint("key", i))
	}
	prepared := [][]byte{appendPrepared(nil, 0, 0, false, nil, c)}
	s := ExactlyOnce(Commands(client, func(int, func(string, string, ...any)) {}))
	open, err := s.OpenCommitter(&stream.SinkContext{Context: t.Context(), Pipeline: "shop", Name: "sums", Count: 1, Transactional: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	m := open.(*committer)
	if err := errors.Join(m.take(t.Context()), m.begin(t.Context(), 1)); err != nil {
		t.Fatal(err)
	}
	parts, err := m.parts(prepared)
	if err != nil {
		t.Fatal(err)
	}
	client.HSet(t.Context(), m.root, "at", 1, "done", 0)
	for i := range n {
		if err := m.skip(t.Context(), 1, parts[0], redisio.ServerError(fmt.Sprint("ERR cause ", i/2))); err != nil {
			t.Fatal(err)
		}
	}
	refused, err := m.CommitSkipping(t.Context(), 1, prepared)
	if err != nil || len(refused) != n {
		t.Fatalf("%d are refused, %v", len(refused), err)
	}
	for i, r := range refused {
		if want := fmt.Sprintf(": ERR cause %d", i/2); i < 32 && !strings.HasSuffix(r.Err.Error(), want) || i >= 32 && !errors.Is(r.Err, errRefusedBefore) {
			t.Errorf("%d: %v", i, r.Err)
		}
	}
}
