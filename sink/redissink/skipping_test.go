package redissink_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

type sold struct {
	Number  int
	Product string
}

// counted adds up units by product, and lists what is sold. Of "text" there is a string where a hash is due.
func counted(c redis.UniversalClient, opts ...redissink.Option) stream.TransactionalSink[sold] {
	return redissink.ExactlyOnce(redissink.Commands(c, func(s sold, do func(name, key string, args ...any)) {
		do("HINCRBY", "units:"+s.Product, "n", 1)
		do("RPUSH", "sold:"+s.Product, s.Number)
	}, opts...))
}

func sales(n int) (all []sold) {
	for i := range n {
		all = append(all, sold{i, []string{"tea", "text", "coffee", "word"}[i%4]})
	}
	return all
}

// refusing has a server refuse to count two products, one as what is under the key is no hash, and one as that is no number.
func refusing(t *testing.T, c redis.UniversalClient) {
	t.Helper()
	if err := errors.Join(c.Set(t.Context(), "units:text", "a text", 0).Err(), c.HSet(t.Context(), "units:word", "n", "many").Err()); err != nil {
		t.Fatal(err)
	}
}

// shown checks what is there of n sales.
func shown(t *testing.T, c redis.UniversalClient, n int) {
	t.Helper()
	for product, units := range map[string]string{"tea": fmt.Sprint((n + 3) / 4), "coffee": fmt.Sprint((n + 1) / 4), "word": "many"} {
		if got := c.HGet(t.Context(), "units:"+product, "n").Val(); got != units {
			t.Errorf("%s: %s units, want %s", product, got, units)
		}
	}
	for i, product := range []string{"tea", "text", "coffee", "word"} {
		if got := c.LLen(t.Context(), "sold:"+product).Val(); got != int64((n+3-i)/4) {
			t.Errorf("%s: %d sales, want %d", product, got, (n+3-i)/4)
		}
	}
}

// What the server refuses is left out and counted, or in the stream of failures, and ends the run by default.
func TestSkipped(t *testing.T) {
	t.Parallel()
	c := redistest.Start(t).Client() // in scripts of miniredis a command that is refused does nothing, and is no error
	for _, how := range []string{"fail", "skip", "divert"} {
		for _, batch := range []int{1, 7, 500} {
			t.Run(fmt.Sprint(how, batch), func(t *testing.T) {
				c.FlushDB(t.Context())
				refusing(t, c)
				const n = 402
				var bad stream.Failures[sold]
				failed := sink.Collect[stream.Failed[sold]]()
				p := stream.New("shop")
				in := p.From(source.Slice(sales(n)))
				switch how {
				case "fail":
					in.To(counted(c, redissink.Batch(batch)), stream.Name("count"))
				case "skip":
					in.To(counted(c, redissink.Batch(batch)), stream.Name("count"), stream.SkipFailures())
				case "divert":
					in.To(counted(c, redissink.Batch(batch)), stream.Name("count"), stream.Divert(&bad))
					bad.Stream().To(failed)
				}
				err := p.Run(t.Context(), stream.Checkpoints(checkpoint.Dir(t.TempDir()), time.Millisecond), stream.BatchSize(50))
				if how == "fail" {
					if e, ok := errors.AsType[*redissink.WriteError](err); !ok || e.Command != "HINCRBY" {
						t.Errorf("the error is %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				shown(t, c, n)
				s, _ := p.Stats().Operator("count")
				if how == "skip" && s.Failed != n/2 {
					t.Errorf("%d failures are counted, want %d", s.Failed, n/2)
				}
				if how == "divert" {
					var got []int
					for _, f := range failed.Values() {
						got = append(got, f.Value.Number)
						if e, ok := errors.AsType[*redissink.WriteError](f.Err); !ok || e.Key != "units:"+f.Value.Product || e.Err == nil {
							t.Fatalf("%+v", f)
						}
					}
					slices.Sort(got)
					var want []int
					for _, s := range sales(n) {
						if s.Product == "text" || s.Product == "word" {
							want = append(want, s.Number)
						}
					}
					if !slices.Equal(got, want) {
						t.Errorf("diverted are %v, want %v", got, want)
					}
				}
			})
		}
	}
}

// prepared returns what a sink prepares of sales.
func prepared(t *testing.T, s stream.TransactionalSink[sold], c *stream.SinkContext, all []sold) []byte {
	t.Helper()
	w, err := s.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	in := stream.NewIntake[sold](len(all))
	for i, v := range all {
		in.AppendAt(v, stream.Time(i))
	}
	if err := w.Write(t.Context(), in.Batch()); err != nil {
		t.Fatal(err)
	}
	data, err := w.(stream.Preparer).Prepare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A commit that is made again, by the same run or by the next one, leaves out the same commands, and
// executes none again; on a server and on a cluster.
func TestCommitSkippingAgain(t *testing.T) {
	t.Parallel()
	t.Run("server", func(t *testing.T) {
		t.Parallel()
		skipAgain(t, redistest.Start(t).Client())
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		skipAgain(t, redistest.StartCluster(t, 3).Client())
	})
}

func skipAgain(t *testing.T, c redis.UniversalClient) {
	refusing(t, c)
	for _, diverts := range []bool{true, false} {
		if err := c.Del(t.Context(), "units:tea").Err(); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"units:coffee", "sold:tea", "sold:text", "sold:coffee", "sold:word"} {
			if err := c.Del(t.Context(), key).Err(); err != nil {
				t.Fatal(err)
			}
		}
		s := counted(c, redissink.Batch(3))
		ctx := &stream.SinkContext{Context: t.Context(), Pipeline: "shop", Name: fmt.Sprint("count", diverts), Count: 1, Transactional: true, Diverts: diverts}
		committer := func() stream.SkippingCommitter {
			m, err := s.OpenCommitter(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return m.(stream.SkippingCommitter)
		}
		const n = 42
		data := prepared(t, s, ctx, sales(n))
		m := committer()
		first, err := m.CommitSkipping(t.Context(), 1, [][]byte{data})
		if err != nil {
			t.Fatal(err)
		}
		if len(first) != n/2 {
			t.Fatalf("%d are left out, want %d", len(first), n/2)
		}
		shown(t, c, n)
		for range 2 {
			again, err := m.CommitSkipping(t.Context(), 1, [][]byte{data})
			if err != nil {
				t.Fatal(err)
			}
			for i := range again {
				want := "WRONGTYPE"
				if strings.Contains(first[i].Err.Error(), "units:word") {
					want = "not an integer"
				}
				if !strings.Contains(again[i].Err.Error(), want) {
					t.Errorf("the cause of what was left out before is %v, want %s", again[i].Err, want)
				}
				again[i].Err = first[i].Err
			}
			if !reflect.DeepEqual(first, again) {
				t.Fatalf("left out are\n%+v, and again\n%+v", first, again)
			}
			shown(t, c, n)
			m = committer() // of the next run
		}

		// A row that was left out can be committed alone, where it takes effect once the server lets it.
		if err := c.Del(t.Context(), "units:text").Err(); err != nil {
			t.Fatal(err)
		}
		var rows [][]byte
		for _, r := range first {
			rows = append(rows, r.Row)
			if v, ok := r.Value.(sold); ok != diverts || ok && (v.Product != "text" && v.Product != "word" || int(r.Time) != v.Number) {
				t.Errorf("%+v", r)
			}
		}
		second, err := m.CommitSkipping(t.Context(), 2, rows)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := c.HGet(t.Context(), "units:text", "n").Val(), fmt.Sprint((n+2)/4); got != want {
			t.Errorf("of text %s are counted, want %s", got, want)
		}
		if want := n / 4; len(second) != want {
			t.Errorf("%d are left out again, want %d", len(second), want)
		}
		// The next checkpoint begins with nothing left out.
		third, err := m.CommitSkipping(t.Context(), 3, [][]byte{prepared(t, s, ctx, []sold{{0, "tea"}, {2, "coffee"}, {1, "text"}})})
		if err != nil || len(third) != 0 {
			t.Errorf("%+v, %v", third, err)
		}
		if err := c.Del(t.Context(), "units:text").Err(); err != nil {
			t.Fatal(err)
		}
		refusing(t, c)
	}
}

// What is no fault of a command is not left out.
func TestNotSkipped(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	c := server.Client()
	s := redissink.ExactlyOnce(redissink.Commands(c, func(s sold, do func(name, key string, args ...any)) {
		do("NOSUCHCOMMAND", "key", s.Product)
	}, redissink.RetryFor(100*time.Millisecond)))
	ctx := &stream.SinkContext{Context: t.Context(), Pipeline: "shop", Name: "wrong", Count: 1, Transactional: true}
	m, err := s.OpenCommitter(ctx)
	if err != nil {
		t.Fatal(err)
	}
	data := prepared(t, s, ctx, sales(1))
	if refused, err := m.(stream.SkippingCommitter).CommitSkipping(context.Background(), 1, [][]byte{data}); err == nil {
		t.Errorf("a command that does not exist is left out: %+v", refused)
	}
	for _, damaged := range [][]byte{nil, {2}, append([]byte{3}, data[1:]...), append([]byte{2}, data[1:]...), data[:len(data)-1]} {
		if _, err := m.(stream.SkippingCommitter).CommitSkipping(context.Background(), 2, [][]byte{damaged}); err == nil {
			t.Errorf("%q is taken", damaged)
		}
	}
}

// All that the server refuses costs no more round trips than what it takes: 20,000 refused commands are a second, and were twenty.
func TestManyRefused(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	c := server.Client()
	refusing(t, c)
	s := redissink.ExactlyOnce(redissink.Commands(c, func(s sold, do func(name, key string, args ...any)) { do("HINCRBY", "units:text", "n", 1) }))
	ctx := sinkContext(t, true)
	m, err := s.OpenCommitter(ctx)
	if err != nil {
		t.Fatal(err)
	}
	const n = 20_000
	data := prepared(t, s, ctx, sales(n))
	calls := func() (n int) {
		for line := range strings.Lines(server.CLI("info", "commandstats")) {
			name, rest, _ := strings.Cut(line, ":calls=")
			if count, _, _ := strings.Cut(rest, ","); strings.HasPrefix(name, "cmdstat_eval") || name == "cmdstat_hmget" {
				k, _ := strconv.Atoi(count)
				n += k
			}
		}
		return n
	}
	before, start := calls(), time.Now()
	refused, err := m.(stream.SkippingCommitter).CommitSkipping(t.Context(), 1, [][]byte{data})
	if err != nil || len(refused) != n {
		t.Fatalf("%d are refused, %v", len(refused), err)
	}
	t.Logf("%d refused commands took %v", n, time.Since(start).Round(time.Millisecond))
	// A script for each 500, each of which reads its marker, and some more for the checkpoint.
	if got, most := calls()-before, 2*n/500+20; got > most {
		t.Errorf("%d scripts and reads were executed, want at most %d", got, most)
	}
}
