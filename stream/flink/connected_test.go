package flink_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/miniflink"
	"github.com/freshet-go/freshet/internal/redistest"
	"github.com/freshet-go/freshet/internal/sqlservers"
	"github.com/freshet-go/freshet/sink/redissink"
	"github.com/freshet-go/freshet/source/binlogsource"
	"github.com/freshet-go/freshet/source/redissource"
	"github.com/freshet-go/freshet/source/sqlsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/flink"
)

// What workers are told of the servers.
const (
	redisVariable    = "FLINKTEST_REDIS"
	databaseVariable = "FLINKTEST_DATABASE"
)

// An order is a row of a table, an entry of a stream, and a hash.
type order struct {
	ID   int64  `sql:"id,key"`
	Text string `sql:"text" redis:"text"`
}

func (o order) text() string { return o.Text }

// connected is a pipeline without an end, of sources that wait: streams, a list and hashes of Redis, a table that is polled and the changes of another one. Each row is in one list of Redis once, beside a count
// by its kind.
func connected(client *redis.Client, db *sql.DB, addr string) *stream.Pipeline {
	p := stream.New("connected")
	entries := p.From(redissource.Streams(client, []string{"entries-0", "entries-1"}, redissource.Tags[order]()), stream.Name("entries")).Map(order.text)
	jobs := p.From(redissource.Lists(client, "flink", []string{"jobs"}, codec.Lines()), stream.Name("jobs"))
	hashes := p.From(redissource.Hashes(client, "hash:*", redissource.Tags[order](), redissource.Every(100*time.Millisecond)), stream.Name("hashes")).
		Map(func(c stream.Change[order]) string { return c.After.Text })
	polled := p.From(sqlsource.Poll[order](db, "polled", sqlsource.MySQL, sqlsource.Every(50*time.Millisecond)), stream.Name("polled")).Map(order.text)
	server := binlogsource.Server{DB: db, Addr: addr, User: "root"}
	captured := p.From(binlogsource.New(server, binlogsource.Table[order]("test1.captured"), binlogsource.Chunk(100)), stream.Name("captured")).
		Map(func(c binlogsource.Event[order]) string { return c.Change.After.Text })
	stream.Union([]stream.Stream[string]{entries, jobs, hashes, polled, captured}).
		KeyBy(func(text string) string { return text[:1] }).
		Process(func(c *stream.KeyContext[string, int, string], text string) error {
			*c.State()++
			c.Emit(text)
			c.Emit(fmt.Sprint("number ", c.Key(), " ", *c.State()))
			return nil
		}, nil, stream.Name("counted")).
		To(redissink.ExactlyOnce(redissink.Lists(client, func(string) string { return "rows" }, codec.Lines())), stream.Name("rows"))
	return p
}

// connectedByVariables is connected in a worker.
func connectedByVariables() *stream.Pipeline {
	dsn, addr := os.Getenv(databaseVariable), os.Getenv(databaseVariable+"_ADDR")
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		panic(err)
	}
	return connected(redis.NewClient(&redis.Options{Addr: os.Getenv(redisVariable)}), db, addr)
}

// Sources that wait for the outside world run where several processes may open them: each is read by as many tasks as it has keys or tables. What they give is shown once, and counted once, through workers
// and a task manager that are killed, and savepoints with another number of tasks.
func connectors(t *testing.T, c *miniflink.Cluster, _ string, _ []string) {
	server := redistest.Start(t)
	client := server.Client()
	maria := sqlservers.LoggedMariaDB(t)
	dsn := maria.DSN(t)
	db := sqlservers.Open(t, maria.Driver, dsn, "CREATE TABLE polled (id BIGINT PRIMARY KEY, text VARCHAR(40) NOT NULL)", "CREATE TABLE captured (id BIGINT PRIMARY KEY, text VARCHAR(40) NOT NULL)")
	r := &running{t: t, c: c, to: t.TempDir()}
	rng := rand.New(rand.NewPCG(13, 19))

	var want []string
	numbers := map[string]int{}
	id := 0
	add := func(n int) {
		t.Helper()
		for range n {
			id++
			for i, put := range []func(text string) error{
				func(text string) error {
					return client.XAdd(t.Context(), &redis.XAddArgs{Stream: fmt.Sprint("entries-", id%2), Values: []any{"text", text}}).Err()
				},
				func(text string) error { return client.RPush(t.Context(), "jobs", text).Err() },
				func(text string) error { return client.HSet(t.Context(), fmt.Sprint("hash:", id), "text", text).Err() },
				func(text string) error {
					_, err := db.Exec("INSERT INTO polled VALUES (?, ?)", id, text)
					return err
				},
				func(text string) error {
					_, err := db.Exec("INSERT INTO captured VALUES (?, ?)", id, text)
					return err
				},
			} {
				kind := "ejhpc"[i : i+1]
				numbers[kind]++
				text := fmt.Sprint(kind, " ", id)
				require.NoError(t, put(text))
				want = append(want, text, fmt.Sprint("number ", kind, " ", numbers[kind]))
			}
		}
		slices.Sort(want)
	}
	start := func(parallelism int) {
		ctx, stop := context.WithCancelCause(t.Context())
		r.ended, r.stopping = make(chan error, 1), stop
		opts := append(r.options("connected", parallelism), flink.Environment(redisVariable, server.Addr), flink.Environment(databaseVariable, dsn),
			flink.Environment(databaseVariable+"_ADDR", maria.Addr))
		p := connected(client, db, maria.Addr)
		go func() { r.ended <- flink.Run(ctx, p, flink.Cluster(c.Address), opts...) }()
	}
	stop := func() {
		r.path = ""
		r.stopping(errEnough)
		err := <-r.ended
		require.ErrorIs(t, err, errEnough)
		require.NotContains(t, err.Error(), "goes on")
		require.NotEmpty(t, r.path, "there is a savepoint: %v", err)
	}
	shows := func() {
		t.Helper()
		r.untilShown("all that there is", func() bool {
			got, err := client.LRange(t.Context(), "rows", 0, -1).Result()
			require.NoError(t, err)
			slices.Sort(got)
			once(t, want, got)
			return len(got) == len(want)
		})
	}
	add(100)
	start(2)
	shows()
	for range 3 {
		require.True(t, killOne(t, r.to, rng))
		add(50)
		shows()
	}
	add(10)
	stop()
	add(50)
	start(3)
	shows()
	require.NoError(t, c.ReplaceTaskManager(t.Context()))
	add(50)
	shows()
	stop()
	t.Logf("%d rows of five sources, each once: three workers and a task manager were killed, and a savepoint moved the job from 2 to 3", len(want))
}
