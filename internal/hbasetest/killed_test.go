package hbasetest_test

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
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hbasetest"
	"github.com/freshet-go/freshet/sink/hbasesink"
	"github.com/freshet-go/freshet/source/hbasesource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

var kills = flag.Int("kills", 1, "how often the pipeline is killed")

// sold is how many orders there are: enough for several kills on the way, or for one.
func sold() int {
	if *kills > 2 {
		return 2000
	}
	return 1000
}

// answers bounds how long one is waited for: a gateway that stops may leave a request without.
const answers = 5 * time.Second

// patience is longer than a region server remembers where a region has gone, which is two minutes: where one has gone forth and
// back and is split then, each of two servers sends HBase's own client to the other for that long.
const patience = 3 * time.Minute

// A total is what is added up of a shop. Its time is the number of its orders, so that an older one does not win.
type total struct {
	Shop  string `hbase:"@row"`
	Cents int64  `hbase:"b:cents,bytes"`
	Count int64  `hbase:"@time"`
}

// TestChild is the process that is killed: it copies orders, and adds them up.
func TestChild(t *testing.T) {
	args := strings.Split(os.Getenv("HBASETEST_CHILD"), "\n")
	if len(args) != 6 {
		return // it is what TestKilled starts
	}
	url, from, to, totals := args[0], args[1], args[2], args[3]
	shards, err := strconv.Atoi(args[5])
	require.NoError(t, err)
	h := client(t)
	p := stream.New("shop")
	var begun sync.Once
	all := p.From(hbasesource.Table[order](h, url, from, hbasesource.AnswerCells(200), hbasesource.Timeout(answers), hbasesource.Retry(patience)), stream.Name("orders")).
		Tap(func(o order) {
			begun.Do(func() { fmt.Println("it has begun") })
			if o.Number%10 == 0 {
				time.Sleep(4 * time.Millisecond) // it takes a while, so that it is killed on the way
			}
		})
	all.To(hbasesink.Puts(h, url, to, order.key, hbasesink.Timeout(answers), hbasesink.Retry(patience)), stream.Name("copies"))
	all.KeyBy(func(o order) string { return o.Shop }).
		Running(window.MapReduce(
			func(o order) total { return total{o.Shop, int64(o.Cents), 1} },
			func(a, b total) total { return total{a.Shop, a.Cents + b.Cents, a.Count + b.Count} })).
		Map(func(v stream.KeyValue[string, total]) total { return v.Value }).
		To(hbasesink.Puts(h, url, totals, func(t total) string { return t.Shop }, hbasesink.Timeout(answers), hbasesink.Retry(patience)), stream.Name("totals"))
	err = p.Run(context.Background(), stream.Shards(shards), stream.BatchSize(64), stream.Checkpoints(checkpoint.Dir(args[4]), 40*time.Millisecond))
	require.NoError(t, err)
}

// A spoken keeps what a process prints, and tells when it has begun.
type spoken struct {
	mu    sync.Mutex
	all   bytes.Buffer
	begun chan struct{}
	told  bool
}

func (s *spoken) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.told && bytes.Contains(b, []byte("it has begun")) {
		s.told = true
		close(s.begun)
	}
	return s.all.Write(b)
}

func (s *spoken) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.String()
}

// A process that is killed at any moment and started again with other shards, while regions move and split and the gateway
// restarts, ends with each order once, in one version, and with the right totals.
func TestKilled(t *testing.T) {
	s := hbasetest.Start(t)
	all := many(sold(), "\xff")
	rng := rand.New(rand.NewPCG(1, 2))
	killed, midst, moves, splits, restarts := 0, 0, 0, 0, 0
	for rounds := 0; killed < *kills || rounds == 0; rounds++ {
		from, to, totals := s.Table("g", "n", "t"), s.Table("g", "n", "t"), s.Table()
		run(t, hbasesink.Puts(client(t), s.URL, from, order.key, hbasesink.Retry(patience)), all)
		dir := t.TempDir()
		for life := 0; ; life++ {
			require.Less(t, life, 200, "it comes no further")
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$")
			cmd.Env = append(os.Environ(), "HBASETEST_CHILD="+strings.Join([]string{s.URL, from, to, totals, dir, strconv.Itoa(1 + life%3)}, "\n"))
			out := &spoken{begun: make(chan struct{})}
			cmd.Stdout, cmd.Stderr = out, out
			require.NoError(t, cmd.Start())
			ended := make(chan struct{})
			var killer sync.WaitGroup
			if killed < *kills {
				after := time.Duration(rng.IntN(300+20*life)) * time.Millisecond // longer at last: a busy machine gets nothing done in 300
				killer.Go(func() {
					select {
					case <-out.begun:
					case <-ended:
						return
					}
					select {
					case <-time.After(after):
						_ = cmd.Process.Kill() // it may have ended
					case <-ended:
					}
				})
			}
			key := fmt.Sprintf("%c%05d", 'a'+rng.IntN(26), rng.IntN(sold()))
			switch table := []string{from, to}[rng.IntN(2)]; life % 4 {
			case 1:
				if s.Try("move %s %s", table, key) == nil {
					moves++
				}
			case 2:
				if s.Try("split %s %s", table, key) == nil {
					splits++
				}
			case 3:
				s.Do("gateway restart")
				restarts++
			}
			err := cmd.Wait()
			close(ended)
			killer.Wait()
			if err == nil {
				break
			}
			exit, ok := errors.AsType[*exec.ExitError](err)
			if !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
				t.Fatalf("life %d: %v\n%s", life, err, out.text())
			}
			killed++
			if n := len(read(t, hbasesource.Table[order](client(t), s.URL, to, hbasesource.Retry(patience)))); n > 0 && n < sold() {
				midst++
			}
		}
		once(t, s.URL, to, all)
		want := map[string]total{}
		for _, o := range all {
			x := want[o.Shop]
			want[o.Shop] = total{o.Shop, x.Cents + int64(o.Cents), x.Count + 1}
		}
		got := read(t, hbasesource.Table[total](client(t), s.URL, totals, hbasesource.Retry(patience)))
		require.Len(t, got, len(want))
		for _, x := range got {
			require.Equal(t, want[x.Shop], x)
		}
		if killed < *kills { // another round: hundreds of kills are not to be of hundreds of tables
			for _, table := range []string{from, to, totals} {
				s.Do("drop %s", table)
			}
		}
	}
	if *kills > 2 {
		require.NotZero(t, midst, "no kill came in the midst of it")
	}
	t.Logf("%d kills, %d in the midst of its work; %d moves, %d splits, %d restarts of the gateway; %d orders, each once", killed, midst, moves, splits, restarts, sold())
}
