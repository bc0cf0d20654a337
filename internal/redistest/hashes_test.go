package redistest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
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

type basket struct {
	Key   string `redis:"@key"`
	Items int64  `redis:"items"`
	Note  string `redis:"note"`
}

// changes copies what becomes of hashes to a list, each change once.
func changes(c redis.UniversalClient, opts ...redissource.Option) *stream.Pipeline {
	opts = append(opts, redissource.Every(10*time.Millisecond), redissource.Count(100))
	p := stream.New("changes")
	p.From(redissource.Hashes(c, "cart:*", redissource.Tags[basket](), opts...), stream.Name("carts")).
		To(redissink.ExactlyOnce(redissink.Lists(c, func(stream.Change[basket]) string { return "changes" }, codec.JSON[stream.Change[basket]]())), stream.Name("list"))
	return p
}

// TestHashesChild is the process that is killed.
func TestHashesChild(t *testing.T) {
	addr := os.Getenv("REDISTEST_HASHES")
	if addr == "" {
		return // it is what TestHashesKilled starts
	}
	c := redistest.Closed(t, redis.NewClient(&redis.Options{Addr: addr}))
	var opts []redissource.Option
	switch os.Getenv("REDISTEST_HOW") {
	case "notified":
		opts = append(opts, redissource.Notified())
	case "bounded":
		opts = append(opts, redissource.Bounded())
	}
	shards, _ := strconv.Atoi(os.Getenv("REDISTEST_SHARDS"))
	if err := changes(c, opts...).Run(context.Background(), stream.Checkpoints(checkpoint.Dir(os.Getenv("REDISTEST_DIR")), 20*time.Millisecond), stream.Shards(shards)); err != nil {
		t.Fatal(err)
	}
}

// Hashes are set, changed and deleted while the process that follows them, and the server, are killed: each change
// fits the one of its hash before, and in the end they come to what there is.
func TestHashesKilled(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always", "--notify-keyspace-events", "Kghxe")
	c := server.Client()
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	defer writing.Wait()
	defer stop()
	writing.Go(func() {
		r := rand.New(rand.NewPCG(1, 9))
		for i := int64(0); ctx.Err() == nil; i++ {
			key := fmt.Sprint("cart:", r.IntN(300))
			if r.IntN(4) == 0 {
				_ = c.Del(ctx, key).Err() // it may not arrive: the server is killed
			} else {
				_ = c.HSet(ctx, key, "items", i, "note", fmt.Sprint("a, b = ", i), "unknown", i).Err()
			}
		}
	})

	dir, r := t.TempDir(), rand.New(rand.NewPCG(2, 9))
	life := func(i int, how string) (*exec.Cmd, *bytes.Buffer) {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHashesChild$")
		cmd.Env = append(os.Environ(), "REDISTEST_HASHES="+server.Addr, "REDISTEST_HOW="+how, "REDISTEST_DIR="+dir, "REDISTEST_SHARDS="+strconv.Itoa(1+i%3))
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd, &out
	}
	midst := 0
	for i := range *kills {
		before := c.LLen(ctx, "changes").Val()
		cmd, out := life(i, []string{"", "notified"}[i%2])
		until(t, "do something in this life", func() bool { return c.LLen(ctx, "changes").Val() > before })
		time.Sleep(time.Duration(r.IntN(200)) * time.Millisecond) // a random moment
		if i%3 == 1 {
			server.Kill()
			server.Again()
			time.Sleep(time.Duration(r.IntN(200)) * time.Millisecond)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if err := cmd.Wait(); !wasKilled(err) {
			t.Fatalf("the process has ended by itself: %v\n%s", err, out)
		}
		if c.LLen(ctx, "changes").Val() > before {
			midst++
		}
	}
	stop()
	writing.Wait()
	for range 20 { // connections to a server that was killed are found dead one by one
		_ = c.Ping(t.Context()).Err()
	}
	if cmd, out := life(0, "bounded"); cmd.Wait() != nil {
		t.Fatal(out)
	}

	replayed := map[string]basket{}
	all, err := c.LRange(t.Context(), "changes", 0, -1).Result()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[stream.ChangeKind]int{}
	for i, text := range all {
		var x stream.Change[basket]
		if err := json.Unmarshal([]byte(text), &x); err != nil {
			t.Fatal(err)
		}
		kinds[x.Kind]++
		key := x.Row().Key
		if before, there := replayed[key]; there != x.HasBefore || before != x.Before {
			t.Fatalf("change %d of %d is %+v, and %+v was known", i, len(all), x, before)
		}
		if replayed[key] = x.After; x.Kind == stream.Delete {
			delete(replayed, key)
		}
	}
	want := map[string]basket{}
	for _, key := range c.Keys(t.Context(), "cart:*").Val() {
		var b basket
		h := c.HGetAll(t.Context(), key).Val()
		b.Key, b.Note = key, h["note"]
		b.Items, _ = strconv.ParseInt(h["items"], 10, 64)
		want[key] = b
	}
	if !maps.Equal(replayed, want) || len(want) == 0 {
		t.Errorf("the changes come to %d hashes, and there are %d", len(replayed), len(want))
	}
	t.Logf("%d kills, %d of them behind changes; %v, each once", *kills, midst, kinds)
}
