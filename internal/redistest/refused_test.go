package redistest_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
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

// diverting adds sales up by their number modulo 7, of which the server refuses 3, and lists those that it refuses.
func diverting(c redis.UniversalClient) *stream.Pipeline {
	var refused stream.Failures[sale]
	p := stream.New("diverting")
	n := 0
	p.From(sourceOf("streams", c, redissource.Bounded()), stream.Name("in")).
		Tap(func(sale) {
			if n++; n%100 == 0 {
				time.Sleep(8 * time.Millisecond) // for the kill to come in the midst of it
			}
		}).
		To(redissink.ExactlyOnce(redissink.Commands(c, func(s sale, do func(name, key string, args ...any)) {
			do("HINCRBY", fmt.Sprint("sums:", s.Number%7), "cents", s.Cents)
		}, redissink.Batch(50))), stream.Name("sums"), stream.Divert(&refused))
	refused.Stream().
		Map(func(f stream.Failed[sale]) sale { return f.Value }).
		To(redissink.ExactlyOnce(redissink.Lists(c, func(sale) string { return "refused" }, codec.JSON[sale]())), stream.Name("refused"))
	return p
}

// TestRefusedChild is the process that is killed.
func TestRefusedChild(t *testing.T) {
	addr := os.Getenv("REDISTEST_REFUSED")
	if addr == "" {
		return // it is what TestRefusedKilled starts
	}
	c := redistest.Closed(t, redis.NewClient(&redis.Options{Addr: addr}))
	shards, _ := strconv.Atoi(os.Getenv("REDISTEST_SHARDS"))
	err := diverting(c).Run(context.Background(), stream.Checkpoints(checkpoint.Dir(os.Getenv("REDISTEST_DIR")), 10*time.Millisecond), stream.Shards(shards), stream.BatchSize(20))
	if err != nil {
		t.Fatal(err)
	}
}

// Commands that the server refuses are diverted once each, and all others take effect once, while the process
// and the server are killed.
func TestRefusedKilled(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	c := server.Client()
	produce(t, c, 0, sales)
	if err := c.Set(t.Context(), "sums:3", "no hash", 0).Err(); err != nil {
		t.Fatal(err)
	}
	dir, r := t.TempDir(), rand.New(rand.NewPCG(3, 9))
	killed, midst := 0, 0
	for life := 0; ; life++ {
		if life > 100 {
			t.Fatal("it comes no further")
		}
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRefusedChild$")
		cmd.Env = append(os.Environ(), "REDISTEST_REFUSED="+server.Addr, "REDISTEST_DIR="+dir, "REDISTEST_SHARDS="+strconv.Itoa(1+life%3))
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if killed < *kills {
			before := c.LLen(t.Context(), "refused").Val()
			until(t, "divert something in this life", func() bool {
				n := c.LLen(t.Context(), "refused").Val()
				return n > before || n == sales/7
			})
			time.Sleep(time.Duration(r.IntN(20)) * time.Millisecond) // a random moment
			if life%3 == 1 {
				server.Kill()
				server.Again()
			}
			_ = cmd.Process.Kill() // it may have ended
		}
		err := cmd.Wait()
		if err == nil {
			break
		}
		if !wasKilled(err) {
			t.Fatalf("life %d has failed by itself: %v\n%s", life, err, &out)
		}
		killed++
		if n := c.LLen(t.Context(), "refused").Val(); n > 0 && n < sales/7 {
			midst++
		}
	}
	for range 20 { // connections to a server that was killed are found dead one by one
		_ = c.Ping(t.Context()).Err()
	}
	times := map[int64]int{}
	var sums [7]int64
	for i := range int64(sales) {
		if i%7 == 3 {
			times[i]++
		}
		sums[i%7] += i % 100
	}
	list, err := c.LRange(t.Context(), "refused", 0, -1).Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range list {
		var s sale
		if err := codec.JSON[sale]().NewDecoder().Decode([]byte(text), &s); err != nil {
			t.Fatal(err)
		}
		times[s.Number]--
	}
	for number, n := range times {
		if n != 0 {
			t.Errorf("sale %d is diverted %d times too few (too many if negative)", number, n)
		}
	}
	for i, want := range sums {
		if got, _ := c.HGet(t.Context(), fmt.Sprint("sums:", i), "cents").Int64(); i != 3 && got != want {
			t.Errorf("the sum of %d is %d, want %d", i, got, want)
		}
	}
	t.Logf("%d kills, %d in the midst; %d refused, each diverted once", killed, midst, len(list))
}
