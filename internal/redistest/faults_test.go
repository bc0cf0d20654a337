package redistest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/source/redissource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// running runs a pipeline, until the function that it returns is called.
func running(t *testing.T, p *stream.Pipeline) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- p.Run(ctx, stream.Checkpoints(checkpoint.Memory(), 50*time.Millisecond), stream.Shards(2))
	}()
	return func() {
		t.Helper()
		start := time.Now()
		cancel()
		if err := <-done; err != nil && ctx.Err() == nil {
			t.Errorf("Run: %v", err)
		} else if err != nil && !strings.Contains(err.Error(), context.Canceled.Error()) {
			t.Errorf("Run: %v", err)
		}
		if d := time.Since(start); d > 15*time.Second {
			t.Errorf("it took %v to stop", d)
		}
	}
}

// until waits until a condition holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) { // of polling: servers tell nobody
		if time.Now().After(deadline) {
			t.Fatalf("in 30 seconds it does not: %s", what)
		}
	}
}

func length(t *testing.T, c redis.UniversalClient, key string) int64 {
	return c.XLen(t.Context(), key).Val()
}

// Connections are cut and stall while a group is read and results are written exactly once.
func TestProxy(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	direct := server.Client()
	proxy := redistest.StartProxy(t, server.Addr)
	c := server.Client(func(o *redis.Options) {
		o.Addr, o.ReadTimeout, o.WriteTimeout = proxy.Addr, 600*time.Millisecond, 600*time.Millisecond
	})
	for _, what := range []string{"streams", "group", "lists"} {
		direct.FlushDB(t.Context())
		produce(t, direct, 0, 1000)
		src := sourceOf(what, c).(interface{ Stats() redissource.Stats })
		stop := running(t, pipeline(src.(stream.Source[sale]), c, 5*time.Millisecond))
		for i := 1; i < 4; i++ {
			time.Sleep(50 * time.Millisecond) // a moment of work
			if i == 2 {
				proxy.Stall()
				time.Sleep(800 * time.Millisecond) // longer than ReadTimeout
				proxy.Cut()
				proxy.Resume()
			} else {
				proxy.Cut()
			}
			produce(t, direct, 1000*i, 1000*(i+1))
		}
		until(t, "copy all "+what, func() bool { return length(t, direct, "out") >= 4000 })
		stop()
		check(t, direct, 4000)
		t.Logf("%s: %+v", what, src.Stats())
	}
}

// A fail-over, in the midst of reading and writing. What the replica does not have is lost with the master: until that
// learns of it, some of a second, it takes writes in vain. So commits wait for the replica. Ids of entries tell what was read, so of streams all is there
// once. Who has which entries of a group, and elements of a list, the server notes when they are given: what the replica has not heard of is given
// again, and nothing is lost.
func TestSentinel(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"streams", "group", "lists"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			failOver(t, what)
		})
	}
}

func failOver(t *testing.T, what string) {
	master := redistest.Start(t)
	replica := redistest.Start(t, "--replicaof", fmt.Sprint("127.0.0.1 ", master.Port))
	replica.Process().Until("is in sync", func() bool { return strings.Contains(replica.CLI("info", "replication"), "master_link_status:up") })
	sentinel := redistest.Sentinel(t, master)
	c := redistest.Closed(t, redis.NewFailoverClient(&redis.FailoverOptions{MasterName: "shop", SentinelAddrs: []string{sentinel}}))
	s := redistest.Closed(t, redis.NewSentinelClient(&redis.Options{Addr: sentinel}))
	until(t, "find the replica", func() bool {
		replicas, err := s.Replicas(t.Context(), "shop").Result()
		return err == nil && len(replicas) == 1
	})
	produce(t, c, 0, 1000)
	src := sourceOf(what, c)
	stop := running(t, pipeline(src, c, 5*time.Millisecond, redissink.Replicas(1)))
	until(t, "begin", func() bool { return length(t, c, "out") > 0 })
	c.Wait(t.Context(), 1, time.Second)
	start := time.Now()
	until(t, "take the order", func() bool { // it may not have heard lately that the replica is there
		err := s.Failover(t.Context(), "shop").Err()
		return err == nil || strings.Contains(err.Error(), "INPROG")
	})
	until(t, "fail over", func() bool {
		addr, err := s.GetMasterAddrByName(t.Context(), "shop").Result()
		return err == nil && addr[1] == fmt.Sprint(replica.Port)
	})
	master.CLI("replicaof", "127.0.0.1", fmt.Sprint(replica.Port)) // which the sentinel does ten seconds later
	t.Logf("failed over in %v", time.Since(start).Round(time.Millisecond))
	until(t, "add to the new master", func() bool { return c.Ping(t.Context()).Err() == nil && c.Set(t.Context(), "there", 1, 0).Err() == nil })
	produce(t, c, 1000, 2000)
	if what == "streams" {
		until(t, "copy all", func() bool { return length(t, c, "out") >= 2000 })
		stop()
		check(t, c, 2000)
		return
	}
	times := func() map[string]int {
		all, _ := c.XRange(t.Context(), "out", "-", "+").Result()
		times := map[string]int{}
		for _, m := range all {
			times[m.Values["number"].(string)]++
		}
		return times
	}
	until(t, "copy each", func() bool { return length(t, c, "out") >= 2000 && len(times()) == 2000 })
	stop()
	again := 0
	for _, n := range times() {
		again += n - 1
	}
	t.Logf("%s: %d given again; %+v", what, again, src.(interface{ Stats() redissource.Stats }).Stats())
}

// Slots move while streams are read, and results written exactly once.
func TestCluster(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t, 3)
	c := cluster.Client()
	produce(t, c, 0, 500)
	all := redissink.Hashes(c, func(s sale) string { return fmt.Sprint("sale:", s.Number) }, redissink.Tags[sale]())
	p := pipeline(sourceOf("group", c), c, 2*time.Millisecond)
	q := stream.New("hashes")
	q.From(redissource.Streams(c, []string{"in"}, redissource.Tags[sale]())).To(redissink.ExactlyOnce(all))
	stop, stop2 := running(t, p), running(t, q)
	for i, move := range [][2]int{{0, 1}, {1, 2}, {2, 0}} {
		done := make(chan struct{})
		go func() {
			defer close(done)
			produce(t, c, 500*(i+1), 500*(i+2))
		}()
		cluster.Reshard(move[0], move[1], 1500)
		<-done
	}
	until(t, "copy all", func() bool { return length(t, c, "out") >= 2000 })
	until(t, "write the last hash", func() bool { return c.Exists(t.Context(), "sale:1999").Val() == 1 })
	stop()
	stop2()
	check(t, c, 2000)
	for i := range 2000 {
		if got := c.HGet(t.Context(), fmt.Sprint("sale:", i), "number").Val(); got != fmt.Sprint(i) {
			t.Fatalf("hash %d holds %q", i, got)
		}
	}
}
