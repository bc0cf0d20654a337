package kafkatest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/source/kafkasource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

var (
	kills   = flag.Int("kills", 3, "how often a pipeline is killed")
	brokers = flag.Int("brokers", 1, "how often a broker is killed meanwhile")
	cluster = flag.Bool("cluster", false, "have three brokers, of which one at a time is killed")
	long    = flag.Bool("long", false, "run what takes half a minute: three brokers, and members of a group that come and go")
)

func TestMain(m *testing.M) { kafkatest.Main(m) }

type sale struct {
	Number int64 `json:"number"`
	Cents  int64 `json:"cents"`
}

func sales() codec.Codec[sale] { return codec.Message(codec.JSON[sale]()) }

// TestChild is the process that is killed: it copies a topic, each record once.
func TestChild(t *testing.T) {
	addr := os.Getenv("KAFKATEST_ADDR")
	if addr == "" {
		return // it is what TestKilled starts
	}
	client := []kgo.Opt{kgo.SeedBrokers(strings.Split(addr, ",")...), kgo.FetchMaxWait(50 * time.Millisecond), kgo.ProducerLinger(time.Millisecond)}
	opt := kafkasource.Bounded()
	if os.Getenv("KAFKATEST_GROUP") != "" {
		client = append(client, kgo.InstanceID("one")) // who comes back is known, and does not wait for its former self to be taken for dead
		opt = kafkasource.Group(os.Getenv("KAFKATEST_GROUP"))
	}
	slow := os.Getenv("KAFKATEST_SLOW") != ""
	p := stream.New(os.Getenv("KAFKATEST_OUT"))
	var n atomic.Int64
	in := p.From(kafkasource.Topics(client, []string{os.Getenv("KAFKATEST_IN")}, kafkasource.Values(sales()), opt), stream.Name("in")).
		Tap(func(sale) {
			if slow && n.Add(1)%20 == 0 {
				time.Sleep(20 * time.Millisecond) // for the kill to come in the midst of it
			}
		})
	key := func(dst []byte, s sale) []byte { return strconv.AppendInt(dst, s.Number%50, 10) }
	in.Rebalance().To(kafkasink.ExactlyOnce(kafkasink.Topic(client, os.Getenv("KAFKATEST_OUT"), kafkasink.Keyed(key, sales()))), stream.Name("out"))
	shards, _ := strconv.Atoi(os.Getenv("KAFKATEST_SHARDS"))
	if err := p.Run(context.Background(), stream.Checkpoints(checkpoint.Dir(os.Getenv("KAFKATEST_DIR")), 50*time.Millisecond), stream.Shards(shards)); err != nil {
		t.Fatal(err)
	}
}

// produce writes n sales in transactions, and more in transactions that are aborted.
func produce(t *testing.T, b brokersOf, topic string, n int) {
	t.Helper()
	c := b.Client(t, kgo.TransactionalID("sales of "+topic), kgo.DefaultProduceTopic(topic), kgo.ProducerLinger(0))
	for from := 0; from < n; {
		to := min(from+500, n)
		abort := (from/500)%4 == 1
		for try := range 2 {
			if try == 0 && !abort {
				continue
			}
			if err := c.BeginTransaction(); err != nil {
				t.Fatal(err)
			}
			var records []*kgo.Record
			for i := from; i < to; i++ {
				value, _ := json.Marshal(sale{int64(i), int64(i % 100)})
				records = append(records, &kgo.Record{Key: strconv.AppendInt(nil, int64(i), 10), Value: value})
			}
			if err := c.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
				t.Fatal(err)
			}
			known := time.Now().Add(time.Minute)
			for leader := int32(-1); leader == -1; leader, _, _ = c.PartitionLeader(topic, 0) {
				if time.Now().After(known) {
					t.Fatal("the client does not come to know of the partitions")
				}
				time.Sleep(time.Millisecond) // until the client knows of the partitions, see the notes of kafkasink
			}
			if err := c.EndTransaction(t.Context(), kgo.TransactionEndTry(try == 1)); err != nil {
				t.Fatal(err)
			}
		}
		from = to
	}
	c.Close()
}

// committed returns how often each sale is in a topic for those who read what is committed.
func committed(t *testing.T, b brokersOf, topic string) map[int64]int {
	t.Helper()
	c := b.Client(t, kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), kgo.FetchMaxWait(50*time.Millisecond))
	defer c.Close()
	ends, err := kadm.NewClient(c).ListCommittedOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	left := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	times := map[int64]int{}
	for len(left) > 0 {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		for r := range fetches.RecordsAll() {
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
			if r.Attrs.IsControl() {
				continue
			}
			var s sale
			if err := json.Unmarshal(r.Value, &s); err != nil {
				t.Fatal(err)
			}
			times[s.Number]++
		}
	}
	return times
}

// ends returns how many records there are for those who read what is committed, marks of transactions included.
func ends(t *testing.T, c *kgo.Client, topic string) (n int64) {
	t.Helper()
	offsets, err := kadm.NewClient(c).ListCommittedOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	offsets.Each(func(o kadm.ListedOffset) { n += max(0, o.Offset) })
	return n
}

// A process that is killed at any moment and started again, with another number of shards and beside a broker that is killed as well, ends
// with each record once.
//
//	go test -c ./internal/kafkatest && ./kafkatest.test -test.run Killed -kills 200 -brokers 3
//	./kafkatest.test -test.run Killed -kills 50 -brokers 10 -cluster
func TestKilled(t *testing.T) {
	var b brokersOf
	var again func(rng *rand.Rand)
	if *cluster {
		c := kafkatest.StartCluster(t, 3)
		b, again = c, func(rng *rand.Rand) {
			one := c.Brokers[rng.IntN(len(c.Brokers))]
			one.Kill()
			time.Sleep(time.Duration(rng.IntN(6000)) * time.Millisecond) // longer than its session, or not
			one.Again(t)
			c.InSync(t, c.Client(t)) // so that the next one may go
		}
	} else {
		one := kafkatest.Shared(t)
		times := 0
		b, again = one, func(*rand.Rand) {
			if times++; times%2 == 0 {
				one.Stop(t) // properly
			} else {
				one.Kill()
			}
			one.Again(t)
		}
	}
	for _, group := range []bool{false, true} {
		t.Run(fmt.Sprintf("group=%t", group), func(t *testing.T) { killed(t, b, again, group) })
	}
}

// brokersOf is a broker, or a cluster.
type brokersOf interface {
	Seeds() string
	Client(t testing.TB, opts ...kgo.Opt) *kgo.Client
}

func killed(t *testing.T, b brokersOf, again func(rng *rand.Rand), group bool) {
	in, out := fmt.Sprintf("in.%t", group), fmt.Sprintf("out.%t", group)
	admin := b.Client(t)
	kafkatest.Create(t, admin, in, 3)
	kafkatest.Create(t, admin, out, 2)
	n := max(4000, 1500**kills)
	produce(t, b, in, n)
	rng := rand.New(rand.NewPCG(1, uint64(len(in))))
	dir := t.TempDir()
	dead, servers, midst, last := 0, 0, 0, int64(0)
	for life := 0; ; life++ {
		if life > 10**kills+100 {
			t.Fatal("it comes no further")
		}
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$")
		cmd.Env = append(os.Environ(), "KAFKATEST_ADDR="+b.Seeds(), "KAFKATEST_IN="+in, "KAFKATEST_OUT="+out, "KAFKATEST_DIR="+dir, "KAFKATEST_SHARDS="+strconv.Itoa(1+life%3))
		if group {
			cmd.Env = append(cmd.Env, "KAFKATEST_GROUP="+in)
		}
		if dead < *kills {
			cmd.Env = append(cmd.Env, "KAFKATEST_SLOW=1")
		}
		var printed bytes.Buffer
		cmd.Stdout, cmd.Stderr = &printed, &printed
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		var err error
		switch {
		case dead < *kills:
			pause := 300*time.Millisecond + time.Duration(rng.IntN(900))*time.Millisecond
			for midst == 0 && dead == *kills-1 && ends(t, admin, out) <= last && len(ended) == 0 {
				time.Sleep(20 * time.Millisecond) // on a slow machine no kill was late enough until now
				pause = time.Duration(rng.IntN(200)) * time.Millisecond
			}
			timer := time.NewTimer(pause)
			if servers < *brokers && (!group || *brokers > 1) && dead >= (servers+1)**kills/(*brokers+1) {
				time.Sleep(time.Duration(rng.IntN(600)) * time.Millisecond) // a random moment
				again(rng)
				servers++
			}
			select {
			case <-timer.C:
				_ = cmd.Process.Kill()
				err = <-ended
			case err = <-ended:
			}
			timer.Stop()
		case group:
			for deadline := time.Now().Add(time.Minute); len(committed(t, b, out)) < n && len(ended) == 0; time.Sleep(200 * time.Millisecond) {
				if time.Now().After(deadline) {
					_ = cmd.Process.Kill()
					t.Fatalf("after a minute there are %d sales of %d\n%s", len(committed(t, b, out)), n, &printed)
				}
			}
			_ = cmd.Process.Kill()
			<-ended
		default:
			err = <-ended
		}
		if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
			dead++
			if k := ends(t, admin, out); k > last {
				midst++
				last = k
			}
			continue
		}
		if err != nil {
			t.Fatalf("life %d: %v\n%s", life, err, &printed)
		}
		break
	}
	times := committed(t, b, out)
	wrong := 0
	for i := range int64(n) {
		if times[i] != 1 {
			if wrong++; wrong < 5 {
				t.Errorf("sale %d is there %d times", i, times[i])
			}
		}
	}
	if wrong > 0 || len(times) != n {
		t.Errorf("%d of %d sales are wrong, and there are %d", wrong, n, len(times))
	}
	if *kills > 2 && midst == 0 {
		t.Error("no kill came in the midst of it")
	}
	t.Logf("%d kills of the process, %d behind new results, %d of the broker; %d sales, each once", dead, midst, servers, n)
}
