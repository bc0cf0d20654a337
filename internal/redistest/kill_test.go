package redistest_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/source/redissource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

var kills = flag.Int("kills", 5, "how often each pipeline is killed")

type sale struct {
	Number int64 `redis:"number"`
	Cents  int64 `redis:"cents"`
}

const sales = 6000

// sourceOf returns the source that a child reads.
func sourceOf(what string, c redis.UniversalClient, opts ...redissource.Option) stream.Source[sale] {
	opts = append(opts, redissource.Block(20*time.Millisecond), redissource.Count(200))
	switch what {
	case "streams":
		return redissource.Streams(c, []string{"in"}, redissource.Tags[sale](), opts...)
	case "group":
		return redissource.Group(c, "books", "one", []string{"in"}, redissource.Tags[sale](), opts...)
	}
	return redissource.Lists(c, "one", []string{"list"}, codec.JSON[sale](), opts...)
}

// pipeline copies sales to a stream, and adds them up, each exactly once.
func pipeline(src stream.Source[sale], c redis.UniversalClient, pause time.Duration, opts ...redissink.Option) *stream.Pipeline {
	opts = append(opts, redissink.Batch(50))
	p := stream.New("copy")
	in := p.From(src, stream.Name("in"))
	if pause > 0 {
		n := 0
		in = in.Tap(func(sale) {
			if n++; n%100 == 0 {
				time.Sleep(pause) // for the kill to come in the midst of it
			}
		})
	}
	in.To(redissink.ExactlyOnce(redissink.Streams(c, func(sale) string { return "out" }, redissink.Tags[sale](), opts...)), stream.Name("out"))
	in.To(redissink.ExactlyOnce(redissink.Commands(c, func(s sale, do func(name, key string, args ...any)) {
		do("HINCRBY", fmt.Sprint("sums:", s.Number%7), "cents", s.Cents)
	}, opts...)), stream.Name("sums"))
	return p
}

// TestChild is the process that is killed.
func TestChild(t *testing.T) {
	what := os.Getenv("REDISTEST_CHILD")
	if what == "" {
		return // it is what TestKilled starts
	}
	c := redistest.Closed(t, redis.NewClient(&redis.Options{Addr: os.Getenv("REDISTEST_ADDR")}))
	p := pipeline(sourceOf(what, c, redissource.Bounded()), c, 8*time.Millisecond)
	shards, _ := strconv.Atoi(os.Getenv("REDISTEST_SHARDS"))
	if err := p.Run(context.Background(), stream.Checkpoints(checkpoint.Dir(os.Getenv("REDISTEST_DIR")), 30*time.Millisecond), stream.Shards(shards)); err != nil {
		t.Fatal(err)
	}
}

// produce fills the stream and the list.
func produce(t *testing.T, c redis.UniversalClient, from, to int) {
	t.Helper()
	pipe := c.Pipeline()
	for i := from; i < to; i++ {
		pipe.XAdd(t.Context(), &redis.XAddArgs{Stream: "in", Values: []any{"number", i, "cents", i % 100}})
		pipe.RPush(t.Context(), "list", fmt.Sprintf(`{"Number":%d,"Cents":%d}`, i, i%100))
	}
	if _, err := pipe.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// check checks that each sale was copied once, and that the sums are right.
func check(t *testing.T, c redis.UniversalClient, n int) {
	t.Helper()
	var want int64
	times := map[string]int{}
	for i := range n {
		want += int64(i % 100)
		times[strconv.Itoa(i)]++
	}
	for range 20 { // connections to a server that was killed are found dead one by one
		_ = c.Ping(t.Context()).Err()
	}
	all, err := c.XRange(t.Context(), "out", "-", "+").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		times[m.Values["number"].(string)]--
	}
	wrong := 0
	for number, k := range times {
		if k != 0 {
			if wrong++; wrong < 5 {
				t.Errorf("sale %s: %d times too few (too many if negative)", number, k)
			}
		}
	}
	var sum int64
	for i := range 7 {
		x, err := c.HGet(t.Context(), fmt.Sprint("sums:", i), "cents").Int64()
		if err != nil {
			t.Fatal(err)
		}
		sum += x
	}
	if sum != want || wrong > 0 {
		t.Errorf("%d sales are wrong of %d; the sum is %d, want %d", wrong, len(all), sum, want)
	}
}

// wasKilled reports whether an error of Wait says that the process was killed. What it has printed does not say that it has failed: the client
// of Redis prints that it cannot connect.
func wasKilled(err error) bool {
	exit, ok := errors.AsType[*exec.ExitError](err)
	return ok && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL
}

// A process that is killed at any moment and started again, with another number of shards and beside a
// server that is killed as well, ends with each event once.
func TestKilled(t *testing.T) {
	for _, what := range []string{"streams", "group", "lists"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
			c := server.Client()
			produce(t, c, 0, sales)
			rng := rand.New(rand.NewPCG(1, uint64(len(what))))
			dir := t.TempDir()
			killed, servers, midst := 0, 0, 0
			for life := 0; ; life++ {
				if life > 100 {
					t.Fatal("it comes no further")
				}
				cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$")
				cmd.Env = append(os.Environ(), "REDISTEST_CHILD="+what, "REDISTEST_ADDR="+server.Addr, "REDISTEST_DIR="+dir, "REDISTEST_SHARDS="+strconv.Itoa(1+life%3))
				var out bytes.Buffer
				cmd.Stdout, cmd.Stderr = &out, &out
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				ctx, ended := context.WithCancel(t.Context())
				var killer sync.WaitGroup
				if killed < *kills {
					// By the clock it may be before any work or behind it, and in the midst of it by how much there is.
					wait, more := time.Duration(rng.IntN(300))*time.Millisecond, int64(1+rng.IntN(sales/(*kills+1)))
					if life%4 != 3 {
						wait = 0
					}
					killer.Go(func() {
						have := c.XLen(ctx, "out").Val()
						for ctx.Err() == nil && wait == 0 {
							if n, err := c.XLen(ctx, "out").Result(); err == nil && n >= have+more {
								break
							}
							time.Sleep(time.Millisecond)
						}
						select {
						case <-ctx.Done():
						case <-time.After(wait):
							_ = cmd.Process.Kill()
						}
					})
				}
				if life%3 == 1 {
					time.Sleep(time.Duration(rng.IntN(200)) * time.Millisecond) // a random moment
					server.Kill()
					server.Again()
					servers++
				}
				err := cmd.Wait()
				ended()
				killer.Wait()
				if err == nil {
					break
				}
				if !wasKilled(err) {
					t.Fatalf("life %d: %v\n%s", life, err, &out)
				}
				killed++
				if n := c.XLen(t.Context(), "out").Val(); n > 0 && n < sales {
					midst++
				}
			}
			check(t, c, sales)
			if *kills > 2 && midst == 0 {
				t.Error("no kill came in the midst of it")
			}
			t.Logf("%d kills of the process, %d in the midst of its work, %d of the server; %d sales, each once", killed, midst, servers, sales)
		})
	}
}
