package redissink

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/stream"
)

// A cause is one line that is not too long.
func TestCauseLine(t *testing.T) {
	t.Parallel()
	client := redistest.Start(t).Client()
	long := strings.Repeat("ж", 500)
	for text, want := range map[string]string{
		"ERR a":                     "ERR a",
		" \n WRONGTYPE a\r\n\tb \n": "WRONGTYPE a b",
		"":                          "",
		" ":                         "",
		"ERR a\xffb":                "ERR a\xffb",
		"ERR " + long:               ("ERR " + long)[:mostCause] + "...",
		"ERR " + strings.Repeat("x", mostCause-4): "ERR " + strings.Repeat("x", mostCause-4),
	} {
		got, err := client.Eval(t.Context(), causeLine+"\nreturn causeLine(ARGV[1])", nil, text).Text()
		if err != nil || got != want {
			t.Errorf("of %q it is %q, want %q; %v", text, got, want, err)
		}
	}
}

// refusals are commands that a server refuses, each for another reason.
func refusals(c *commands) (n int) {
	for _, command := range []string{
		"INCR text", "LPUSH text a", "INCRBY text many", "INCRBYFLOAT text many", "HINCRBY hash f many", "HINCRBY hash f 1", "HINCRBYFLOAT hash f 1",
		"LSET list 10 a", "LSET none 0 a", "SETRANGE text -1 a", "SETRANGE text 600000000 a", "SETBIT text 5000000000 1", "SETBIT text 0 2",
		"SET text a NX XX", "SET text a PX 0", "PSETEX text 0 a", "GETEX text PX 0", "ZADD set XX NX 1 a", "ZADD set GT LT 1 a",
		"ZRANGEBYSCORE set a b", "ZRANGEBYLEX set a b", "XADD stream 0-0 a b", "XADD stream x a b", "RENAME none other", "EXPIRE text 99999999999999999",
	} {
		args := strings.Fields(command)
		c.begin(args[0], args[1])
		for _, arg := range args[2:] {
			c.string(arg)
		}
		n++
	}
	return n
}

// Of many different causes the first 16 are noted; a commit that is made again by another run knows of
// the others only that the server has refused the command.
func TestManyCauses(t *testing.T) {
	t.Parallel()
	client := redistest.Start(t).Client()
	pipe := client.Pipeline()
	pipe.Set(t.Context(), "text", "a", 0)
	pipe.HSet(t.Context(), "hash", "f", "many")
	pipe.RPush(t.Context(), "list", "a")
	pipe.XAdd(t.Context(), &redis.XAddArgs{Stream: "stream", Values: []string{"a", "b"}})
	if _, err := pipe.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := new(commands)
	n := refusals(c) + refusals(c)
	prepared := [][]byte{appendPrepared(nil, 0, 0, false, nil, c)}
	s := ExactlyOnce(Commands(client, func(int, func(string, string, ...any)) {}, Batch(7)))
	var first []string
	for run := range 3 {
		m, err := s.OpenCommitter(&stream.SinkContext{Context: t.Context(), Pipeline: "shop", Name: "sums", Count: 1, Transactional: true, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		refused, err := m.(*committer).CommitSkipping(t.Context(), 1, prepared)
		if err != nil || len(refused) != n {
			t.Fatalf("%d of %d are refused, %v", len(refused), n, err)
		}
		causes := map[string]bool{}
		for i, r := range refused {
			e, ok := errors.AsType[*WriteError](r.Err)
			if !ok || string(c.arg(c.list[i].from)) != e.Command {
				t.Fatalf("%d: %v", i, r.Err)
			}
			text := e.Err.Error()
			causes[text] = true
			switch known := len(causes) <= 16; {
			case run == 0:
				first = append(first, text)
			case known && text != first[i]:
				t.Errorf("%d: the cause is %q, and was %q before", i, text, first[i])
			case !known && text != first[i] && !errors.Is(r.Err, errRefusedBefore):
				t.Errorf("%d: %v", i, r.Err)
			}
		}
		if run == 0 && (len(causes) <= 18 || causes[errRefusedBefore.Error()]) || run > 0 && (len(causes) != 17 || !causes[errRefusedBefore.Error()]) {
			t.Errorf("run %d: %d causes: %v", run, len(causes), fmt.Sprint(causes))
		}
	}
}
