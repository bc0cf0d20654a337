package flink_test

import (
	"context"
	"database/sql"
	"encoding/json/v2"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/internal/kafkatest"
	"github.com/freshet-go/freshet/internal/miniflink"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source/kafkasource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/flink"
	"github.com/freshet-go/freshet/window"
)

// kafkaVariable has the address of the brokers, for workers.
const kafkaVariable = "FLINKTEST_KAFKA"

// waiting is a pipeline without an end: it reads two topics, and shows each sale once, in a table, in files and in a topic, and in the table what each shop sells in twenty seconds. Writers and the
// committer of the topic die by order.
func waiting(brokers, to string) *stream.Pipeline {
	db, err := sql.Open("sqlite", "file:"+to+"/rows.db?_pragma=busy_timeout(20000)&_txlock=immediate")
	if err == nil {
		_, err = db.Exec("CREATE TABLE IF NOT EXISTS lines (line TEXT NOT NULL)")
	}
	if err != nil {
		panic(err)
	}
	p := stream.New("waiting")
	sales := p.From(kafkasource.Topics([]kgo.Opt{kgo.SeedBrokers(brokers)}, []string{"more", "sales"}, kafkasource.Values(codec.Message(codec.JSON[sale]()))),
		stream.Name("sales")).
		EventTime(sale.time, stream.Disorder(5*time.Second), stream.Idle(time.Second), stream.Name("times"))
	lines := sales.Map(func(s sale) string { return fmt.Sprint("sale ", s.At, " ", s.Shop, " ", s.Amount) })
	panes := sales.KeyBy(sale.shop).Window(window.Tumbling(20*time.Second, window.Lateness(1000*time.Hour)), stream.Name("by shop")).Aggregate(window.Sum(sale.amount)).
		Map(func(p stream.Pane[string, int]) string {
			return fmt.Sprintf("pane %s %d %04d %d", p.Key, p.End.Unix(), p.Index, p.Value)
		})
	insert := sqlsink.Statement(db, "INSERT INTO lines (line) VALUES (?)", func(line string) []any { return []any{line} })
	lines.Merge(panes).To(insert, stream.Name("table"))
	lines.To(sink.Files(to+"/files", "part-*.txt", codec.Lines(), sink.RollRows(100)), stream.Name("files"))
	shown := kafkasink.ExactlyOnce(kafkasink.Topic([]kgo.Opt{kgo.SeedBrokers(brokers)}, "shown", kafkasink.Values(codec.Message(codec.JSON[string]()))))
	lines.To(mortal{shown, orders(to)}, stream.Name("topic"))
	return p
}

// shownInTopic returns what is committed of the topic.
func shownInTopic(t *testing.T, broker *kafkatest.Broker) (lines []string) {
	t.Helper()
	c := broker.Client(t, kgo.ConsumeTopics("shown"), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), kgo.FetchMaxWait(50*time.Millisecond))
	defer c.Close()
	ends, err := kadm.NewClient(c).ListCommittedOffsets(t.Context(), "shown")
	require.NoError(t, err)
	left := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for len(left) > 0 {
		fetches := c.PollFetches(ctx)
		require.NoError(t, fetches.Err())
		for r := range fetches.RecordsAll() {
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
			if r.Attrs.IsControl() {
				continue
			}
			var line string
			require.NoError(t, json.Unmarshal(r.Value, &line))
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return lines
}

// nothingIsOpen waits until no transaction holds up who reads the topic.
func nothingIsOpen(t *testing.T, broker *kafkatest.Broker) {
	t.Helper()
	admin := kadm.NewClient(broker.Client(t))
	require.Eventually(t, func() bool {
		stable, err := admin.ListCommittedOffsets(t.Context(), "shown")
		require.NoError(t, err)
		ends, err := admin.ListEndOffsets(t.Context(), "shown")
		require.NoError(t, err)
		same := true
		ends.Each(func(end kadm.ListedOffset) {
			o, _ := stable.Lookup("shown", end.Partition)
			same = same && o.Offset == end.Offset
		})
		return same
	}, 10*time.Second, 20*time.Millisecond, "a transaction is open")
}

// A topic is written to a part at a time.
type topic struct {
	t      *testing.T
	client *kgo.Client
	rng    *rand.Rand
	all    []string       // that a job has to show once
	sums   map[string]int // by shop and window
	at     int64
}

// add writes sales to three of the four partitions. The last one stays silent.
func (w *topic) add(n int) {
	w.t.Helper()
	var records []*kgo.Record
	for range n {
		w.at++
		s := sale{w.at/10 - w.rng.Int64N(5), fmt.Sprint("shop ", w.rng.IntN(40)), w.rng.IntN(1000)}
		w.all = append(w.all, fmt.Sprint("sale ", s.At, " ", s.Shop, " ", s.Amount))
		w.sums[fmt.Sprint(s.Shop, " ", (s.At+20)/20*20)] += s.Amount // of times from 0 on
		records = append(records, w.record(s, int32(w.rng.IntN(3))))
	}
	require.NoError(w.t, w.client.ProduceSync(w.t.Context(), records...).FirstErr())
}

func (w *topic) record(s sale, partition int32) *kgo.Record {
	text, err := json.Marshal(s)
	require.NoError(w.t, err)
	return &kgo.Record{Topic: "sales", Partition: partition, Value: text}
}

// grows gives the topic that stands before the other one a partition, which has sales at once.
func (w *topic) grows(n int) {
	_, err := kadm.NewClient(w.client).CreatePartitions(w.t.Context(), 1, "more")
	require.NoError(w.t, err)
	for range n {
		w.at++
		s := sale{w.at / 10, fmt.Sprint("shop ", w.rng.IntN(40)), w.rng.IntN(1000)}
		w.all = append(w.all, fmt.Sprint("sale ", s.At, " ", s.Shop, " ", s.Amount))
		w.sums[fmt.Sprint(s.Shop, " ", (s.At+20)/20*20)] += s.Amount
		r := w.record(s, 1)
		r.Topic = "more"
		require.NoError(w.t, w.client.ProduceSync(w.t.Context(), r).FirstErr())
	}
}

// finish writes a sale to each of the three partitions that is so far ahead that all windows before it are over.
func (w *topic) finish() {
	for i := range int32(3) {
		s := sale{1_000_000 + int64(i), "the last", 1}
		w.all = append(w.all, fmt.Sprint("sale ", s.At, " ", s.Shop, " ", s.Amount))
		require.NoError(w.t, w.client.ProduceSync(w.t.Context(), w.record(s, i)).FirstErr())
	}
}

// A source that waits for the outside world is read by a job without an end: Kafka's partitions are handed out to tasks, one of them is silent and holds nothing back, and each
// record is shown once, by sinks that commit and in transactions of Kafka, through workers, committers and a task manager that are killed, and savepoints with another number of tasks. A partition that has come before others is read from a savepoint on.
func kafka(t *testing.T, c *miniflink.Cluster, _ string, _ []string) {
	broker := kafkatest.Start(t, nil)
	client := broker.Client(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	kafkatest.Create(t, client, "sales", 4)
	kafkatest.Create(t, client, "more", 1)
	kafkatest.Create(t, client, "shown", 3)
	r := &running{t: t, c: c, to: t.TempDir()}
	w := &topic{t: t, client: client, rng: rand.New(rand.NewPCG(7, 19)), sums: map[string]int{}}
	start := func(parallelism int) {
		ctx, stop := context.WithCancelCause(t.Context())
		r.ended, r.stopping = make(chan error, 1), stop
		opts := append(r.options("waiting", parallelism), flink.Environment(kafkaVariable, broker.Seeds()))
		p := waiting(broker.Seeds(), r.to)
		go func() { r.ended <- flink.Run(ctx, p, flink.Cluster(c.Address), opts...) }()
	}
	stop := func() {
		r.path = ""
		r.stopping(errEnough)
		err := <-r.ended
		require.ErrorIs(t, err, errEnough)
		require.NotContains(t, err.Error(), "goes on")
		require.NotEmpty(t, r.path, "there is a savepoint: %v", err)
		nothingIsOpen(t, broker)
	}
	shows := func() {
		r.untilShown("all sales that there are", func() bool {
			table, _ := shown(t, r.to)
			sales := only(table, "sale ")
			want, written := slices.Sorted(slices.Values(w.all)), shownInTopic(t, broker)
			once(t, want, sales)
			once(t, want, written)
			return len(sales) == len(want) && len(written) == len(want)
		})
	}
	w.add(3000)
	start(2)
	for range 5 { // a commit for each, at least
		time.Sleep(150 * time.Millisecond)
		w.add(50)
	}
	shows()
	table, _ := shown(t, r.to)
	r.untilShown("windows are over, though a partition has said nothing", func() bool {
		table, _ = shown(t, r.to)
		return len(only(table, "pane ")) > 100
	})
	require.True(t, killOne(t, r.to, w.rng))
	w.add(3000)
	shows()
	require.NoError(t, c.ReplaceTaskManager(t.Context()))
	w.add(3000)
	shows()
	for _, moment := range []string{"behind what it has prepared", "before a commit", "behind a commit"} {
		for died := orders(r.to).give(t, moment); !died(); {
			w.add(50)
			shows()
		}
	}
	w.add(500)
	stop()
	w.add(500)
	w.grows(100)
	start(4)
	shows()
	require.True(t, killOne(t, r.to, w.rng))
	w.add(1000)
	shows()
	stop()
	start(1)
	w.add(1000)
	w.finish()
	shows()
	r.untilShown("all windows", func() bool {
		table, _ = shown(t, r.to)
		return len(lastOf(only(table, "pane "))) == len(w.sums)
	})
	stop()

	table, files := shown(t, r.to)
	want := slices.Sorted(slices.Values(w.all))
	requireRows(t, want, only(table, "sale "))
	requireRows(t, want, shownInTopic(t, broker))
	once(t, want, files) // those in progress are for the job that goes on
	require.Greater(t, len(files), len(want)/2)
	panes := only(table, "pane ")
	require.Len(t, slices.Compact(slices.Clone(panes)), len(panes), "no pane is shown twice")
	require.Equal(t, w.sums, lastOf(panes))
	t.Logf("%d sales and %d panes of %d windows, each once: two workers and a task manager were killed, a writer and two committers died when they were told to, and two savepoints moved the job from 2 to 4 to 1", len(want), len(panes), len(w.sums))
}

// only returns the rows that begin so.
func only(rows []string, prefix string) (some []string) {
	for _, row := range rows {
		if strings.HasPrefix(row, prefix) {
			some = append(some, row)
		}
	}
	return some
}

// lastOf returns what the last pane of each window says. The panes are sorted.
func lastOf(panes []string) map[string]int {
	last := map[string]int{}
	for _, line := range panes {
		var shop, index, sum int
		var end int64
		if _, err := fmt.Sscanf(line, "pane shop %d %d %d %d", &shop, &end, &index, &sum); err == nil {
			last[fmt.Sprint("shop ", shop, " ", end)] = sum
		}
	}
	return last
}
