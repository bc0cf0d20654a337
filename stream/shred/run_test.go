package shred_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json/v2"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/shred"
)

type purchase struct {
	Customer int    `shred:"person"`
	Name     string `shred:"sealed"`
	Day      int
}

func (p purchase) day() int   { return p.Day }
func (p purchase) row() []any { return []any{p.Customer, p.Name} }

// A shop has what its pipeline leaves in a directory.
type shop struct {
	t       *testing.T
	dir     string
	policy  *shred.Policy[purchase]
	persons *shred.Persons
	db      *sql.DB
}

func newShop(t *testing.T) *shop {
	s := &shop{t: t, dir: t.TempDir(), persons: persons(t)}
	s.policy = policyOf[purchase](t, s.persons)
	db, err := sql.Open("sqlite", filepath.Join(s.dir, "shop.db"))
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	_, err = db.Exec("CREATE TABLE orders (customer INTEGER, name TEXT)")
	require.NoError(t, err)
	s.db = db
	return s
}

// What a run has put out: the purchases of each day, told again with each that comes.
type outcome struct{ open, forgotten *sink.Collector[purchase] }

// pipeline seals, stores in files, in a database and in its state, and opens what it tells of that.
func (s *shop) pipeline(from stream.Source[purchase]) (*stream.Pipeline, outcome) {
	o := outcome{sink.Collect[purchase](), sink.Collect[purchase]()}
	p := stream.New("shop")
	orders, _ := shred.Seal(p.From(from, stream.Name("orders")), s.policy, stream.Name("seal"))
	orders.To(sink.FilesIn(filesystem.Dir(filepath.Join(s.dir, "results")), "orders-*.jsonl", codec.JSON[purchase]()), stream.Name("files"))
	orders.To(sqlsink.Statement(s.db, "INSERT INTO orders (customer, name) VALUES (?, ?)", purchase.row), stream.Name("rows"))
	days := orders.KeyBy(purchase.day).Process(func(x *stream.KeyContext[int, []purchase, purchase], o purchase) error {
		*x.State() = append(*x.State(), o)
		for _, o := range *x.State() {
			x.Emit(o)
		}
		return nil
	}, nil, stream.Name("days"))
	open, forgotten := shred.Open(days, s.policy, stream.Name("open"))
	open.To(o.open, stream.Name("told"))
	forgotten.To(o.forgotten, stream.Name("not told"))
	return p, o
}

// runs has a pipeline take purchases and make a checkpoint.
func (s *shop) runs(store checkpoint.Store, orders ...purchase) outcome {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	from := make(chan purchase)
	p, o := s.pipeline(source.Chan(from))
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, stream.Shards(2), stream.Checkpoints(store, time.Hour)) }()
	for _, v := range orders {
		select {
		case from <- v:
		case err := <-ended:
			require.NoError(s.t, err, "the run has ended")
		}
	}
	_, err := p.Savepoint(ctx, "before")
	require.NoError(s.t, err)
	cancel()
	require.ErrorIs(s.t, <-ended, context.Canceled)
	return o
}

// search returns the files in which a word stands.
func search(t *testing.T, dir, word string) (found []string, files int) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		require.NoError(t, err)
		if !d.IsDir() {
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			files++
			if bytes.Contains(b, []byte(word)) {
				found = append(found, path)
			}
		}
		return nil
	}))
	return found, files
}

func names(all []purchase) (names []string) {
	for _, p := range all {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return names
}

// opened returns what can be read of purchases that were stored, and how many are forgotten.
func (s *shop) opened(all []purchase) (names []string, forgotten int) {
	s.t.Helper()
	for _, v := range all {
		v, err := s.policy.Open(s.t.Context(), v)
		if err != nil {
			require.ErrorIs(s.t, err, shred.ErrForgotten)
			require.Empty(s.t, v.Name)
			forgotten++
			continue
		}
		names = append(names, v.Name)
	}
	return names, forgotten
}

// inFiles reads what a file system and a database have.
func (s *shop) inFiles() (files, rows []purchase) {
	s.t.Helper()
	paths, err := filepath.Glob(filepath.Join(s.dir, "results", "*")) // some are not finished
	require.NoError(s.t, err)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(s.t, err)
		for line := range strings.Lines(string(text)) {
			if !strings.HasPrefix(line, `{"Customer"`) { // of what the sink notes for itself
				continue
			}
			var v purchase
			require.NoError(s.t, json.Unmarshal([]byte(line), &v))
			files = append(files, v)
		}
	}
	found, err := s.db.Query("SELECT customer, name FROM orders ORDER BY customer")
	require.NoError(s.t, err)
	defer found.Close()
	for found.Next() {
		var v purchase
		require.NoError(s.t, found.Scan(&v.Customer, &v.Name))
		rows = append(rows, v)
	}
	require.NoError(s.t, found.Err())
	return files, rows
}

// A person is forgotten in state, files, a database and a backup that was made before, and others are not; what comes of
// them later, or again, is dropped.
func TestForgottenEverywhere(t *testing.T) {
	s := newShop(t)
	store := checkpoint.Dir(filepath.Join(s.dir, "checkpoints"))
	o := s.runs(store, purchase{1, "Ada Lovelace", 1}, purchase{2, "Grace Hopper", 1})
	require.Equal(t, []string{"Ada Lovelace", "Ada Lovelace", "Grace Hopper"}, names(o.open.Values()))
	backup := checkpoint.Dir(filepath.Join(s.dir, "backup"))
	_, err := checkpoint.Copy(store, backup, 0)
	require.NoError(t, err)
	_, err = s.db.Exec("VACUUM INTO ?", filepath.Join(s.dir, "backup.db"))
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(filepath.Join(s.dir, "backup-results"), os.DirFS(filepath.Join(s.dir, "results"))))

	found, files := search(t, s.dir, "Lovelace")
	require.Empty(t, found)
	require.Greater(t, files, 8)
	if found, _ := search(t, s.dir, "shred1."); len(found) < 5 {
		t.Errorf("ciphertext is in %q only", found)
	}

	require.NoError(t, s.persons.Forget(t.Context(), "1"))
	inFiles, rows := s.inFiles()
	for _, stored := range [][]purchase{inFiles, rows} {
		require.Len(t, stored, 2)
		names, forgotten := s.opened(stored)
		require.Equal(t, []string{"Grace Hopper"}, names)
		require.Equal(t, 1, forgotten)
	}

	// The run goes on, and another one from the backup with its database.
	more := []purchase{{1, "Ada Lovelace", 1}, {2, "Grace Hopper", 1}}
	o = s.runs(store, more...)
	require.Equal(t, []string{"Grace Hopper", "Grace Hopper"}, names(o.open.Values()))
	require.Equal(t, []purchase{{1, "", 1}}, o.forgotten.Values(), "the one in state; the new one was dropped before")
	old := &shop{t: t, dir: t.TempDir(), policy: s.policy, persons: s.persons}
	copied, err := os.ReadFile(filepath.Join(s.dir, "backup.db"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(old.dir, "shop.db"), copied, 0o600))
	require.NoError(t, os.CopyFS(filepath.Join(old.dir, "results"), os.DirFS(filepath.Join(s.dir, "backup-results"))))
	old.db, err = sql.Open("sqlite", filepath.Join(old.dir, "shop.db"))
	require.NoError(t, err)
	old.db.SetMaxOpenConns(1)
	defer old.db.Close()
	o = old.runs(backup, more...)
	require.Equal(t, []string{"Grace Hopper", "Grace Hopper"}, names(o.open.Values()))
	require.Equal(t, []purchase{{1, "", 1}}, o.forgotten.Values())
	inFiles, rows = old.inFiles()
	for _, stored := range [][]purchase{inFiles, rows} {
		visible, forgotten := s.opened(stored)
		require.Equal(t, []string{"Grace Hopper", "Grace Hopper"}, visible)
		require.Equal(t, 1, forgotten)
	}

	// A replay of all that the source still has in the clear.
	again := newShop(t)
	again.persons, again.policy = s.persons, s.policy
	o = again.runs(checkpoint.Memory(), purchase{1, "Ada Lovelace", 1}, purchase{2, "Grace Hopper", 1})
	require.Equal(t, []string{"Grace Hopper"}, names(o.open.Values()))
	inFiles, rows = again.inFiles()
	require.Len(t, inFiles, 1)
	require.Len(t, rows, 1)
	for _, dir := range []string{s.dir, old.dir, again.dir} {
		found, _ := search(t, dir, "Lovelace")
		require.Empty(t, found)
	}
}

// A keeper that is away ends a run, whatever its options, or has it wait, or begin again. Nothing is written in the clear, and nothing is lost.
func TestRunWithoutItsKeeper(t *testing.T) {
	for _, restarts := range []int{0, 2} {
		m := newMoody()
		m.away = 3
		policy := policyOf[purchase](t, shred.New(m, shred.Patience(0)))
		stored := sink.Collect[purchase]()
		var failures stream.Failures[purchase]
		var letters, log bytes.Buffer
		p := stream.New("shop")
		orders, forgotten := shred.Seal(p.From(source.Slice([]purchase{{1, "Ada Lovelace", 1}, {2, "Grace Hopper", 1}})), policy, stream.Name("seal"), stream.Divert(&failures))
		orders.To(stored)
		forgotten.To(sink.Writer(&letters, codec.JSON[purchase]()))
		failures.Stream().To(sink.Writer(&letters, codec.JSON[stream.Failed[purchase]]()))
		err := p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Hour), stream.Restarts(restarts, time.Millisecond), stream.Logger(slog.New(slog.NewTextHandler(&log, nil))))
		require.ErrorIs(t, err, checkpoint.ErrKeysAway)
		var of *stream.OperatorError
		require.ErrorAs(t, err, &of)
		require.Equal(t, "seal", of.Operator)
		require.Empty(t, stored.Values())
		require.Empty(t, letters.String())
		require.NotContains(t, log.String()+err.Error(), "Lovelace")
		require.Len(t, m.asked, 1+restarts)
	}

	m := newMoody()
	m.away = 3
	policy := policyOf[purchase](t, shred.New(m, shred.Patience(0)))
	stored := sink.Collect[purchase]()
	p := stream.New("shop")
	orders, _ := shred.Seal(p.From(source.Slice([]purchase{{1, "Ada Lovelace", 1}, {2, "Grace Hopper", 1}})), policy)
	orders.To(stored)
	require.NoError(t, p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Hour), stream.Restarts(3, time.Millisecond)))
	require.Len(t, stored.Values(), 2)
	require.NotContains(t, fmt.Sprint(stored.Values()), "Lovelace")
}

// A value of nobody's fails as an event does, and one that was changed.
func TestFailures(t *testing.T) {
	policy := policyOf[purchase](t, persons(t))
	run := func(opts ...stream.Option) (*stream.Pipeline, *sink.Collector[purchase], error) {
		stored := sink.Collect[purchase]()
		p := stream.New("shop")
		orders, _ := shred.Seal(p.From(source.Slice([]purchase{{1, "Ada Lovelace", 1}, {0, "Nobody Inparticular", 2}, {2, "Grace Hopper", 3}})), policy, append(opts, stream.Name("seal"))...)
		orders.To(stored)
		return p, stored, p.Run(t.Context(), stream.Shards(1))
	}
	_, _, err := run()
	require.ErrorIs(t, err, shred.ErrNobody)
	require.NotContains(t, err.Error(), "Inparticular")
	p, stored, err := run(stream.SkipFailures())
	require.NoError(t, err)
	require.Len(t, stored.Values(), 2)
	stats, _ := p.Stats().Operator("seal")
	require.EqualValues(t, 1, stats.Failed)

	all := stored.Values()
	all[0].Name = all[1].Name
	opened := sink.Collect[purchase]()
	var bad stream.Failures[purchase]
	p = stream.New("shop")
	open, _ := shred.Open(p.From(source.Slice(all)), policy, stream.Divert(&bad))
	open.To(opened)
	failed := sink.Collect[stream.Failed[purchase]]()
	bad.Stream().To(failed)
	require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
	require.Equal(t, []string{"Grace Hopper"}, names(opened.Values()))
	require.Len(t, failed.Values(), 1)
	require.ErrorIs(t, failed.Values()[0].Err, shred.ErrDamaged)
	require.Panics(t, func() { shred.Seal(stream.New("x").From(source.Slice(all)), nil) })
}

// Events keep their order, their times and their lateness, and many persons at once are asked for once.
func TestOrder(t *testing.T) {
	m := newMoody()
	all := shred.New(m)
	policy := policyOf[purchase](t, all)
	var want []purchase
	for i := range 5000 {
		want = append(want, purchase{1 + i%700, fmt.Sprint("name ", i), i})
	}
	var got []stream.Event[purchase]
	p := stream.New("shop")
	orders, _ := shred.Seal(p.From(source.Slice(want)).EventTime(func(p purchase) time.Time { return time.Unix(int64(p.Day), 0) }), policy)
	open, _ := shred.Open(orders, policy)
	open.To(sink.Func(func(_ context.Context, e stream.Event[purchase]) error {
		got = append(got, e)
		return nil
	}))
	require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
	require.Len(t, got, len(want))
	for i, e := range got {
		require.Equal(t, want[i], e.Value)
		require.Equal(t, time.Unix(int64(i), 0).UTC(), e.Time.Std())
	}
	require.LessOrEqual(t, all.Asked(), int64(10))
}
